"""Keypoints by the names that people and tools give them: `Left Hip`, `l_hip`, `LHip`, `hip_l`."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.evidence import Keypoints2D
from core.formats.human_data_names import HUMAN_DATA
from core.keypoints import COCO

_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_PARTS = {
    "hip": "hip_extra", "ankle": "ankle", "knee": "knee", "wrist": "wrist", "elbow": "elbow",
    "shoulder": "shoulder", "eye": "eye", "ear": "ear", "sho": "shoulder", "elb": "elbow",
    "wri": "wrist", "ank": "ankle", "bigtoe": "bigtoe", "smalltoe": "smalltoe", "heel": "heel",
}  # fmt: skip
_MIDDLE = {
    "nose": "nose", "neck": "neck_extra", "head": "headtop", "headtop": "headtop",
    "tophead": "headtop", "topofhead": "headtop", "pelvis": "pelvis_extra", "hip": "pelvis_extra",
    "midhip": "pelvis_extra", "thorax": "thorax_extra", "spine": "spine_extra",
}  # fmt: skip


@cache
def place_of(label: str) -> str | None:
    """Return the keypoint of `HUMAN_DATA` that a label means, or None."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", label.strip()).lower())
    joined = "".join(words)
    if joined in _MIDDLE:
        return _MIDDLE[joined]
    sides = [word for word in words if word in _SIDES]
    rest = "".join(word for word in words if word not in _SIDES)
    if len(sides) == 1 and rest in _PARTS:
        return f"{_SIDES[sides[0]]}_{_PARTS[rest]}"
    if joined[:1] in _SIDES and joined[1:] in _PARTS:  # LHip
        return f"{_SIDES[joined[0]]}_{_PARTS[joined[1:]]}"
    return label if label in HUMAN_DATA else None


def labelled(points: Mapping[str, ArrayLike]) -> Keypoints2D | None:
    """Make keypoints of labels, each with x, y in pixels and confidence.

    Returns
    -------
    Keypoints2D or None
        COCO's 17 where they hold all that is known, else the 190 of HumanData; None where no label
        is known.
    """
    known: dict[str, Any] = {}
    for label, numbers in points.items():
        place = place_of(label)
        if place is not None:
            known[place] = numbers
    if not known:
        return None
    names = COCO if known.keys() <= set(COCO) else HUMAN_DATA
    table = np.zeros((len(names), 3), dtype=np.float32)
    for place, numbers in known.items():
        table[names.index(place)] = np.asarray(numbers, dtype=np.float32)
    return Keypoints2D("coco" if names is COCO else "human_data", table[:, :2], table[:, 2])
