"""GLAMR's pickle (NVlabs/GLAMR, global_recon/run_demo.py): people of a video in one world.

`person_data` by person: smpl_pose (F, 69), smpl_beta (F, 10), smpl_orient_world (F, 3), vis_frames
(F,), kp_2d (F, 26, 2) and kp_2d_score (F, 26), cam_K (F, 3, 3); cam_pose (F, 4, 4) takes the world
to the camera. Frames in which a person was not seen are left out; bodies are placed into the boxes
around kp_2d, which are projected joints and no evidence. Frames are those of the folder, by name.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from core.errors import UnreadableInput
from core.evidence import box_around
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one
from core.formats.thetas import axis_angles, pinhole, theta

PLACED_ANEW = "the place in the world is left out: bodies are placed into their boxes"


def recognises(file: Opened) -> bool:
    """Whether a file is a pickle with GLAMR's people and cameras."""
    return file.kind in ("pickle", "joblib") and {"person_data", "cam_pose"} <= file.names


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every frame in which a person was seen.

    Raises
    ------
    UnreadableInput
        There are no people in it.
    """
    people, cameras = file.value["person_data"], file.value["cam_pose"]
    if not isinstance(people, dict):
        raise UnreadableInput(f"{file.path} does not hold GLAMR's people")
    yield Note(PLACED_ANEW)
    for name, person in people.items():
        for frame in range(len(cameras)):
            label = f"person {name} frame {frame}"
            yield from one(
                label, partial(_record, person, cameras[frame], str(name), frame, label, pictures)
            )


def _record(
    person: Any, pose: Any, track: str, frame: int, label: str, pictures: Pictures
) -> Record | None:
    if not person["vis_frames"][frame]:
        return None
    image = pictures.frame(frame)
    turns = axis_angles(np.concatenate([np.zeros(3), np.ravel(person["smpl_pose"][frame])]))
    world = Rotation.from_rotvec(axis_angles(person["smpl_orient_world"][frame])[0])
    turn = Rotation.from_matrix(np.asarray(pose, dtype=np.float64)[:3, :3])
    turns[0] = (turn * world).as_rotvec()
    intrinsics = np.asarray(person["cam_K"][frame], dtype=np.float64).reshape(3, 3)
    focal, centre = intrinsics[[0, 1], [0, 1]], intrinsics[:2, 2]
    theta1, _ = theta(
        turns, person["smpl_beta"][frame], pinhole(focal, centre, pictures.size(image))
    )
    points = np.asarray(person["kp_2d"][frame], dtype=np.float64).reshape(-1, 2)
    box = box_around(points[np.asarray(person["kp_2d_score"][frame]).ravel() > 0])
    return Record(label, image, box, None, theta1, placed=False, track=track)
