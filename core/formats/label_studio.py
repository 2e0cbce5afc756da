"""Label Studio's json (labelstud.io, raw JSON format): keypointlabels and rectanglelabels.

A list of tasks: data names the picture, annotations[].result the marks, in percent of the picture.
Marks belong to the rectangle that is their parentID, else to the smallest one around them, else
they are one person. Of several annotations of a task the newest counts.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from core.errors import InvalidAnnotation
from core.evidence import Box
from core.formats.opened import Opened
from core.formats.people import Mark, Person, gathered, read_people
from core.formats.pictures import Pictures
from core.formats.records import Item

POINT, RECTANGLE = "keypointlabels", "rectanglelabels"
UPLOADED = re.compile(r"^[0-9a-f]{8}-")
"""What Label Studio puts before the names of pictures that were uploaded."""


def recognises(file: Opened) -> bool:
    """Whether a file is a json list of tasks with such marks."""
    tasks = file.value if file.kind == "json" and isinstance(file.value, list) else []
    return any(
        isinstance(task, dict)
        and isinstance(task.get("data"), dict)
        and any(mark.get("type") in (POINT, RECTANGLE) for mark in _marks(task))
        for task in tasks
    )


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person of every task."""
    for number, task in enumerate(_list(file.value)):
        name = f"task {task.get('id', number) if isinstance(task, dict) else number}"
        yield from read_people(name, partial(_find, task, pictures), partial(_people, task))


def _find(task: Any, pictures: Pictures) -> Path:
    return pictures.find(_name(task["data"]))


def _people(task: Any) -> list[Person]:
    if not isinstance(task, dict):
        raise InvalidAnnotation("it is no task")
    marks = _marks(task)
    boxes = {str(mark["id"]): _box(mark) for mark in marks if mark.get("type") == RECTANGLE}
    own: dict[str, list[Mark]] = {name: [] for name in boxes}
    loose: list[Mark] = []
    for mark in marks:
        if mark.get("type") == POINT:
            own.get(str(mark.get("parentID")), loose).append(_mark(mark))
    if any(own.values()):
        people: list[Person] = [(boxes[name], own[name]) for name in boxes]
        return people + ([(None, loose)] if loose else [])
    return gathered(list(boxes.values()), loose)


def _marks(task: Any) -> list[dict[str, Any]]:
    annotations = _list(task.get("annotations"))
    last = annotations[-1] if annotations else None
    result = last.get("result") if isinstance(last, dict) else None
    return [mark for mark in _list(result) if isinstance(mark, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mark(mark: dict[str, Any]) -> Mark:
    value, (across, down) = mark["value"], _scale(mark)
    return Mark(str(value[POINT][0]), value["x"] * across, value["y"] * down, 1.0)


def _box(mark: dict[str, Any]) -> Box:
    value, (across, down) = mark["value"], _scale(mark)
    size = value["width"] * across, value["height"] * down
    return Box(value["x"] * across, value["y"] * down, *size)


def _scale(mark: dict[str, Any]) -> tuple[float, float]:
    """Return the pixels of one percent."""
    return float(mark["original_width"]) / 100, float(mark["original_height"]) / 100


def _name(data: dict[str, Any]) -> str:
    """Return the picture's name out of the address that it was served under."""
    for value in data.values():
        address = urlparse(value if isinstance(value, str) else "")
        local = parse_qs(address.query).get("d")  # /data/local-files/?d=folder/picture.jpg
        if local:
            return unquote(local[0])
        path = PurePosixPath(unquote(address.path))
        if path.suffix:
            return UPLOADED.sub("", path.name) if "/upload/" in address.path else str(path)
    raise InvalidAnnotation("its data name no picture")
