"""The format `pose-lines`: a line of words a person, after a first line that says what it is."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from core.camera import Camera
from core.evidence import Box
from core.formats.export import Export
from core.formats.files import replacing
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.pose import Parameters
from core.pose.parameters import SHAPES

FIRST = "pose-lines 1"


def recognises(file: Opened) -> bool:
    """Look at the first bytes."""
    if file.kind == "folder":
        return False
    with file.path.open("rb") as opened:
        return opened.read(len(FIRST)) == FIRST.encode()


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Yield the persons; a line that is not whole is a failure, the others come in."""
    for number, line in enumerate(file.text.splitlines()[1:], 2):
        name = f"line {number}"
        yield from one(name, partial(_record, name, line, pictures))


def save(export: Export) -> None:
    """Write the persons, all or none."""
    lines = [FIRST]
    for entry in export.entries:
        theta, box = entry.parameters, entry.box
        numbers = [*vars(box).values(), *vars(theta.camera).values()]
        numbers += np.concatenate([getattr(theta, name).ravel() for name in SHAPES]).tolist()
        lines.append("\t".join([entry.image, *map(repr, numbers), "."]))
    with replacing(export.out) as file:
        file.write("\n".join(lines).encode() + b"\n")


def _record(name: str, line: str, pictures: Pictures) -> Record:
    image, *numbers, end = line.split("\t")
    if end != ".":
        raise ValueError("the line is cut short")
    values = np.array(numbers, float)
    focal, cx, cy, across, down = values[4:9]
    parts, place = {}, 9
    for name, shape in SHAPES.items():
        size = int(np.prod(shape))
        parts[name] = values[place : place + size].reshape(shape)
        place += size
    camera = Camera(focal, cx, cy, int(across), int(down))
    theta1 = Parameters(**parts, camera=camera)
    return Record(name, pictures.find(image), Box(*values[:4]), theta1=theta1)
