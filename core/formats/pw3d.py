"""3DPW's sequences (virtualhumans.mpi-inf.mpg.de/3DPW): a pickle each, poses in the world.

Here they are turned into each frame's camera. Frames count whose camera was aligned and in which
any 2D point of the person was found, as in mmhuman3d and 3dpw-eval.
"""

import os
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.errors import UnreadableInput
from core.evidence import Keypoints2D
from core.formats.boxes import box_around
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one
from core.formats.thetas import pinhole, theta

NEEDED = {"poses", "trans", "betas", "cam_poses", "cam_intrinsics", "sequence"}


def recognises(file: Opened) -> bool:
    """Whether a file is a pickle of a sequence of 3DPW."""
    return file.kind == "pickle" and file.names >= NEEDED


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read the people of the frames that count.

    The pictures are sought as `<sequence>/image_00000.jpg` in the folder, and in the data set's own
    imageFiles beside sequenceFiles.

    Raises
    ------
    UnreadableInput
        It is no sequence.
    """
    name = str(file.value["sequence"])
    own = file.path.absolute().parents[2:3]
    if own and os.path.isdir(own[0] / "imageFiles" / name):  # noqa: PTH112 - never raises
        pictures = Pictures(own[0] / "imageFiles")
    people = people_of(file, file.value)
    left_out = sum(person.count - len(person.valid) for person in people)
    if left_out:
        yield Note(f"{left_out} frames of a person without an aligned camera or 2D points")
    for number, person in enumerate(people):
        for row, frame in enumerate(person.valid.tolist()):
            label = f"{name} person {number} frame {frame}"
            where = f"{name}/{image_name(frame)}", f"{name}/{number}"
            yield from one(label, partial(_record, person, row, label, *where, pictures))


def _record(
    person: "Person", row: int, label: str, name: str, track: str, pictures: Pictures
) -> Record:
    image = pictures.find(name)
    points = person.points[row]
    keypoints = Keypoints2D("pw3d", points[:, :2], points[:, 2])
    focal, centre = person.intrinsics[[0, 1], [0, 1]], person.intrinsics[:2, 2]
    theta1, placed = theta(
        np.concatenate([person.orient[row][None], person.body_pose[row]]),
        person.betas,
        pinhole(focal, centre, pictures.size(image)),
        person.transl[row],
    )
    box = box_around(points[points[:, 2] > 0, :2])
    return Record(label, image, box, keypoints, theta1, placed, track)


def image_name(frame: int) -> str:
    """Return the name of a frame's picture."""
    return f"image_{frame:05}.jpg"


def people_of(file: Opened, data: Any) -> list["Person"]:
    """Return the people of a sequence.

    Raises
    ------
    UnreadableInput
        It is no sequence.
    """
    try:
        return [Person(data, number) for number in range(len(data["poses"]))]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(f"{file.path} is not a 3DPW sequence: {error}") from error


class Person:
    """The valid frames (V) of one person of a sequence of F frames, checked, seen by the camera.

    Attributes
    ----------
    valid : NDArray, shape (V,)
        Numbers of the frames.
    points : NDArray, shape (V, 18, 3)
        Pixels and confidence.
    orient, body_pose : NDArray, shape (V, 3) and (V, 23, 3)
        Axis-angle, camera frame.
    transl, joints : NDArray, shape (V, 3) and (V, 24, 3)
        Metres, camera frame.
    betas : NDArray, shape (10,)
        Of the model of `gender`: m or f.
    intrinsics : NDArray, shape (3, 3)
        Pixels.
    """

    def __init__(self, data: Mapping[str, Any], number: int) -> None:
        self.count = count = len(data["poses"][number])

        def column(values: Any, *shape: int) -> NDArray[np.float64]:
            return np.asarray(values, dtype=np.float64).reshape(count, *shape)

        points = column(data["poses2d"][number], 3, 18).transpose(0, 2, 1)
        seen = (points[..., 2] > 0).any(axis=1)
        self.valid = np.flatnonzero((column(data["campose_valid"][number]) > 0) & seen)
        self.points = points[self.valid]
        pose = column(data["poses"][number], 24, 3)[self.valid]
        self.body_pose = pose[:, 1:]
        self.betas = np.asarray(data["betas"][number], dtype=np.float32).ravel()[:10]
        if self.betas.shape != (10,):
            raise ValueError(f"there are {len(self.betas)} betas")
        self.gender = str(data["genders"][number])
        if self.gender not in ("m", "f"):
            raise ValueError(f"there is no gender {self.gender[:20]!r}")
        self.intrinsics = np.asarray(data["cam_intrinsics"], dtype=np.float64).reshape(3, 3)
        # cameras of frames that are not valid need not be rotations
        cameras = column(data["cam_poses"], 4, 4)[self.valid]
        turn, shift = cameras[:, :3, :3], cameras[:, :3, 3]
        world = column(data["jointPositions"][number], 24, 3)[self.valid]
        self.joints = np.einsum("fij,fkj->fki", turn, world) + shift[:, None]
        # SMPL turns about the pelvis at rest, which is where the posed one is less the translation
        rest = world[:, 0] - column(data["trans"][number], 3)[self.valid]
        self.transl = self.joints[:, 0] - rest
        self.orient = np.zeros((len(self.valid), 3))
        if len(self.valid):
            orient = Rotation.from_matrix(turn) * Rotation.from_rotvec(pose[:, 0])
            self.orient = orient.as_rotvec()
