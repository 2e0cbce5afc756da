"""COCO person keypoints: `annotations/person_keypoints_*.json` (cocodataset.org/#format-data)."""

import json
from collections.abc import Callable, Iterator
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
    """Whether a file is a COCO json with 17 keypoints a person.

    Raises
    ------
    UnreadableInput
        It is called .json and is none.
    """
    if path.suffix.lower() != ".json":
        return False
    data = _load(path)
    people = data.get("annotations") if isinstance(data, dict) else None
    if not isinstance(people, list):
        return False
    keypoints = [person.get("keypoints") for person in people if isinstance(person, dict)]
    return any(isinstance(each, list) and len(each) == 3 * len(COCO) for each in keypoints)


def read(
    path: Path,
    images: Path | None = None,
    parse: Callable[[Any], Keypoints2D | None] | None = None,
) -> Iterator[Record | Failure]:
    """Read boxes and keypoints of every person; crowds are left out.

    Parameters
    ----------
    path : Path
        The json.
    images : Path or None
        Folder of the pictures; None means the folder of the json.
    parse : callable or None
        Reads a person's `keypoints` where they are not COCO's 17: other data sets use the format.

    Raises
    ------
    UnreadableInput
        The file is no COCO keypoints json.
    """
    parse = parse or _keypoints
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
                keypoints, box = parse(person.get("keypoints")), _box(person["bbox"])
                if person["image_id"] not in files:
                    raise InvalidAnnotation(f"there is no image {person['image_id']}")
                yield Record(name, files[person["image_id"]], box, keypoints)
        except InvalidAnnotation as error:
            yield Failure(name, str(error))
        except KeyError as error:
            yield Failure(name, f"it has no {error}")
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            yield Failure(name, f"it is none of COCO's: {error}")


def _keypoints(numbers: Any) -> Keypoints2D | None:
    if not numbers:
        return None
    table = np.array(numbers, dtype=np.float32)
    if table.size != 3 * len(COCO):
        raise InvalidAnnotation(f"{table.size // 3} keypoints where COCO has {len(COCO)}")
    table = table.reshape(-1, 3)
    if not np.isin(table[:, 2], (0, 1, 2)).all():
        raise InvalidAnnotation("a visibility that is not 0, 1 or 2")
    confidence = CONFIDENCE[table[:, 2].astype(np.int64)]
    return Keypoints2D("coco", table[:, :2] + PIXEL_CENTRE, confidence)


def _box(numbers: Any) -> Box:
    corner = np.array(numbers, dtype=np.float64)
    if corner.shape != (4,):
        raise InvalidAnnotation("its bbox is not x, y, width and height")
    return Box(*corner.tolist())


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableInput(f"{path} cannot be read as json: {error}") from error
