"""Loose marks of annotation tools, gathered into people."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path

from core.errors import InvalidAnnotation
from core.evidence import Box, box_around
from core.formats.labels import labelled
from core.formats.records import Item, Record, one

Person = tuple[Box | None, list["Mark"]]


@dataclass(frozen=True)
class Mark:
    """One named point: pixels, and 0 (missing) to 1."""

    label: str
    x: float
    y: float
    confidence: float

    @property
    def known(self) -> bool:
        """Whether it is somewhere."""
        return self.confidence > 0 and isfinite(self.x) and isfinite(self.y)


def gathered(boxes: Sequence[Box], marks: Sequence[Mark]) -> list[Person]:
    """Give each mark to the smallest box around it; without boxes all are one person's.

    Marks outside all boxes are one more person.
    """
    groups: list[Person] = [(box, []) for box in boxes]
    loose: list[Mark] = []
    order = sorted(range(len(boxes)), key=lambda index: boxes[index].width * boxes[index].height)
    for mark in marks:
        at = next((index for index in order if _inside(boxes[index], mark)), None)
        (loose if at is None else groups[at][1]).append(mark)
    return groups + ([(None, loose)] if loose else [])


def read_people(
    name: str, find: Callable[[], Path], people: Callable[[], list[Person]]
) -> Iterator[Item]:
    """Yield the people of one picture; `find` and `people` may raise what `one` turns to words."""
    found: list[Person] = []

    def take() -> None:
        found.extend(people())

    yield from one(name, take)
    for number, (box, marks) in enumerate(found):
        label = f"{name} person {number}"
        yield from one(label, partial(_record, label, find, box, marks))


def _record(label: str, find: Callable[[], Path], box: Box | None, marks: Sequence[Mark]) -> Record:
    """Return a person of marks, in a box of their own where none was drawn.

    Raises
    ------
    InvalidAnnotation
        A point is marked twice, or there is neither a box nor a known point.
    """
    known = [mark for mark in marks if mark.known]
    if len({mark.label for mark in known}) < len(known):
        raise InvalidAnnotation("a point is marked twice: draw a box around each person")
    found = labelled({mark.label: (mark.x, mark.y, mark.confidence) for mark in known})
    if box is None and found is not None:
        box = box_around(found.points[found.confidence > 0])
    if box is None:
        raise InvalidAnnotation("there is neither a box nor two points with known names")
    return Record(label, find(), box, found)


def _inside(box: Box, mark: Mark) -> bool:
    return box.x <= mark.x <= box.x + box.width and box.y <= mark.y <= box.y + box.height
