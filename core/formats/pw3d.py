"""3DPW's sequences (virtualhumans.mpi-inf.mpg.de/3DPW): a pickle each, poses in the world.

| key | of P people in F frames |
| --- | --- |
| poses, trans, betas, genders | P of (F, 72), (F, 3), (10 or more,) and m, f or n |
| jointPositions, poses2d, campose_valid | P of (F, 72), (F, 3, 18), (F,) |
| cam_poses, cam_intrinsics | (F, 4, 4), (3, 3) |
| image_path, box, track | (F,), P of (F, 4), (P,): only DiffAnnot's own |

An npz of the same keys, P as the first axis, is read too; its cam_intrinsics may be (F, 3, 3).
Here poses are turned into each frame's camera. Frames count whose camera was aligned and in which
any 2D point of the person was found, as in mmhuman3d and 3dpw-eval; a box of our own does as well.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.errors import UnreadableInput
from core.evidence import Box, Keypoints2D, box_around
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one
from core.formats.thetas import pinhole, theta

NEEDED = {"poses", "trans", "betas", "cam_poses", "cam_intrinsics", "sequence"}
COUNTED = {"genders", "jointPositions", "poses2d", "campose_valid"}
OURS = {"image_path", "box", "track"}
GENDERS = ("m", "f", "n")


def recognises(file: Opened) -> bool:
    """Whether a file is a pickle of a sequence of 3DPW, or an npz of the same keys."""
    return file.kind in ("pickle", "npz") and file.names >= NEEDED


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read the people of the frames that count.

    The pictures are sought as `<sequence>/image_00000.jpg` in the folder, and in the data set's own
    imageFiles beside sequenceFiles.

    Raises
    ------
    UnreadableInput
        It is no sequence.
    """
    data = file.arrays(NEEDED | COUNTED | OURS) if file.kind == "npz" else file.value
    name = str(data["sequence"])
    own = file.path.absolute().parents[2:3]
    if own and os.path.isdir(own[0] / "imageFiles" / name):  # noqa: PTH112 - never raises
        pictures = Pictures(own[0] / "imageFiles")
    people = people_of(file, data)
    left_out = sum(person.count - len(person.valid) for person in people)
    if left_out:
        yield Note(f"{left_out} frames of a person without an aligned camera or 2D points")
    for number, person in enumerate(people):
        for row, frame in enumerate(person.valid.tolist()):
            label = f"{name} person {number} frame {frame}"
            if data.keys() >= OURS:
                make = partial(_own_record, data, number, person, row, label, pictures)
            else:
                where = f"{name}/{image_name(frame)}", f"{name}/{number}"
                make = partial(_record, person, row, label, *where, pictures)
            yield from one(label, make)


def _own_record(
    data: Mapping[str, Any],
    number: int,
    person: "Person",
    row: int,
    label: str,
    pictures: Pictures,
) -> Record:
    frame = person.valid[row]
    where = str(data["image_path"][frame]), str(data["track"][number]) or None
    made = _record(person, row, label, *where, pictures)
    points = made.keypoints if person.points[row, :, 2].any() else None
    return replace(made, box=Box(*map(float, data["box"][number][frame])), keypoints=points)


def _record(
    person: "Person", row: int, label: str, name: str, track: str | None, pictures: Pictures
) -> Record:
    image = pictures.find(name)
    points = person.points[row]
    keypoints = Keypoints2D("pw3d", points[:, :2], points[:, 2])
    intrinsics = person.intrinsics[row]
    theta1, placed = theta(
        np.concatenate([person.orient[row][None], person.body_pose[row]]),
        person.betas,
        pinhole(intrinsics[[0, 1], [0, 1]], intrinsics[:2, 2], pictures.size(image)),
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
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableInput(f"{file.path} is not a 3DPW sequence: {reason}") from error


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
        Of the model of `gender`: m, f or n, neutral.
    intrinsics : NDArray, shape (V, 3, 3)
        Pixels.
    """

    def __init__(self, data: Mapping[str, Any], number: int) -> None:
        self.count = count = len(data["poses"][number])

        def column(values: Any, *shape: int) -> NDArray[np.float64]:
            return np.asarray(values, dtype=np.float64).reshape(count, *shape)

        points = column(data["poses2d"][number], 3, 18).transpose(0, 2, 1)
        seen = (points[..., 2] > 0).any(axis=1) | (data.keys() >= OURS)
        self.valid = np.flatnonzero((column(data["campose_valid"][number]) > 0) & seen)
        self.points = points[self.valid]
        pose = column(data["poses"][number], 24, 3)[self.valid]
        self.body_pose = pose[:, 1:]
        self.betas = np.asarray(data["betas"][number], dtype=np.float32).ravel()[:10]
        if self.betas.shape != (10,):
            raise ValueError(f"there are {len(self.betas)} betas")
        self.gender = str(data["genders"][number])
        if self.gender not in GENDERS:
            raise ValueError(f"there is no gender {self.gender[:20]!r}")
        intrinsics = np.asarray(data["cam_intrinsics"], dtype=np.float64).reshape(-1, 3, 3)
        self.intrinsics = np.broadcast_to(intrinsics, (count, 3, 3))[self.valid]
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
