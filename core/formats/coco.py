"""COCO person keypoints, and the data sets in its format (cocodataset.org/#format-data).

| keypoints a person | of |
| --- | --- |
| 17 | COCO: `annotations/person_keypoints_*.json` |
| 17, and foot_kpts, face_kpts, lefthand_kpts, righthand_kpts | COCO-WholeBody |
| 14 | CrowdPose |
| 26, 136 | Halpe-FullBody |
| any, with smpl_param and cam_param as NeuralAnnot's | DiffAnnot's own, NeuralAnnot's of 3DPW |
| any, named by `categories[].keypoints` | tools that export COCO, CVAT for one |
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from core.errors import InvalidAnnotation, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.formats.labels import labelled, place_of
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.smpl_param import theta_of
from core.keypoints import CONVENTIONS

CONFIDENCE = np.array([0.0, 0.5, 1.0], dtype=np.float32)
"""By COCO's visibility: not labelled, labelled but hidden, visible."""

PIXEL_CENTRE = 0.5
"""COCO's keypoints are pixel indices; ours count from the corner of the top-left pixel."""

BY_COUNT = {
    len(CONVENTIONS[name]): name
    for name in ("coco", "crowdpose", "halpe_26", "coco_wholebody", "halpe")
}
SCORED = ("halpe", "halpe_26", "coco_wholebody")
"""Their third number is a score, or a visibility; the others' only a visibility."""
WHOLE_BODY = ("foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")

Parse = Callable[[Any], Keypoints2D | None]


def recognises(file: Opened) -> bool:
    """Whether a file is a json in COCO's format with keypoints of persons.

    Raises
    ------
    UnreadableInput
        It is a torn json.
    """
    if file.kind != "json" or not {"images", "annotations"} <= file.names:
        return False
    data = file.value
    people = data["annotations"]
    if not isinstance(people, list) or not isinstance(data["images"], list):
        return False
    named = _categories(data)
    for person in people:
        if isinstance(person, dict) and isinstance(person.get("keypoints"), list):
            count = len(person["keypoints"]) // 3
            if 3 * count == len(person["keypoints"]) and (
                count in BY_COUNT or count == len(named.get(person.get("category_id"), ()))
            ):
                return True
    return False


def read(file: Opened, pictures: Pictures, parse: Parse | None = None) -> Iterator[Item]:
    """Read boxes and keypoints of every person; crowds are left out.

    Parameters
    ----------
    file : Opened
        The json.
    pictures : Pictures
        Where they are.
    parse : callable or None
        Reads a person's `keypoints` where they are to be read in another way.

    Raises
    ------
    UnreadableInput
        The file is no COCO keypoints json.
    """
    data = file.value
    try:
        files = {image["id"]: str(image["file_name"]) for image in data["images"]}
        people = list(data["annotations"])
        names = _categories(data)
    except (KeyError, TypeError) as error:
        raise UnreadableInput(f"{file.path} is not a COCO keypoints file: {error}") from error

    def record(name: str, person: Any) -> Record | None:
        if person.get("iscrowd"):
            return None
        if parse is not None:
            keypoints = parse(person.get("keypoints"))
        else:
            keypoints = _keypoints(person, names.get(person.get("category_id"), ()))
        box = box_of(person["bbox"])
        if person["image_id"] not in files:
            raise InvalidAnnotation(f"there is no image {person['image_id']}")
        track = None if person.get("track_id") is None else str(person["track_id"])
        image = pictures.find(files[person["image_id"]])
        if "smpl_param" not in person:
            return Record(name, image, box, keypoints, track=track)
        theta1, placed = theta_of(person, pictures.size(image))
        return Record(name, image, box, keypoints, theta1, placed, track)

    for number, person in enumerate(people):
        name = f"annotation {person.get('id', number) if isinstance(person, dict) else number}"
        yield from one(name, partial(record, name, person))


def box_of(numbers: Any) -> Box:
    """Return the box of COCO's x, y, width, height.

    Raises
    ------
    InvalidAnnotation
        It is none.
    """
    corner = np.array(numbers, dtype=np.float64)
    if corner.shape != (4,):
        raise InvalidAnnotation("its bbox is not x, y, width and height")
    return Box(*corner.tolist())


def keypoints_of(numbers: Any, convention: str, names: tuple[str, ...] = ()) -> Keypoints2D | None:
    """Return keypoints from COCO's flat x, y, visibility; None where none is marked.

    Raises
    ------
    InvalidAnnotation
        They are not as many as the convention has, or a visibility is none.
    """
    table = np.array(numbers, dtype=np.float32)
    size = len(names or CONVENTIONS[convention])
    if table.size != 3 * size:
        raise InvalidAnnotation(f"{table.size // 3} keypoints where {convention} has {size}")
    table = table.reshape(-1, 3)
    seen = table[:, 2]
    if np.isin(seen, (0, 1, 2)).all():
        confidence = CONFIDENCE[seen.astype(np.int64)]
    elif convention in SCORED:
        confidence = seen
    else:
        raise InvalidAnnotation("a visibility that is not 0, 1 or 2")
    points = table[:, :2] + PIXEL_CENTRE
    if not names:
        return Keypoints2D(convention, points, confidence)
    return labelled(dict(zip(names, np.column_stack([points, confidence]), strict=True)))


def _keypoints(person: dict[str, Any], names: tuple[str, ...]) -> Keypoints2D | None:
    numbers = person.get("keypoints")
    if not numbers:
        return None
    if all(person.get(part) for part in WHOLE_BODY):
        whole = [number for part in ("keypoints", *WHOLE_BODY) for number in person[part]]
        return keypoints_of(whole, "coco_wholebody")
    count = np.array(numbers, dtype=np.float32).size // 3
    if names and count == len(names) and any(place_of(name) for name in names):
        return keypoints_of(numbers, "keypoints", names)
    return keypoints_of(numbers, BY_COUNT.get(count, "coco"))


def _categories(data: dict[str, Any]) -> dict[Any, tuple[str, ...]]:
    """Return the names of keypoints by category, but where they are those of a known data set."""
    named = {}
    for category in data.get("categories") or ():
        given = category.get("keypoints") if isinstance(category, dict) else None
        if isinstance(given, list) and len(given) not in BY_COUNT:
            named[category.get("id")] = tuple(map(str, given))
    return named
