"""DiffAnnot's own JSON Lines (`core.formats.jsonl_writer`), one person a line, read back."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from core.camera import Camera
from core.errors import InvalidAnnotation
from core.evidence import Box, Keypoints2D
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.thetas import theta
from core.keypoints import CONVENTIONS


def recognises(file: Opened) -> bool:
    """Whether every line is a person of DiffAnnot's."""
    return file.kind == "jsonl"


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every line.

    Raises
    ------
    UnreadableInput
        It is no text.
    """
    for number, line in enumerate(file.text.splitlines(), 1):
        if line.strip():
            yield from one(f"line {number}", partial(_record, line, f"line {number}", pictures))


def _record(line: str, label: str, pictures: Pictures) -> Record:
    try:
        data: Any = json.loads(line)
    except RecursionError as error:
        raise InvalidAnnotation("it is nested too deep") from error
    image = pictures.find(str(data["image"]))
    given = data["camera"]
    width, height = pictures.size(image)
    focal, cx, cy = (float(given[name]) for name in ("focal", "cx", "cy"))
    camera = Camera(focal, cx, cy, width, height)
    smpl = data["parameters"]
    pose = np.concatenate([[smpl["global_orient"]], smpl["body_pose"]])
    theta1, placed = theta(pose, smpl["betas"], camera, smpl["transl"])
    box = Box(**{name: float(value) for name, value in data["box"].items()})
    keypoints, points = None, data.get("keypoints")
    if points is not None:
        if points["convention"] not in CONVENTIONS:
            raise InvalidAnnotation(f"there is no convention {points['convention']}")
        keypoints = Keypoints2D(
            points["convention"],
            np.array(points["points"], dtype=np.float32),
            np.array(points["confidence"], dtype=np.float32),
        )
    track = None if data.get("track") is None else str(data["track"])
    return Record(label, image, box, keypoints, theta1, placed, track)
