"""The denoising strip: steps from left to right, and a close-up of the limb that moves most."""

from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from core.errors import InvalidAnnotation
from core.figures import Style
from core.figures.page import QUIET, SMALL, Page, pixels
from core.figures.studio import ROUGH, Section, Studio, blend, holding
from core.figures.subject import Subject
from core.parts import PART_NAMES, PART_OF_JOINT, TORSO
from core.pose import JOINTS, PARTS
from core.progress import Progress
from core.render import outline

WIDTH = 174.0
MOST = 1

SHOWN = 6
"""Steps, unless others are named."""
NARROWEST, HIGHEST = 1.0, 1.8
"""Height of a tile over its width, at least and at most."""
OUTER = 3
"""Joints of a limb that the close-up shows: from the elbow or the knee on."""
CLOSE_MARGIN = 0.15
HEAD, GAP, BETWEEN = pixels(4.2), pixels(0.8), pixels(5.0)
EDGE = 4
"""Pixels: breadth of the line that shows where the limb was."""
EDGE_COLOUR = (213, 94, 0)


def draw(
    subjects: Sequence[Subject], studio: Studio, style: Style
) -> Generator[Progress, None, Page]:
    """Draw the steps, each with its close-up below, where the rough body's edge is drawn in.

    Raises
    ------
    InvalidAnnotation
        A step that is named is not on the way.
    """
    subject = subjects[0]
    steps = chosen_steps(subject, style.steps)
    person, camera = subject.person, subject.rough.camera
    vertices, points = studio.body.pose(subject.way[np.array(steps)])
    limb = limb_that_moves_most(points[0], points[-1])
    close = close_up(studio, vertices, subject, limb)
    whole = holding(camera, list(vertices), person.evidence).with_(close)
    ratio = min(max(whole.height / whole.width, NARROWEST), HIGHEST)
    whole = whole.shaped(ratio).inside(person.width, person.height)
    count, width = len(steps), pixels(style.width or WIDTH)
    across = (width - (count - 1) * GAP) // count
    sizes = (across, round(across * ratio)), (across, across)
    page = Page(width, HEAD + sizes[0][1] + BETWEEN + across)
    below = None if style.alone else person
    for column, step in enumerate(steps):
        yield Progress(column, count, f"step {step}")
        left = column * (across + GAP)
        colour = blend(step / max(subject.last, 1))
        body = vertices[column]
        page.words(_name(subject, step), left + across / 2, HEAD / 2, across)
        page.picture(studio.over(below, body, camera, whole, sizes[0], colour), left, HEAD)
        tile = studio.over(below, body, camera, close, sizes[1], colour)
        if column:
            ghost = studio.over(None, vertices[0], camera, close, sizes[1], ROUGH)
            tile = _edged(tile, ghost)
        page.picture(tile, left, HEAD + sizes[0][1] + BETWEEN)
        _tie(page, whole, close, left, sizes)
    page.words(
        f"Zoom: the {limb}, which moves most, with the outline of the rough annotation",
        width / 2, HEAD + sizes[0][1] + BETWEEN / 2, width, fontsize=SMALL, color=QUIET,
    )  # fmt: skip
    return page


def chosen_steps(subject: Subject, named: Sequence[int]) -> list[int]:
    """Return the steps to show: those named, or even ones from the first to the last of the way."""
    last = subject.last
    if not named:
        return sorted(set(np.linspace(0, last, min(SHOWN, last + 1)).round().astype(int).tolist()))
    for step in named:
        if not 0 <= step <= last:
            raise InvalidAnnotation(
                f"Step {step} is not on the way of {subject.person.row.name}",
                f"Name steps from 0 to {last}",
            )
    return sorted(set(named))


def limb_that_moves_most(rough: NDArray[np.floating], end: NDArray[np.floating]) -> str:
    """Return the arm or leg whose joints move farthest against the pelvis, in the mean.

    Parameters
    ----------
    rough, end : NDArray, shape (24 or more, 3)
        Joints before and after.

    Returns
    -------
    str
        Key of `core.pose.PARTS`.
    """
    count = len(JOINTS)
    moved = np.linalg.norm((end[:count] - end[0]) - (rough[:count] - rough[0]), axis=1)
    means = np.bincount(PART_OF_JOINT, moved) / np.bincount(PART_OF_JOINT)
    means[TORSO] = -1
    return PART_NAMES[int(means.argmax())]


def close_up(studio: Studio, vertices: NDArray[np.float32], subject: Subject, limb: str) -> Section:
    """Return the square of the picture that holds a limb's outer half in all bodies (B, V, 3)."""
    of_limb = np.isin(studio.body.vertex_joint, PARTS[limb][-OUTER:])
    camera, person = subject.rough.camera, subject.person
    seen = camera.project(vertices[:, of_limb])
    return Section.around(seen, CLOSE_MARGIN).shaped(1.0).inside(person.width, person.height)


def _name(subject: Subject, step: int) -> str:
    if step == 0:
        return "Rough"
    refined = step == subject.last and subject.ends_refined
    return f"Refined ({step})" if refined else f"Step {step}"


def _edged(tile: Image.Image, ghost: Image.Image) -> Image.Image:
    """Draw the edge of another body's silhouette over a tile."""
    # padded, or the section of the tile would count as an edge
    wider = np.pad(np.asarray(ghost), ((EDGE, EDGE), (EDGE, EDGE), (0, 0)), "edge")
    edge = Image.fromarray(outline(wider, EDGE)[EDGE:-EDGE, EDGE:-EDGE])
    line = Image.new("RGBA", tile.size, EDGE_COLOUR)
    line.putalpha(edge.filter(ImageFilter.GaussianBlur(0.6)))
    return Image.alpha_composite(tile, line)


def _tie(
    page: Page, whole: Section, close: Section, left: int, sizes: Sequence[tuple[int, int]]
) -> None:
    """Show in the tile what the close-up below it is of."""
    scale = sizes[0][0] / whole.width
    x, y = left + (close.x - whole.x) * scale, HEAD + (close.y - whole.y) * scale
    page.rectangle(x, y, close.width * scale, close.height * scale)
