"""Pictures of bodies for figures: cut out, drawn over or alone, as large as they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.body.model import BodyModel
from core.camera import Camera
from core.evidence import Evidence
from core.images import read_image
from core.pose import Parameters
from core.project import Person
from core.render import Colour, Light, Renderer, RenderRequest, crop

Size = tuple[int, int]

ROUGH: Colour = (240, 178, 122)
REFINED: Colour = (142, 184, 229)
"""Of `core.render.PERSON_COLOURS`; the colour-blind tell them apart."""

LIGHTS = (
    Light((-0.5, -0.7, -0.7), (1.0, 0.98, 0.95), 2.5),
    Light((0.9, -0.1, -0.5), (0.9, 0.95, 1.0), 0.6),
    Light((0.3, -0.6, 0.9), (1.0, 1.0, 1.0), 1.4),
)
"""Key, fill and rim: more shade than the window's, for form in print."""

MARGIN = 0.06
"""Room around bodies, as a share of the longer side of what they fill."""


@dataclass(frozen=True)
class Section:
    """A part of a picture: left, top, width and height in its pixels; it may reach outside."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, points: NDArray[np.floating], margin: float = MARGIN) -> "Section":
        """Return what holds points (..., 2), with room."""
        flat = points.reshape(-1, 2)
        (left, top), (right, bottom) = flat.min(axis=0), flat.max(axis=0)
        room = margin * max(right - left, bottom - top)
        return cls(
            float(left - room),
            float(top - room),
            float(right - left + 2 * room),
            float(bottom - top + 2 * room),
        )

    def with_(self, other: "Section") -> "Section":
        """Return what holds both."""
        left, top = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Section(left, top, right - left, bottom - top)

    def shaped(self, ratio: float) -> "Section":
        """Widen it about its middle, or make it higher, until height is `ratio` times width."""
        width, height = max(self.width, self.height / ratio), max(self.height, self.width * ratio)
        return Section(
            self.x - (width - self.width) / 2, self.y - (height - self.height) / 2, width, height
        )

    def inside(self, width: int, height: int) -> "Section":
        """Move it into a picture, as far as it fits."""
        return Section(
            _moved(self.x, self.width, width),
            _moved(self.y, self.height, height),
            self.width,
            self.height,
        )


def _moved(start: float, length: float, room: int) -> float:
    return (room - length) / 2 if length > room else min(max(start, 0.0), room - length)


class Studio:
    """Poses bodies and draws them.

    Parameters
    ----------
    body : BodyModel
        Poses annotations.
    renderer : Renderer
        Draws them.
    """

    def __init__(self, body: BodyModel, renderer: Renderer) -> None:
        self.body = body
        self._renderer = renderer
        self._photograph: tuple[int, Image.Image] | None = None

    def vertices(self, parameters: Parameters) -> NDArray[np.float32]:
        """Return the vertices (..., V, 3), metres, camera section."""
        return self.body.pose(parameters)[0]

    def photograph(self, person: Person) -> Image.Image:
        """Return the picture a person is in; the last one is kept.

        Raises
        ------
        UnreadableInput
            It is missing, torn, or has changed.
        """
        if self._photograph is None or self._photograph[0] != person.row.image_id:
            pixels = read_image(person.image_path, person.image_sha256)
            self._photograph = person.row.image_id, Image.fromarray(pixels)
        return self._photograph[1]

    def empty(self, person: Person, section: Section, size: Size) -> Image.Image:
        """Return a part of the person's picture without a body."""
        return cut(self.photograph(person), section, size)

    def over(
        self,
        person: Person | None,
        vertices: NDArray[np.float32],
        camera: Camera,
        section: Section,
        size: Size,
        colour: Colour,
        view: NDArray[np.float64] | None = None,
    ) -> Image.Image:
        """Draw a body over a part of the person's picture, or over nothing where none is given.

        Parameters
        ----------
        vertices : NDArray, shape (V, 3)
            Metres, camera section.
        camera : Camera
            Of the whole picture.
        section : Section
            What of it is seen, in the shape of `size`.
        size : (int, int)
            Width and height in pixels.
        view : NDArray, shape (4, 4), or None
            See `RenderRequest`.
        """
        scale = size[0] / section.width
        eye = crop(camera, section.x, section.y, section.width, section.height, scale)
        eye = Camera(eye.focal, eye.cx, eye.cy, *size)
        request = RenderRequest([vertices], self.body.faces, eye, [colour], view, LIGHTS)
        drawn = Image.fromarray(self._renderer.render(request).result())
        if person is None:
            return drawn
        return Image.alpha_composite(self.empty(person, section, size), drawn)


def cut(picture: Image.Image, section: Section, size: Size) -> Image.Image:
    """Cut a part out of a picture, RGBA; what lies outside of it is transparent."""
    tile = Image.new("RGBA", size)
    scale = np.array(size) / (section.width, section.height)
    corner = np.array([section.x, section.y])
    start = np.round((np.zeros(2) - corner) * scale).clip(0, size).astype(int)
    end = np.round((np.array(picture.size) - corner) * scale).clip(0, size).astype(int)
    if (end <= start).any():
        return tile
    (left, top), (right, bottom) = start / scale + corner, end / scale + corner
    inside = max(left, 0.0), max(top, 0.0), min(right, picture.width), min(bottom, picture.height)
    across, down = (end - start).tolist()
    part = picture.resize((across, down), Image.Resampling.LANCZOS, box=inside)
    tile.paste(part, (int(start[0]), int(start[1])))
    return tile


def holding(camera: Camera, bodies: Sequence[NDArray[np.float32]], evidence: Evidence) -> Section:
    """Return the part of a picture that holds bodies (V, 3), and the person, whole.

    The person is where the keypoints are, or else in the box, which is often loose. It ends a
    picture's size beyond the picture: who stands at the camera is projected anywhere.
    """
    size = np.array([camera.width, camera.height])
    seen = [np.clip(camera.project(body), -size, 2 * size) for body in bodies]
    keypoints, box = evidence.keypoints, evidence.box
    if keypoints is not None and (keypoints.confidence > 0).any():
        seen.append(keypoints.points[keypoints.confidence > 0])
    else:
        seen.append(np.array([[box.x, box.y], [box.x + box.width, box.y + box.height]]))
    return Section.around(np.concatenate(seen))


def blend(share: float) -> Colour:
    """Return the colour on the way from rough, 0, to refined, 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(ROUGH, REFINED, strict=True))
    return red, green, blue
