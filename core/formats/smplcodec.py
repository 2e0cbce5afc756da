"""Meshcapade's `.smpl`: a motion as a flat npz of numbers (PyPI `smplcodec` 2.3, `codec.py`).

bodyPose is (F, 24, 3) of SMPL, (F, 22, 3) of SMPL-H and SMPL-X; shapeParameters (B,);
bodyTranslation (F, 3); y is up. It holds no pictures: its frames are those of the folder, in the
order of their names.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy.spatial.transform import Rotation

from core.camera import Camera
from core.errors import UnreadableInput
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one
from core.formats.thetas import HANDS, SHAPE, axis_angles, body, theta

SMPL, SMPLX = 0, 2
KINDS = {0: 24, 1: 22, 2: 22}
"""Joints of bodyPose, by smplVersion."""
TURN = Rotation.from_rotvec([np.pi, 0, 0])
"""From y up to the camera's y down."""


def recognises(file: Opened) -> bool:
    """Whether a file is an npz with smplcodec's names."""
    return file.kind == "npz" and {"smplVersion", "bodyPose"} <= file.names


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every frame.

    Raises
    ------
    UnreadableInput
        It is torn, or of a body that SMPL has nothing in common with.
    """
    data = file.arrays(("smplVersion", "bodyPose", "shapeParameters"))
    try:
        version = int(data["smplVersion"])
        poses = np.asarray(data["bodyPose"], dtype=np.float64)
        poses = poses.reshape(len(poses), KINDS[version], 3)
        betas = None if version == SMPLX else data.get("shapeParameters")
    except (LookupError, TypeError, ValueError) as error:
        raise UnreadableInput(f"{file.path} does not hold a motion of SMPL's: {error}") from error
    if version != SMPL:
        yield Note(HANDS)
    if version == SMPLX:
        yield Note(SHAPE)

    def record(frame: int, label: str) -> Record:
        image = pictures.frame(frame)
        pose = body(axis_angles(poses[frame]))
        pose[0] = (TURN * Rotation.from_rotvec(pose[0])).as_rotvec()
        theta1, _ = theta(pose, betas, Camera.assumed(*pictures.size(image)))
        return Record(label, image, None, None, theta1, placed=False, track=file.path.stem)

    for frame in range(len(poses)):
        yield from one(f"frame {frame}", partial(record, frame, f"frame {frame}"))
