"""The mesh from several views: rough above, refined below."""

from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.figures import Style
from core.figures.page import Page, pixels
from core.figures.studio import REFINED, ROUGH, Section, Studio
from core.figures.subject import Subject
from core.progress import Progress
from core.render import orbit

WIDTH = 174.0
MOST = 1

VIEWS = {
    "Camera": (0.0, 0.0),
    "From the right": (np.pi / 2, 0.0),
    "From behind": (np.pi, 0.0),
    "From the left": (-np.pi / 2, 0.0),
    "From above": (0.0, np.pi / 2),
}
"""Yaw and pitch of `core.render.orbit`; sides are those of the picture."""

FAR = 12.0
"""Metres to the eye: so far away that lines stay nearly parallel."""
LENS = Camera(1000.0, 0.0, 0.0, 1, 1)
HIGHEST = 0.36
"""A row's height over the page's width, at most."""
MARGIN = 0.02
GUTTER, HEAD, GAP = pixels(4.5), pixels(4.5), pixels(1.2)


def draw(
    subjects: Sequence[Subject], studio: Studio, style: Style
) -> Generator[Progress, None, Page]:
    """Draw Θ1 and the refined annotation, all of one scale, each about its own pelvis."""
    subject = subjects[0]
    rows = (("Rough", subject.rough, ROUGH), ("Refined", subject.refined, REFINED))
    bodies = [studio.body.pose(parameters) for _, parameters, _ in rows]
    views = [
        [orbit(points[0], *angles, distance=FAR) for angles in VIEWS.values()]
        for _, points in bodies
    ]
    both = list(zip(bodies, views, strict=True))
    sections = [
        Section.around(
            np.concatenate([_seen(body[0], view[column]) for body, view in both]), MARGIN
        )
        for column in range(len(VIEWS))
    ]
    width = pixels(style.width or WIDTH)
    room = width - GUTTER - (len(VIEWS) - 1) * GAP
    breadth, tallest = (
        sum(section.width for section in sections),
        max(section.height for section in sections),
    )
    scale = min(room / breadth, HIGHEST * width / tallest)
    gap = GAP + (room - breadth * scale) / (len(VIEWS) - 1)
    height = round(tallest * scale)
    page = Page(width, HEAD + 2 * height + GAP)
    left = float(GUTTER)
    for column, (name, section) in enumerate(zip(VIEWS, sections, strict=True)):
        yield Progress(column, len(VIEWS), name.lower())
        size = int(section.width * scale), height
        page.words(name, left + size[0] / 2, HEAD / 2, size[0] + gap / 2)
        seen = section.shaped(size[1] / size[0])
        for row, (_, _, colour) in enumerate(rows):
            view = views[row][column]
            tile = studio.over(None, bodies[row][0], LENS, seen, size, colour, view)
            page.picture(tile, round(left), HEAD + row * (height + GAP))
        left += section.width * scale + gap
    for row, (name, _, _) in enumerate(rows):
        middle = HEAD + row * (height + GAP) + height / 2
        page.words(name, GUTTER / 2, middle, height, rotation=90)
    return page


def _seen(vertices: NDArray[np.float32], view: NDArray[np.float64]) -> NDArray[np.floating]:
    return LENS.project(vertices @ view[:3, :3].T + view[:3, 3])
