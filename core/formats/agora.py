"""AGORA's predictions (pixelite1201/agora_evaluation, prediction_format.md): a pickle a person.

`<picture>_personId_<number>.pkl`, or a folder of them, has params: global_orient, body_pose, betas,
perhaps transl, in vectors or, with pose2rot False, matrices; joints (24, 2) in pixels of a picture
3840 wide. Which camera transl belongs to is not said: bodies are placed into the box of the joints.
AGORA's ground truth, pandas' pickled tables, is not read.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from core.camera import Camera
from core.errors import DiffAnnotError
from core.evidence import box_around
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Note, Record, one
from core.formats.thetas import HANDS, SHAPE, axis_angles, body, theta

NAME = re.compile(r"(.+)_personId_(\d+)\.pkl")
NEEDED = {"params", "joints"}
WIDTH = 3840
FOCAL = {"hdri": 50, "cam0": 18}
"""Millimetres of focal length by what the picture's name holds, on a sensor 36 wide; else 28."""


def recognises(file: Opened) -> bool:
    """Whether a file is such a pickle, or a folder of them."""
    if file.kind == "folder":
        first = next(file.path.glob("*_personId_*.pkl"), None)
        return first is not None and recognises(Opened(first))
    return file.kind == "pickle" and file.names >= NEEDED and bool(NAME.fullmatch(file.path.name))


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person."""
    folder = file.kind == "folder"
    paths = sorted(file.path.glob("*_personId_*.pkl")) if folder else [file.path]
    told = False
    for path in paths:
        try:
            value = Opened(path).value if folder else file.value
        except DiffAnnotError as error:
            yield Failure(path.name, str(error))
            continue
        if _is_smplx(value) and not told:
            told = True
            yield from (Note(HANDS), Note(SHAPE))
        yield from one(path.name, partial(_record, value, path.name, pictures))


def _is_smplx(value: Any) -> bool:
    params = value.get("params") if isinstance(value, dict) else None
    return isinstance(params, dict) and "left_hand_pose" in params


def _record(value: Any, name: str, pictures: Pictures) -> Record:
    found = NAME.fullmatch(name)
    assert found is not None
    image = pictures.stem(found[1])
    width, height = pictures.size(image)
    params, turns = value["params"], 3 if value.get("pose2rot", True) else 9
    parts = [axis_angles(params[part], turns) for part in ("global_orient", "body_pose")]
    millimetres = next((focal for sign, focal in FOCAL.items() if sign in name), 28)
    camera = Camera(millimetres / 36 * width, width / 2, height / 2, width, height)
    betas = None if _is_smplx(value) else params["betas"]
    theta1, _ = theta(body(np.concatenate(parts)), betas, camera)
    joints = np.asarray(value["joints"], dtype=np.float64).reshape(-1, 2) * (width / WIDTH)
    return Record(name, image, box_around(joints), None, theta1, placed=False)
