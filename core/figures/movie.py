"""A movie of the denoising: the body over the picture, or turning alone; GIF or MP4 (PyAV)."""

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.camera import Camera
from core.errors import UnreadableInput
from core.figures import Style
from core.figures.studio import Section, Studio, blend, holding
from core.figures.subject import Subject
from core.formats.files import replacing
from core.progress import Progress
from core.render import orbit

MOST = 1

RATE = 20
"""Pictures a second; a GIF counts hundredths."""
FIRST, MOVING, LAST = 14, 66, 40
"""Pictures of the rough annotation, of the steps, and of the refined one."""
HEIGHT = {".mp4": 720, ".gif": 480}
"""Pixels."""
NARROWEST, HIGHEST = 0.75, 1.8
"""Height over width, at least and at most."""
PAPER, INK, HALO = (255, 255, 255), (28, 30, 34), (255, 255, 255)
LETTERS = 0.034
"""Size of the letters, as a share of the height."""
FAR, LENS = 12.0, 1000.0
"""Metres from which a turning body is seen, and the focal length in pixels."""
COLOURS = 255


def write(
    out: Path, subject: Subject, studio: Studio, style: Style, made: dict[str, Any]
) -> Generator[Progress, None, None]:
    """Write the movie; what was there stays until the new one is whole.

    Raises
    ------
    UnreadableInput
        It is to be transparent.
    UnwritableOutput
        The file cannot be written.
    """
    if style.transparent:
        raise UnreadableInput(
            "A movie has no transparent background", "Leave --transparent out, or draw a figure"
        )
    suffix = out.suffix.lower()
    pictures: list[Image.Image] = []
    for number, picture in enumerate(shots(subject, studio, style.alone, HEIGHT[suffix])):
        pictures.append(picture)
        yield Progress(number, FIRST + MOVING + LAST, "drawing")
    comment = json.dumps(made)
    with replacing(out) as file:
        (_write_gif if suffix == ".gif" else _write_mp4)(file, pictures, comment)


def shots(subject: Subject, studio: Studio, alone: bool, height: int) -> Iterator[Image.Image]:
    """Draw the pictures one after another, RGB."""
    steps = _steps(subject.last)
    vertices = studio.vertices(subject.way[np.unique(steps)])
    body_of = dict(zip(np.unique(steps).tolist(), vertices, strict=True))
    if alone:
        camera, section, views = _turning(subject, studio, vertices)
    else:
        camera, views = subject.rough.camera, None
        person = subject.person
        whole = holding(camera, list(vertices), person.evidence)
        ratio = min(max(whole.height / whole.width, NARROWEST), HIGHEST)
        section = whole.shaped(ratio).inside(person.width, person.height)
    size = even(section.width / section.height * height), height
    last: tuple[int, Image.Image] | None = None
    for number, step in enumerate(steps.tolist()):
        if last is None or last[0] != step or views is not None:
            view = None if views is None else views[number]
            colour = blend(step / max(subject.last, 1))
            below = None if alone else subject.person
            drawn = studio.over(below, body_of[step], camera, section, size, colour, view)
            paper = Image.new("RGBA", size, PAPER)
            last = step, _titled(Image.alpha_composite(paper, drawn), _name(subject, step))
        yield last[1]


def even(length: float) -> int:
    """Return the nearest even number, as video has its sides."""
    return max(2, 2 * round(length / 2))


def _steps(last: int) -> NDArray[np.int64]:
    moving = np.linspace(0, last, MOVING).round().astype(np.int64)
    return np.concatenate([np.zeros(FIRST, np.int64), moving, np.full(LAST, last, np.int64)])


def _turning(
    subject: Subject, studio: Studio, vertices: NDArray[np.float32]
) -> tuple[Camera, Section, list[NDArray[np.float64]]]:
    """Return camera and section that hold bodies however they turn, and the views of one turn."""
    pelvis = studio.body.pose(subject.refined)[1][0]
    about = vertices - pelvis
    radius = float(np.hypot(about[..., 0], about[..., 2]).max())
    top, bottom = float(about[..., 1].min()), float(about[..., 1].max())
    corners = np.array([[x, y, FAR - radius] for x in (-radius, radius) for y in (top, bottom)])
    camera = Camera(LENS, 0.0, 0.0, 1, 1)
    yaws = np.linspace(0, 2 * np.pi, FIRST + MOVING + LAST, endpoint=False)
    views = [orbit(pelvis, float(yaw), 0.0, distance=FAR) for yaw in yaws]
    return camera, Section.around(camera.project(corners)), views


def _name(subject: Subject, step: int) -> str:
    if step == 0:
        return "Rough annotation"
    refined = step == subject.last and subject.ends_refined
    return f"Refined (step {step})" if refined else f"Step {step}"


def _titled(picture: Image.Image, words: str) -> Image.Image:
    """Write words into the corner at the top left."""
    pixels = round(picture.height * LETTERS)
    font = ImageFont.load_default(pixels)
    draw = ImageDraw.Draw(picture)
    draw.text((pixels, pixels * 0.7), words, INK, font, stroke_width=2, stroke_fill=HALO)
    return picture.convert("RGB")


def _write_gif(file: IO[bytes], pictures: list[Image.Image], comment: str) -> None:
    """Write a GIF that repeats; each picture has colours of its own, or bodies come out banded."""
    different = {each.tobytes(): each for each in pictures}
    few = {
        key: each.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        for key, each in different.items()
    }
    first, *rest = [few[each.tobytes()] for each in pictures]
    first.save(
        file, "GIF", save_all=True, append_images=rest, duration=1000 // RATE, loop=0,
        comment=comment.encode(), optimize=False,
    )  # fmt: skip


def _write_mp4(file: IO[bytes], pictures: list[Image.Image], comment: str) -> None:
    with av.open(file.name, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["comment"] = comment
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18"})
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture), "rgb24")))
        container.mux(stream.encode())
