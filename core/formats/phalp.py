"""PHALP's and 4D-Humans' tracks of a video (brjathu/PHALP, phalp/trackers/PHALP.py).

A dictionary by picture, each with a list a track of tid, bbox (4,) as x, y, width, height, smpl
(global_orient (1, 3, 3), body_pose (23, 3, 3), betas (10,)), camera (3,): where the body stands,
seen by 5000 px of focal length on the picture's square of 256. Tracks that were not seen in a
picture, only guessed (tracked_time above 0), are left out.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from core.camera import Camera
from core.evidence import Box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Record, one
from core.formats.thetas import axis_angles, theta

NEEDED = {"tid", "bbox", "smpl", "camera"}
FOCAL = 5000 / 256
"""As a share of the longer side of the picture."""


def recognises(file: Opened) -> bool:
    """Whether a file is a pickle of dictionaries by picture with PHALP's keys."""
    if file.kind not in ("pickle", "joblib") or not isinstance(file.value, Mapping):
        return False
    frames = [each for each in file.value.values() if isinstance(each, Mapping)]
    return any(each.keys() >= NEEDED for each in frames)


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every track of every picture."""
    for name, frame in file.value.items():
        try:
            tracks = list(frame["tid"])
        except (TypeError, LookupError) as error:
            yield Failure(str(name), f"it has no tracks: {error}")
            continue
        for row, track in enumerate(tracks):
            label = f"{name} track {track}"
            yield from one(label, partial(_record, frame, str(name), row, label, pictures))


def _record(frame: Any, name: str, row: int, label: str, pictures: Pictures) -> Record | None:
    if "tracked_time" in frame and frame["tracked_time"][row] > 0:
        return None
    image = pictures.find(name)
    width, height = pictures.size(image)
    smpl = frame["smpl"][row]
    turns = np.concatenate([np.ravel(smpl["global_orient"]), np.ravel(smpl["body_pose"])])
    camera = Camera(FOCAL * max(width, height), width / 2, height / 2, width, height)
    theta1, placed = theta(axis_angles(turns, 9), smpl["betas"], camera, frame["camera"][row])
    box = Box(*map(float, np.ravel(frame["bbox"][row])[:4]))
    return Record(label, image, box, None, theta1, placed, str(int(frame["tid"][row])))
