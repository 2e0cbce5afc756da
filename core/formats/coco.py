"""COCO person keypoints: `annotations/person_keypoints_*.json` (cocodataset.org/#format-data)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InvalidAnnotation, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.formats.records import Failure, Record
from core.keypoints import COCO

CONFIDENCE = np.array([0.0, 0.5, 1.0], dtype=np.float32)
"""By COCO's visibility: not labelled, labelled but hidden, visible."""

PIXEL_CENTRE = 0.5
"""COCO's keypoints are pixel indices; ours count from the corner of the top-left pixel."""


def recognises(path: Path) -> bool:
    """Whether a file is a COCO json with 17 keypoints a person."""
    if path.suffix.lower() != ".json":
        return False
    try:
        people = _load(path)["annotations"]
        lengths = {len(person["keypoints"]) for person in people if "keypoints" in person}
        return 3 * len(COCO) in lengths
    except (UnreadableInput, KeyError, TypeError):
        return False


def read(path: Path, images: Path | None = None) -> Iterator[Record | Failure]:
    """Read boxes and keypoints of every person; crowds are left out.

    Parameters
    ----------
    path : Path
        The json.
    images : Path or None
        Folder of the pictures; None means the folder of the json.

    Raises
    ------
    UnreadableInput
        The file is no COCO keypoints json.
    """
    data = _load(path)
    folder = images or path.parent
    try:
        files = {image["id"]: folder / image["file_name"] for image in data["images"]}
        people = list(data["annotations"])
    except (KeyError, TypeError) as error:
        raise UnreadableInput(f"{path} is not a COCO keypoints file: {error}") from error
    for number, person in enumerate(people):
        name = f"annotation {person.get('id', number) if isinstance(person, dict) else number}"
        try:
            if not person.get("iscrowd"):
                keypoints = _keypoints(person.get("keypoints"))
                yield Record(name, files[person["image_id"]], Box(*person["bbox"]), keypoints)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidAnnotation) as error:
            yield Failure(name, f"{type(error).__name__}: {error}")


def _keypoints(numbers: Any) -> Keypoints2D | None:
    if not numbers:
        return None
    table = np.array(numbers, dtype=np.float32)
    if table.size != 3 * len(COCO):
        raise InvalidAnnotation(f"{table.size // 3} keypoints where COCO has {len(COCO)}")
    table = table.reshape(-1, 3)
    visibility = table[:, 2].astype(np.int64)
    if ((visibility < 0) | (visibility > 2)).any():
        raise InvalidAnnotation("a visibility that is not 0, 1 or 2")
    return Keypoints2D("coco", table[:, :2] + PIXEL_CENTRE, CONFIDENCE[visibility])


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableInput(f"{path} cannot be read as json: {error}") from error
