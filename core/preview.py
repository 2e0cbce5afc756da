"""A picture per person: the picture, Θ1 over it, the suggested step over it, and side views."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.body.model import BodyModel
from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Box
from core.formats.files import made_folder, replacing
from core.images import read_image
from core.jobs import Job
from core.jobs.report import Tally
from core.pose import Parameters
from core.progress import Progress
from core.project import Person, PersonRow, Project
from core.render import Renderer, RenderRequest, crop, orbit

TILE = (300, 400)
"""Width and height of one view in pixels."""

MARGIN = 0.15
"""Room around the box, as a share of its longer side."""

HEADER = 46
NAME_LENGTH = 60
PAPER, INK, QUIET = (250, 250, 248), (28, 30, 34), (98, 104, 112)
_PAPER_TILE = Image.new("RGB", TILE, PAPER)


def write_previews(project: Project, body: BodyModel, out: Path) -> Job:
    """Write one PNG a person, called `preview_name`, into a folder, made if missing.

    Persons whose picture cannot be read are failures.

    Parameters
    ----------
    project : Project
        Persons without Θ1 get the picture alone.
    body : BodyModel
        Poses the annotations.
    out : Path
        The folder.

    Raises
    ------
    UnwritableOutput
        The folder cannot be made or takes no files.
    """
    made_folder(out)
    rows = project.rows()
    tally = Tally()
    with Renderer() as renderer:
        for number, row in enumerate(rows):
            yield Progress(number, len(rows), f"drawing {row.name}")
            try:
                sheet = draw_preview(project.person(row.id), body, renderer)
            except UnreadableInput as error:
                tally.fail(row.name, error)
                continue
            with replacing(out / preview_name(row)) as file:
                sheet.save(file, "PNG")
            tally.done += 1
    return tally.report()


def preview_name(row: PersonRow) -> str:
    """Return the file name of a person's preview: no two of a project share it."""
    return f"{row.id:05d}_{Path(row.image).stem[:NAME_LENGTH]}.png"


def draw_preview(person: Person, body: BodyModel, renderer: Renderer) -> Image.Image:
    """Draw the row of views of one person, with a line of words above (the font has no Greek)."""
    box = person.evidence.box
    picture = cut(Image.fromarray(read_image(person.image_path, person.image_sha256)), box)
    views = [("picture", picture)]
    for label, parameters in _annotations(person):
        views.append((label, over(picture, box, parameters, body, renderer)))
        views.append((f"{label}, from the side", beside(parameters, body, renderer)))
    return _sheet(person, views)


def cut(picture: Image.Image, box: Box) -> Image.Image:
    """Cut a box with its margin out of a picture, a tile large."""
    x, y, scale = _frame(box)
    corners = (1 / scale, 0, x, 0, 1 / scale, y)
    return picture.transform(
        TILE, Image.Transform.AFFINE, corners, Image.Resampling.BICUBIC, fillcolor=PAPER
    )


def over(
    tile: Image.Image, box: Box, parameters: Parameters, body: BodyModel, renderer: Renderer
) -> Image.Image:
    """Draw a body over the tile that `cut` made."""
    seen = _in_box(parameters.camera, box)
    return _composite(renderer, RenderRequest([body.pose(parameters)[0]], body.faces, seen), tile)


def beside(parameters: Parameters, body: BodyModel, renderer: Renderer) -> Image.Image:
    """Draw a body from the right of the picture onto an empty tile."""
    vertices, points = body.pose(parameters)
    camera, view = _beside(points)
    request = RenderRequest([vertices], body.faces, camera, view=view)
    return _composite(renderer, request, _PAPER_TILE)


def _composite(renderer: Renderer, request: RenderRequest, below: Image.Image) -> Image.Image:
    drawn = Image.fromarray(renderer.render(request).result())
    return Image.alpha_composite(below.convert("RGBA"), drawn).convert("RGB")


def _annotations(person: Person) -> list[tuple[str, Parameters]]:
    if person.theta1 is None:
        return []
    rough = [("rough, step 0", person.theta1)]
    if person.run is None or person.run.suggestion.step == 0:
        return rough
    step = person.run.suggestion.step
    return [*rough, (f"suggested step {step}", person.run.trajectory.steps[step])]


def _frame(box: Box) -> tuple[float, float, float]:
    """Left, top and scale of the tile that shows a box with its margin."""
    scale = min(
        TILE[0] / (box.width + 2 * MARGIN * box.side),
        TILE[1] / (box.height + 2 * MARGIN * box.side),
    )
    x, y = box.centre
    return x - TILE[0] / scale / 2, y - TILE[1] / scale / 2, scale


def _in_box(camera: Camera, box: Box) -> Camera:
    x, y, scale = _frame(box)
    return crop(camera, x, y, TILE[0] / scale, TILE[1] / scale, scale)


def _beside(points: NDArray[np.float32]) -> tuple[Camera, NDArray[np.float64]]:
    """Camera and view from the right of the picture, so far away that lines stay parallel."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    radius = float(np.linalg.norm(points - middle, axis=1).max())
    camera = Camera(0.45 * min(TILE) * 8, TILE[0] / 2, TILE[1] / 2, *TILE)
    return camera, orbit(middle, np.pi / 2, 0.0, distance=8 * radius)


def _sheet(person: Person, views: list[tuple[str, Image.Image]]) -> Image.Image:
    gap = 8
    width = len(views) * (TILE[0] + gap) + gap
    sheet = Image.new("RGB", (max(width, 3 * TILE[0]), TILE[1] + HEADER + 30), PAPER)
    draw = ImageDraw.Draw(sheet)
    row = person.row
    title = f"{Path(row.image).name} · person {row.number}"
    draw.text((gap, 8), title, INK, ImageFont.load_default(17))
    draw.text((gap, 29), _words(person), QUIET, ImageFont.load_default(12))
    for number, (label, view) in enumerate(views):
        left = gap + number * (TILE[0] + gap)
        sheet.paste(view, (left, HEADER))
        draw.text((left, HEADER + TILE[1] + 6), label, INK, ImageFont.load_default(13))
    return sheet


def _words(person: Person) -> str:
    if person.theta1 is None:
        return person.row.note or "no annotation yet"
    return person.run.suggestion.reason if person.run else "not refined yet"
