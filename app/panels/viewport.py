"""Where a photograph lies in its panel: zoom, pan and fit."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

SMALLEST, LARGEST = 0.05, 40.0
"""Zoom, in panel pixels a pixel of the photograph."""


class Viewport:
    """Maps the photograph's pixels to the panel's: times `scale`, plus `offset`."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.offset = QPointF()
        self.fitted: str | None = "person"
        """What is kept in view, "person" or "picture"; None after zooming or panning by hand."""

    def fit(self, target: QRectF, whole: QRectF, room: QSizeF) -> None:
        """Show a part of the photograph, filling the room where that is asked for.

        After zooming by hand only its middle is brought to the middle.
        """
        if self.fitted:
            self.scale = min(
                room.width() / max(target.width(), 1), room.height() / max(target.height(), 1)
            )
        x = room.width() / 2 - target.center().x() * self.scale
        y = room.height() / 2 - target.center().y() * self.scale
        if self.fitted:
            x = _without_margin(x, whole.width() * self.scale, room.width())
            y = _without_margin(y, whole.height() * self.scale, room.height())
        self.offset = QPointF(x, y)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom so that the pixel under a point of the panel stays there."""
        scale = float(np.clip(self.scale * factor, min(SMALLEST, self.scale), LARGEST))
        self.offset = at - (at - self.offset) * (scale / self.scale)
        self.scale = scale
        self.fitted = None

    def pan(self, by: QPointF) -> None:
        """Shift by panel pixels."""
        self.offset += by
        self.fitted = None

    def transform(self, painter: QPainter) -> None:
        """Make a painter's unit a pixel of the photograph."""
        painter.translate(self.offset)
        painter.scale(self.scale, self.scale)

    def to_photograph(self, at: QPointF) -> QPointF:
        """Return the photograph's pixel under a point of the panel."""
        return (at - self.offset) / self.scale


def _without_margin(offset: float, length: float, room: float) -> float:
    """Shift a picture so that no more of the canvas shows than must."""
    if length <= room:
        return (room - length) / 2
    return float(np.clip(offset, room - length, 0))
