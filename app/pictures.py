"""Photographs as Qt draws them: read off the window's thread, kept in halving sizes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from core.evidence import Box
from core.images import read_image

SMALLEST_SIDE = 256


@dataclass(frozen=True, eq=False)
class Photograph:
    """A picture in full size, half, quarter ...; drawing starts from the next larger one.

    Bilinear scaling below one half would leave out pixels.
    """

    levels: tuple[QImage, ...]

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.levels[0].width()

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.levels[0].height()

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(level.sizeInBytes() for level in self.levels)

    def paint(self, painter: QPainter, scale: float) -> None:
        """Draw the picture in its own pixels, `scale` times as large on the device."""
        painter.drawImage(QRectF(0, 0, self.width, self.height), self.level(scale))

    def level(self, scale: float) -> QImage:
        """Return the smallest level that is at least `scale` times the full size."""
        number = int(np.clip(np.floor(-np.log2(max(scale, 1e-6))), 0, len(self.levels) - 1))
        return self.levels[number]


def read_photograph(path: Path) -> Photograph:
    """Read a picture; raises `UnreadableInput`."""
    pixels = read_image(path)
    levels = [_to_qimage(pixels)]
    image = Image.fromarray(pixels)
    while max(image.size) > 2 * SMALLEST_SIDE:
        image = image.reduce(2)
        levels.append(_to_qimage(np.asarray(image)))
    return Photograph(tuple(levels))


def read_thumbnail(path: Path, box: Box | None, side: int) -> QImage:
    """Cut a square around a person's box, or the middle, out of a picture; `side` in pixels."""
    image = Image.fromarray(read_image(path))
    box = box or Box(0, 0, *image.size)
    half = box.side / 2 * 1.1
    x, y = box.centre
    corners = (x - half, y - half, x + half, y + half)
    return _to_qimage(
        np.asarray(
            image.resize(
                (side, side),
                Image.Resampling.BICUBIC,
                box=_inside(corners, image.size),
                reducing_gap=2.0,
            )
        )
    )


def _inside(
    corners: tuple[float, float, float, float], size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Shift, and if need be shrink, a square so that it lies in the picture."""
    width, height = size
    side = min(corners[2] - corners[0], width, height)
    x = float(np.clip((corners[0] + corners[2] - side) / 2, 0, width - side))
    y = float(np.clip((corners[1] + corners[3] - side) / 2, 0, height - side))
    return x, y, x + side, y + side


def _to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
