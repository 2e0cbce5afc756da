"""OpenPose's json, one a picture: `<picture>_keypoints.json`, or a folder (doc/02_output.md)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from core.errors import DiffAnnotError, InvalidAnnotation
from core.evidence import Keypoints2D, box_around
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Record, one

END = "_keypoints.json"
BY_COUNT = {25: "openpose_25", 18: "pw3d"}
"""BODY_25, and OpenPose's COCO model, whose 18 points 3DPW has in the same order."""


def recognises(file: Opened) -> bool:
    """Whether a file is a json with people and their pose_keypoints_2d, or a folder of such."""
    if file.kind == "folder":
        first = next(file.path.glob(f"*{END}"), None)
        return first is not None and recognises(Opened(first))
    people = file.value.get("people") if file.kind == "json" and "people" in file.names else None
    return isinstance(people, list) and (
        "version" in file.names or any("pose_keypoints_2d" in person for person in people)
    )


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person; boxes are drawn around their points."""
    if file.kind != "folder":
        yield from _people(file, pictures)
        return
    for path in sorted(file.path.glob(f"*{END}")):
        try:
            yield from _people(Opened(path), pictures)
        except DiffAnnotError as error:
            yield Failure(path.name, str(error))


def _people(file: Opened, pictures: Pictures) -> Iterator[Item]:
    stem = file.path.name.removesuffix(END).removesuffix(".json")

    def record(label: str, person: Any) -> Record | None:
        table = np.array(person["pose_keypoints_2d"], dtype=np.float32).reshape(-1, 3)
        if len(table) not in BY_COUNT:
            raise InvalidAnnotation(f"{len(table)} keypoints, and OpenPose gives 25 or 18")
        found = Keypoints2D(BY_COUNT[len(table)], table[:, :2], table[:, 2])
        box = box_around(found.points[found.confidence > 0])
        if box is None:
            return None
        number = int(np.asarray(person.get("person_id", -1)).ravel()[0])
        track = str(number) if number >= 0 else None
        return Record(label, pictures.stem(stem), box, found, track=track)

    people = file.value["people"] if "people" in file.names else ()
    for number, person in enumerate(people if isinstance(people, list) else ()):
        label = f"{stem} person {number}"
        yield from one(label, partial(record, label, person))
