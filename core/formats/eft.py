"""EFT's json of fits (facebookresearch/eft, docs/README_dataset.md): `{"ver", "data": [...]}`.

Each has imageName, annotId, subjectId, bbox_center (2,) px, bbox_scale in 200 px, parm_pose
(24, 3, 3), parm_shape (10,), parm_cam (s, x, y) on the crop of 224, gt_keypoint_2d (49, 3).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from core.errors import UnreadableInput
from core.evidence import Keypoints2D
from core.formats.boxes import square_box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.thetas import axis_angles, body, from_crop, theta, width_of

PIXELS = 200


def recognises(file: Opened) -> bool:
    """Whether a file is a json whose data have parm_pose."""
    data = file.value.get("data") if file.kind == "json" and "data" in file.names else None
    return isinstance(data, list) and any(
        isinstance(each, dict) and "parm_pose" in each for each in data
    )


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every fit.

    Raises
    ------
    UnreadableInput
        It is no list of fits.
    """
    data = file.value.get("data") if isinstance(file.value, dict) else None
    if not isinstance(data, list):
        raise UnreadableInput(f"{file.path} does not hold EFT's fits")

    def record(label: str, fit: Any) -> Record:
        image = pictures.find(str(fit["imageName"]))
        centre = np.asarray(fit["bbox_center"], dtype=np.float64)
        side = float(fit["bbox_scale"]) * PIXELS
        camera, transl = from_crop(fit["parm_cam"], centre, side, pictures.size(image))
        pose = body(axis_angles(fit["parm_pose"], width_of(fit["parm_pose"])))
        theta1, placed = theta(pose, fit["parm_shape"], camera, transl)
        keypoints = None
        if fit.get("gt_keypoint_2d"):
            table = np.array(fit["gt_keypoint_2d"], dtype=np.float32).reshape(49, 3)
            keypoints = Keypoints2D("spin", table[:, :2], table[:, 2])
        return Record(label, image, square_box(centre, side), keypoints, theta1, placed)

    for number, fit in enumerate(data):
        label = f"fit {fit.get('annotId', number) if isinstance(fit, dict) else number}"
        yield from one(label, partial(record, label, fit))
