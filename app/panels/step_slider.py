"""The step slider with the score curve behind it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app import theme
from app.i18n import mark, tr

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

SUGGESTED, ACCEPTED, PICKED = mark("suggested"), mark("accepted"), mark("picked")

SIDE, TOP, AXIS = 36, 18, 24
"""Margins of the curve in device-independent pixels: left and right, above, below."""
CAPTION = 14
"""Height of the line that says what is drawn."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What is drawn over 0..N.

    Parameters
    ----------
    last : int
        N; 0 where there are no steps.
    scores : NDArray, shape (N+1,), or None
        Share of the box side, low is good, NaN where not known; None where nothing is known.
    what : str
        Whose error it is, as its caption says it.
    suggested, chosen : int or None
        Steps that are marked.
    chosen_as : str
        `ACCEPTED` or `PICKED`.
    """

    last: int
    scores: NDArray[np.float32] | None = None
    what: str = ""
    suggested: int | None = None
    chosen: int | None = None
    chosen_as: str = ACCEPTED


NOTHING = Curve(0)


class StepSlider(QWidget):
    """A slider over 0..N; behind it the score of each step, low is good."""

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(76)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Denoising step"))
        self.setMouseTracking(True)
        self._curve = NOTHING
        self._step = 0
        self._hover: int | None = None
        self._ground: QPixmap | None = None
        self._ground_key: object = None

    @override
    def sizeHint(self) -> QSize:
        return QSize(600, 84)

    def show_curve(self, curve: Curve | None) -> None:
        """Show scores and marks; None empties the slider."""
        self._curve = curve or NOTHING
        self._ground = None
        self.update()

    def show_step(self, step: int) -> None:
        """Put the handle on a step."""
        self._step = step
        self.update()

    # painting

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        scheme = theme.colours()
        key = (self.size(), self.devicePixelRatioF(), scheme)
        if self._ground is None or self._ground_key != key:
            self._ground, self._ground_key = self._paint_ground(scheme), key
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._ground)
        if self._curve.last:
            self._paint_handle(painter, scheme)

    def _paint_ground(self, scheme: theme.Colours) -> QPixmap:
        """Paint everything but the handle, which alone moves while scrubbing."""
        ground = QPixmap(self.size() * self.devicePixelRatioF())
        ground.setDevicePixelRatio(self.devicePixelRatioF())
        ground.fill(Qt.GlobalColor.transparent)
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter, scheme)
        if self._curve.last:
            if self._curve.scores is not None:
                self._paint_curve(painter, scheme, self._curve.scores)
            self._paint_marks(painter, scheme)
        painter.end()
        return ground

    def _paint_axis(self, painter: QPainter, scheme: theme.Colours) -> None:
        base = self.height() - AXIS
        painter.setPen(QPen(scheme["line"], 2))
        painter.drawLine(QPointF(SIDE, base), QPointF(self.width() - SIDE, base))
        if self._curve.last == 0:
            return
        painter.setFont(theme.font(theme.SMALL_PT))
        for step in self._ticks():
            x = self._x(step)
            painter.setPen(QPen(scheme["line"], 1))
            painter.drawLine(QPointF(x, base), QPointF(x, base + 4))
            painter.setPen(scheme["muted"])
            rect = QRectF(x - 30, base + 6, 60, AXIS - 6)  # below the handle
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(step))

    def _ticks(self) -> list[int]:
        every = 10 if self._curve.last > 20 else 5
        ticks = [
            step
            for step in range(0, self._curve.last, every)
            if self._curve.last - step >= every // 2
        ]
        return [*ticks, self._curve.last]

    def _paint_curve(
        self, painter: QPainter, scheme: theme.Colours, scores: NDArray[np.float32]
    ) -> None:
        base = self.height() - AXIS
        points = [
            QPointF(self._x(step), self._y(float(score)))
            for step, score in enumerate(scores)
            if np.isfinite(score)
        ]
        area = QPainterPath(QPointF(points[0].x(), base))
        for point in points:
            area.lineTo(point)
        area.lineTo(QPointF(points[-1].x(), base))
        fill = scheme["curve"]
        fill.setAlphaF(0.16)
        painter.fillPath(area, fill)
        painter.setPen(QPen(scheme["curve"], 2))
        painter.drawPolyline(QPolygonF(points))
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(scheme["muted"])
        low, high = float(np.nanmin(scores)) * 100, float(np.nanmax(scores)) * 100
        caption = tr(
            "{what}: {low} to {high} % of the box, low is good",
            what=self._curve.what,
            low=f"{low:.1f}",
            high=f"{high:.1f}",
        )
        painter.drawText(QRectF(SIDE, 0, self.width() - 2 * SIDE, CAPTION), _RIGHT, caption)

    def _paint_marks(self, painter: QPainter, scheme: theme.Colours) -> None:
        painter.setFont(theme.font(theme.SMALL_PT))
        written = QRectF()
        if self._curve.suggested is not None:
            spot = QPointF(self._x(self._curve.suggested), self._score_y(self._curve.suggested))
            painter.setPen(QPen(scheme["surface"], 1.5))
            painter.setBrush(scheme["accent"])
            painter.drawPolygon(_diamond(spot, 6.5))
            painter.setPen(scheme["accent"])
            step = self._curve.suggested
            what = tr("suggested: {step}", step=step) if step else tr("suggested: keep 0")
            if step != self._curve.chosen:  # or it would stand on what is said of that
                written = self._label(painter, spot, what)
        if self._curve.chosen is not None:
            x = self._x(self._curve.chosen)
            accepted = self._curve.chosen_as == ACCEPTED
            painter.setPen(QPen(scheme["good" if accepted else "muted"], 2))
            painter.drawLine(QPointF(x, 4), QPointF(x, self.height() - AXIS))
            sign = f"{'✓' if accepted else '•'} {tr(self._curve.chosen_as)}"
            room = painter.fontMetrics().horizontalAdvance(sign) + 8
            left = x + 8 if x + 8 + room < self.width() else x - 8 - room
            box = QRectF(left, CAPTION, room, 14)
            if box.intersects(written):
                beside = x - 8 - room
                box.moveLeft(beside) if beside > 0 else box.moveTop(written.bottom())
            painter.fillRect(box, scheme["surface"])  # or the curve would strike it through
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, sign)

    def _label(self, painter: QPainter, spot: QPointF, text: str) -> QRectF:
        """Write beside a diamond, where there is room, off the handle's line and the caption."""
        width = painter.fontMetrics().horizontalAdvance(text) + 4
        right = spot.x() + 10
        x = right if right + width < self.width() - 2 else spot.x() - 10 - width
        y = spot.y() - 28 if spot.y() - 28 > CAPTION else spot.y() + 7
        box = QRectF(x, y, width, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return box

    def _paint_handle(self, painter: QPainter, scheme: theme.Colours) -> None:
        base = self.height() - AXIS
        x = self._x(self._step)
        if self._hover is not None and self._hover != self._step:
            painter.setPen(QPen(scheme["muted"], 1, Qt.PenStyle.DotLine))
            painter.drawLine(
                QPointF(self._x(self._hover), TOP), QPointF(self._x(self._hover), base)
            )
        painter.setPen(QPen(scheme["text"], 1.5))
        painter.drawLine(QPointF(x, TOP - 4), QPointF(x, base))  # below the caption
        painter.setPen(QPen(scheme["surface"], 2))
        painter.setBrush(scheme["text"])
        painter.drawEllipse(QPointF(x, base), 8, 8)

    def _x(self, step: int) -> float:
        return SIDE + step / max(self._curve.last, 1) * (self.width() - 2 * SIDE)

    def _y(self, score: float) -> float:
        """Height of a score; the curve fills the space between its best and its worst."""
        assert self._curve.scores is not None
        low, high = float(np.nanmin(self._curve.scores)), float(np.nanmax(self._curve.scores))
        # a curve that hardly moves must not look like one that falls
        span = max(high - low, 0.15 * high, 1e-6)
        room = self.height() - AXIS - TOP - 14
        return TOP + 4 + room * (1 - (score - low) / span)

    def _score_y(self, step: int) -> float:
        if self._curve.scores is None or not np.isfinite(self._curve.scores[step]):
            return self.height() - AXIS - 14
        return self._y(float(self._curve.scores[step]))

    # hands

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._curve.last:
            self.stepped.emit(self._step_at(event.position().x()))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._curve.last == 0:
            return
        self._hover = self._step_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.stepped.emit(self._hover)
        self.update()

    @override
    def leaveEvent(self, event: object) -> None:
        self._hover = None
        self.update()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._curve.last:
            self.stepped.emit(self._step + (1 if event.angleDelta().y() < 0 else -1))

    def _step_at(self, x: float) -> int:
        share = (x - SIDE) / max(self.width() - 2 * SIDE, 1)
        return int(np.clip(round(share * self._curve.last), 0, self._curve.last))


def _diamond(centre: QPointF, half: float) -> QPolygonF:
    x, y = centre.x(), centre.y()
    return QPolygonF(
        [QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)]
    )
