"""What is drawn over the photograph besides the body: boxes and keypoints.

The painter's unit is a pixel of the photograph; pens are as wide on screen at any zoom.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

from app import theme
from core.evidence import Box, Keypoints2D
from core.keypoints import body_points

SURE = 0.5
"""Keypoints of less confidence are drawn hollow."""

DOT = 3.2
"""Radius of a keypoint on screen."""

HANDLE, RING = 8.0, 7.0
"""Side of a box's handles and radius of the ring round a keypoint, on screen."""


CHIP = 22
"""Height of words on a ground of their own."""


def paint_box(painter: QPainter, box: Box, zoom: float, movable: bool) -> None:
    """Mark the person's box by its corners: it shows where it is and hides nothing.

    One that can be moved has handles at its corners and in the middle of its edges.
    """
    rect = rect_of(box)
    if movable:
        paint_band(painter, rect)
        _paint_handles(painter, rect, HANDLE / zoom)
        return
    length = min(rect.width(), rect.height()) * 0.08
    lines = []
    for x, inward in ((rect.left(), length), (rect.right(), -length)):
        for y, down in ((rect.top(), length), (rect.bottom(), -length)):
            lines += [QLineF(x, y, x + inward, y), QLineF(x, y, x, y + down)]
    for width, colour in ((3.0, "#66000000"), (1.2, "#e6ffffff")):
        painter.setPen(_pen(painter, QColor(colour), width))
        painter.drawLines(lines)


def _paint_handles(painter: QPainter, rect: QRectF, side: float) -> None:
    painter.setPen(_pen(painter, QColor("#cc000000"), 1.0))
    painter.setBrush(QColor("#ffffff"))
    middle = rect.center()
    for x in (rect.left(), middle.x(), rect.right()):
        for y in (rect.top(), middle.y(), rect.bottom()):
            if (x, y) != (middle.x(), middle.y()):
                painter.drawRect(QRectF(x - side / 2, y - side / 2, side, side))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_other_boxes(painter: QPainter, boxes: Iterable[Box]) -> None:
    """Draw the boxes of the picture's other persons, dashed."""
    pen = _pen(painter, QColor("#b3ffffff"), 1.0)
    pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawRects([rect_of(box) for box in boxes])


def paint_band(painter: QPainter, rect: QRectF) -> None:
    """Draw the box that is being drawn."""
    for width, colour in ((3.0, "#80000000"), (1.4, "#ffffffff")):
        painter.setPen(_pen(painter, QColor(colour), width))
        painter.drawRect(rect)


def paint_advice(painter: QPainter, panel: QRect, text: str) -> None:
    """Write what to do at the foot of a panel; the painter's unit is the panel's pixel."""
    painter.setFont(theme.font())
    breadth = painter.fontMetrics().horizontalAdvance(text) + 24
    rect = QRectF((panel.width() - breadth) / 2, panel.height() - 38, breadth, 28)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colours()["accent"])
    painter.drawRoundedRect(rect, theme.RADIUS, theme.RADIUS)
    painter.setPen(theme.colours()["on_accent"])
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def paint_chip(
    painter: QPainter,
    at: QPoint,
    text: str,
    tint: tuple[int, int, int] | None = None,
    right: bool = False,
) -> None:
    """Write on a small ground of its own at a corner; a tint says whose colour it is."""
    painter.setFont(theme.font(theme.SMALL_PT, bold=True))
    dot = 16 if tint else 0
    breadth = chip_breadth(text, bool(tint))
    rect = QRectF(at.x() - (breadth if right else 0), at.y(), breadth, CHIP)
    ground = theme.colours()["surface"]
    ground.setAlphaF(0.9)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, theme.RADIUS, theme.RADIUS)
    if tint:
        painter.setBrush(theme.rgb(tint))
        painter.drawEllipse(QPointF(rect.left() + 14, rect.center().y()), 5, 5)
    painter.setPen(theme.colours()["text"])
    painter.drawText(rect.adjusted(8 + dot, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, text)


def chip_breadth(text: str, tinted: bool) -> int:
    """Return how broad a chip is."""
    metrics = QFontMetrics(theme.font(theme.SMALL_PT, bold=True))
    return metrics.horizontalAdvance(text) + 16 + (16 if tinted else 0)


def paint_trouble(painter: QPainter, panel: QRect, text: str) -> None:
    """Write in the middle of a panel why nothing is shown there."""
    painter.setPen(theme.colours()["muted"])
    painter.setFont(theme.font())
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(panel.adjusted(24, 24, -24, -24), int(flags), text)


def paint_keypoints(
    painter: QPainter,
    keypoints: Keypoints2D,
    points: NDArray[np.floating] | None,
    zoom: float,
    ringed: int | None = None,
) -> None:
    """Draw keypoints, each tied to the body point (45, 2) that it should lie on; ring one."""
    colour = QColor(theme.EVIDENCE)
    if points is not None:
        ties = _ties(keypoints, points)
        for width, tint in ((2.6, QColor("#80000000")), (1.2, colour)):
            painter.setPen(_pen(painter, tint, width))
            painter.drawLines(ties)
    seen, sure = keypoints.confidence > 0, keypoints.confidence >= SURE
    painter.setPen(_pen(painter, QColor("#b3000000"), 1.0))
    painter.setBrush(colour)
    painter.drawPath(_dots(keypoints.points[sure], DOT / zoom))
    painter.setPen(_pen(painter, colour, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_dots(keypoints.points[seen & ~sure], DOT / zoom))
    if ringed is not None:
        for width, tint in ((4.0, QColor("#b3000000")), (2.0, QColor("#ffffff"))):
            painter.setPen(_pen(painter, tint, width))
            painter.drawPath(_dots(keypoints.points[[ringed]], RING / zoom))


def rect_of(box: Box) -> QRectF:
    """Return a box as Qt has it."""
    return QRectF(box.x, box.y, box.width, box.height)


def _ties(keypoints: Keypoints2D, points: NDArray[np.floating]) -> list[QLineF]:
    targets = body_points(keypoints.convention)
    tied = np.flatnonzero((keypoints.confidence > 0) & (targets >= 0))
    ends = np.concatenate([keypoints.points[tied], points[targets[tied]]], axis=1)
    return [QLineF(*end) for end in ends.tolist()]


def _dots(points: NDArray[np.floating], radius: float) -> QPainterPath:
    path = QPainterPath()
    for x, y in points.tolist():
        path.addEllipse(QPointF(x, y), radius, radius)
    return path


def _pen(painter: QPainter, colour: QColor, width: float) -> QPen:
    # a cosmetic pen is so many pixels of the device wide, of which a dense screen has more
    pen = QPen(colour, width * painter.device().devicePixelRatioF())
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen
