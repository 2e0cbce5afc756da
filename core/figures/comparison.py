"""The comparison strip: persons side by side, the rough annotation above, the refined below."""

from collections.abc import Generator, Sequence

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
GUTTER, GAP, FOOT = pixels(4.5), pixels(0.8), pixels(4.5)


def draw(
    subjects: Sequence[Subject], studio: Studio, style: Style
) -> Generator[Progress, None, Page]:
    """Draw the picture, Θ1 over it and the refined annotation over it, a column a person."""
    names = ("Rough", "Refined") if style.alone else ("Image", "Rough", "Refined")
    sections = [_frame(subject, studio) for subject in subjects]
    ratio = float(np.median([section.height / section.width for section in sections]))
    ratio = min(max(ratio, NARROWEST), HIGHEST)
    count, width = len(subjects), pixels(style.width or WIDTH)
    across = (width - GUTTER - (count - 1) * GAP) // count
    size = across, round(across * ratio)
    foot = FOOT if count > 1 else 0
    page = Page(width, len(names) * (size[1] + GAP) - GAP + foot)
    for row, name in enumerate(names):
        page.words(name, GUTTER / 2, row * (size[1] + GAP) + size[1] / 2, rotation=90)
    for column, (subject, section) in enumerate(zip(subjects, sections, strict=True)):
        yield Progress(column, count, subject.person.row.name)
        left = GUTTER + column * (across + GAP)
        tiles = _tiles(subject, studio, section.shaped(ratio), size, style)
        for row, tile in enumerate(tiles):
            page.picture(tile, left, row * (size[1] + GAP))
        if foot:
            page.words(f"({chr(ord('a') + column)})", left + across / 2, page.height - foot / 2)
    return page


def _frame(subject: Subject, studio: Studio) -> Section:
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
