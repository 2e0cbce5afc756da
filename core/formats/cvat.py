"""CVAT for images 1.1 (docs.cvat.ai, xml annotation format): xml, or the zip that holds it.

An `image` has skeletons, whose named points are one person; or boxes and single points, which
belong to the smallest box around them, or to one person where there is no box. Points marked
`outside` are missing, `occluded` ones hidden.
"""

import zipfile
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from core.errors import InvalidAnnotation, UnreadableInput
from core.formats.boxes import corners_box
from core.formats.labels import place_of
from core.formats.opened import Opened
from core.formats.people import Mark, Person, gathered, read_people
from core.formats.pictures import Pictures
from core.formats.records import Item

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MEMBER = "annotations.xml"
LARGEST = 1 << 29
"""Bytes of xml."""
HIDDEN, VISIBLE = 0.5, 1.0


def recognises(file: Opened) -> bool:
    """Whether a file is such an xml, or a zip with one."""
    if file.kind == "npz":
        return MEMBER in file.names
    return file.kind == "xml" and "<annotations>" in file.text[:2000]


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person of every image.

    Raises
    ------
    UnreadableInput
        The xml is torn or declares entities.
    """
    for image in _root(file).iter("image"):
        name = image.get("name", "")
        yield from read_people(name, partial(pictures.find, name), partial(_people, image))


def _people(image: "Element") -> list[Person]:
    """Return boxes and marks of the people of an image."""
    skeletons = image.iter("skeleton")
    whole: list[Person] = [
        (None, [_mark(each) for each in one.iter("points")]) for one in skeletons
    ]
    boxes = [
        corners_box([float(each.get(side, "nan")) for side in ("xtl", "ytl", "xbr", "ybr")])
        for each in image.findall("box")
    ]
    loose = [_mark(point) for point in image.findall("points") if place_of(point.get("label", ""))]
    return whole + gathered(boxes, loose)


def _mark(point: "Element") -> Mark:
    x, _, y = point.get("points", "").split(";")[0].partition(",")
    seen = HIDDEN if point.get("occluded") == "1" else VISIBLE
    try:
        where = float(x), float(y)
    except ValueError:
        where = float("nan"), float("nan")
    return Mark(point.get("label", ""), *where, 0 if point.get("outside") == "1" else seen)


def _root(file: Opened) -> "Element":
    from xml.etree import ElementTree

    try:
        text = _unzipped(file) if file.kind == "npz" else file.text
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise InvalidAnnotation("it declares entities, which may unfold without end")
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, InvalidAnnotation, ValueError, OSError) as error:
        raise UnreadableInput(f"{file.path} cannot be read as xml: {error}") from error


def _unzipped(file: Opened) -> str:
    with zipfile.ZipFile(file.path) as archive, archive.open(MEMBER) as member:
        data = member.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InvalidAnnotation(f"it unfolds to more than {LARGEST >> 20} MiB")
    return data.decode()
