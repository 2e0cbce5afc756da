"""AMASS npz (amass.is.tue.mpg.de): a motion of SMPL-H or SMPL-X, z up.

| key | |
| --- | --- |
| poses | (F, 156) SMPL-H, (F, 165) SMPL-X, (F, 72) SMPL; or root_orient and pose_body |
| trans, betas | (F, 3), (10 or more,) |
| image_path, camera, box, rest_pelvis | (F,), (F, 5), (F, 4), (F, 3): only DiffAnnot's own |

AMASS has no pictures: its frames are those of the folder, in the order of their names, and bodies
are placed into the whole picture.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one
from core.formats.thetas import HANDS, SHAPE, axis_angles, body, pinhole, theta

SMPLX_WIDTH = 165
OURS = {"image_path", "camera", "box", "rest_pelvis"}
TURN = Rotation.from_matrix([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From z up to the camera's y down; who faces -y faces the camera."""


def recognises(file: Opened) -> bool:
    """Whether a file is an npz with a motion and no names of pictures that are not ours."""
    posed = "poses" in file.names or {"root_orient", "pose_body"} <= file.names
    return file.kind == "npz" and posed and "trans" in file.names


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every frame.

    Raises
    ------
    UnreadableInput
        It is torn, or its columns do not fit together.
    """
    data = file.arrays(("poses", "root_orient", "pose_body", "trans", "betas", *OURS))
    try:
        poses = np.asarray(
            data["poses"]
            if "poses" in data
            else np.concatenate([data["root_orient"], data["pose_body"]], axis=1),
            dtype=np.float64,
        )
        poses = poses.reshape(len(poses), -1)
        trans = np.asarray(data["trans"], dtype=np.float64).reshape(len(poses), 3)
        smplx = poses.shape[1] == SMPLX_WIDTH
        betas = None if smplx else data.get("betas")
        ours = data.keys() >= OURS
    except (LookupError, TypeError, ValueError) as error:
        raise UnreadableInput(f"{file.path} does not hold a motion: {error}") from error
    if poses.shape[1] > 72:
        yield Note(HANDS)
    if smplx:
        yield Note(SHAPE)

    def record(frame: int, label: str) -> Record:
        pose = body(axis_angles(poses[frame, : 72 if poses.shape[1] == 72 else 66]))
        pose[0] = (TURN * Rotation.from_rotvec(pose[0])).as_rotvec()
        track = file.path.stem
        if not ours:
            image = pictures.frame(frame)
            theta1, _ = theta(pose, betas, Camera.assumed(*pictures.size(image)))
            return Record(label, image, None, None, theta1, placed=False, track=track)
        image = pictures.find(str(data["image_path"][frame]))
        focal, *centre, _, _ = np.asarray(data["camera"][frame], dtype=np.float64)
        transl = carried(trans[frame], data["rest_pelvis"][frame])
        theta1, placed = theta(pose, betas, pinhole(focal, centre, pictures.size(image)), transl)
        box = Box(*map(float, data["box"][frame]))
        return Record(label, image, box, None, theta1, placed, track)

    for frame in range(len(poses)):
        yield from one(f"frame {frame}", partial(record, frame, f"frame {frame}"))


def carried(trans: Any, pelvis: Any, back: bool = False) -> Any:
    """Carry a translation (..., 3) from z up to the camera, or back; bodies turn about the pelvis.

    Parameters
    ----------
    trans : array (..., 3)
        Metres.
    pelvis : array (..., 3)
        Where the pelvis is at rest, metres.
    back : bool
        From the camera to z up.
    """
    rest = np.asarray(pelvis, dtype=np.float64)
    turn = TURN.inv() if back else TURN
    return turn.apply(np.asarray(trans, dtype=np.float64) + rest) - rest
