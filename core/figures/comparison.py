"""The comparison strip: persons side by side, the rough annotation above, the refined below."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.figures import Style
from core.figures.page import Page, pixels
from core.figures.studio import REFINED, ROUGH, Section, Studio, holding
from core.figures.subject import Subject
from core.progress import Progress

WIDTH = 174.0
MOST = 8

NARROWEST, HIGHEST = 1.0, 1.6
"""Height of a tile over its width, at least and at most."""
GUTTER, GAP, STRIP = pixels(4.5), pixels(0.8), pixels(4.5)


def draw(
    subjects: Sequence[Subject], studio: Studio, style: Style
) -> Generator[Progress, None, Page]:
    """Draw the picture, Θ1 over it and the refined annotation over it, a column a person.

    One person or two get a row each, or they would be larger than a page.
    """
    names = ["Rough", "Refined"] if style.alone else ["Image", "Rough", "Refined"]
    sections = [_section(subject, studio) for subject in subjects]
    ratio = float(np.median([section.height / section.width for section in sections]))
    ratio = min(max(ratio, NARROWEST), HIGHEST)
    page, grid = _lay_out(len(subjects), names, ratio, pixels(style.width or WIDTH))
    for number, (subject, section) in enumerate(zip(subjects, sections, strict=True)):
        yield Progress(number, len(subjects), subject.person.row.name)
        tiles = _tiles(subject, studio, section.shaped(ratio), grid.size, style)
        for place, tile in enumerate(tiles):
            page.picture(tile, *grid.corner(number, place))
    return page


@dataclass(frozen=True)
class _Grid:
    """Where the tiles lie: pixels of the page."""

    size: tuple[int, int]
    left: int
    top: int
    turned: bool

    def corner(self, person: int, place: int) -> tuple[int, int]:
        """Return left and top of a tile."""
        row, column = (person, place) if self.turned else (place, person)
        return self.left + column * (self.size[0] + GAP), self.top + row * (self.size[1] + GAP)


def _lay_out(count: int, names: list[str], ratio: float, width: int) -> tuple[Page, _Grid]:
    """Return the page with its words, and where the tiles go."""
    turned = count < len(names)
    letters = [f"({chr(ord('a') + number)})" for number in range(count)] if count > 1 else [""]
    along, beside = (names, letters) if turned else (letters, names)
    gutter, strip = GUTTER if any(beside) else 0, STRIP if any(along) else 0
    across = (width - gutter - (len(along) - 1) * GAP) // len(along)
    size = across, round(across * ratio)
    tall = len(beside) * (size[1] + GAP) - GAP
    page = Page(width, tall + strip)
    grid = _Grid(size, gutter, strip if turned else 0, turned)
    for column, word in enumerate(along):
        middle = gutter + column * (across + GAP) + across / 2
        page.words(word, middle, strip / 2 if turned else tall + strip / 2, across)
    for row, word in enumerate(beside):
        middle = grid.top + row * (size[1] + GAP) + size[1] / 2
        page.words(word, gutter / 2, middle, size[1], rotation=0 if turned else 90)
    return page, grid


def _section(subject: Subject, studio: Studio) -> Section:
    bodies = [studio.vertices(each) for each in (subject.rough, subject.refined)]
    return holding(subject.rough.camera, bodies, subject.person.evidence)


def _tiles(
    subject: Subject, studio: Studio, section: Section, size: tuple[int, int], style: Style
) -> list[Image.Image]:
    person = subject.person
    section = section.inside(person.width, person.height)
    tiles = [] if style.alone else [studio.empty(person, section, size)]
    for parameters, colour in ((subject.rough, ROUGH), (subject.refined, REFINED)):
        below = None if style.alone else person
        vertices = studio.vertices(parameters)
        tiles.append(studio.over(below, vertices, parameters.camera, section, size, colour))
    return tiles
