"""The time axis: verdicts, scores, jitter and jumps of a track, and the frame that is shown."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
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
from app.line import UNCHOSEN, Line
from app.panels.people_list import LOOKS
from core.jobs.motion import Choice, Motion
from core.project.queue import STATES

SIDE = 14
"""Margin left and right."""
TOP, CURVE, SHAKE, BAND, FOOT = 10, 28, 13, 12, 16
"""Heights of what is stacked: jumps, scores, jitter, verdicts, seconds."""
VERDICTS = TOP + CURVE + SHAKE
BOTTOM = VERDICTS + BAND
"""Where verdicts begin and end."""
SIGN = 11
"""Side of a verdict's sign."""


class TimeLine(QWidget):
    """A track from left to right; a drag scrubs, one with Shift chooses a range."""

    scrubbed = Signal(int)
    """Place that the mouse is at while it drags."""
    went = Signal(int)
    """Place where it let go."""
    range_chosen = Signal(int, int)
    """First and last place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(BOTTOM + FOOT + 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Time axis of the track"))
        self._line: Line | None = None
        self._motion: Motion | None = None
        self._place = -1
        self._selected = np.zeros(0, dtype=bool)
        self._hover = -1
        self._grab: int | None = None
        self._ranging = False
        self._ground: tuple[object, QPixmap] | None = None

    @override
    def sizeHint(self) -> QSize:
        return QSize(500, self.height())

    def show_line(self, line: Line | None) -> None:
        """Show a track."""
        self._line, self._motion, self._ground = line, None, None
        self._selected = np.zeros(len(line) if line else 0, dtype=bool)
        self.update()

    def retell(self) -> None:
        """Write in the present language."""
        self._ground = None
        self.update()

    def show_motion(self, motion: Motion) -> None:
        """Show the scores of what counts by now, and where it jumps; it is of this very line."""
        self._motion, self._ground = motion, None
        self.update()

    def show_place(self, place: int) -> None:
        """Mark the frame that is shown."""
        self._place = place
        self.update()

    def show_selected(self, selected: NDArray[np.bool_]) -> None:
        """Mark those (F,) whom the next decision is on."""
        self._selected = selected
        self.update()

    # painting

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        line, scheme = self._line, theme.colours()
        painter = QPainter(self)
        if line is None or not len(line):
            return
        key = (self.size(), self.devicePixelRatioF(), scheme)
        if self._ground is None or self._ground[0] != key:
            self._ground = key, self._paint_ground(line, scheme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for first, last in self._ranges(line):
            self._paint_range(painter, scheme, line, first, last)
        painter.drawPixmap(0, 0, self._ground[1])
        if self._hover >= 0 and self._hover != self._place:
            painter.setPen(QPen(scheme["muted"], 1, Qt.PenStyle.DotLine))
            painter.drawLine(*self._mark(line, self._hover))
        if 0 <= self._place < len(line):
            self._paint_handle(painter, scheme, *self._mark(line, self._place))

    def _paint_ground(self, line: Line, scheme: theme.Colours) -> QPixmap:
        """Draw all but the handle and the range, which alone move while scrubbing."""
        ratio = self.devicePixelRatioF()
        ground = QPixmap(self.size() * ratio)
        ground.setDevicePixelRatio(ratio)
        ground.fill(Qt.GlobalColor.transparent)
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scores(painter, scheme, line)
        self._paint_jitter(painter, scheme, line)
        self._paint_jumps(painter, scheme, line)
        for first, last in runs(line):
            self._paint_verdict(painter, scheme, line, first, last)
        self._paint_seconds(painter, scheme, line)
        painter.end()
        return ground

    def _paint_scores(self, painter: QPainter, scheme: theme.Colours, line: Line) -> None:
        """Draw the scores of Θ1, dashed, and of what counts by now."""
        curves = [(line.scores, "curve", Qt.PenStyle.DotLine)]
        if self._motion is not None:
            curves.append((scores_now(line, self._motion), "accent", Qt.PenStyle.SolidLine))
        known = np.concatenate([scores[np.isfinite(scores)] for scores, _, _ in curves])
        if not len(known):
            return
        low, high = float(known.min()), float(known.max())
        span = max(high - low, 0.15 * high, 1e-6)
        for scores, colour, style in curves:
            painter.setPen(QPen(scheme[colour], 1.5, style))
            self._paint_curve(painter, line, self._y((scores - low) / span))

    def _paint_jitter(self, painter: QPainter, scheme: theme.Colours, line: Line) -> None:
        """Draw the acceleration of Θ1, dotted, and of what counts by now, filled."""
        if self._motion is None:
            return
        both = self._motion.accelerations
        before, after = both[Choice.THETA1], both[Choice.NOW]
        most = max(float(np.nanmax(each, initial=0)) for each in (before, after))
        fill = scheme["accent"]
        fill.setAlphaF(0.22)
        for values, pen, ground in (
            (after, QPen(scheme["accent"], 1.2), fill),
            (before, QPen(scheme["curve"], 1.2, Qt.PenStyle.DotLine), None),
        ):
            painter.setPen(pen)
            heights = VERDICTS - 2 - (SHAKE - 4) * values / max(most, 1e-6)
            self._paint_curve(painter, line, heights, ground)

    def _paint_curve(
        self,
        painter: QPainter,
        line: Line,
        heights: NDArray[np.float64],
        ground: QColor | None = None,
    ) -> None:
        """Draw heights (F,) in pixels, NaN where there is none, in the present pen."""
        for first, last in unbroken(line, np.isfinite(heights)):
            points = [QPointF(self._x(line, at), heights[at]) for at in range(first, last + 1)]
            if len(points) == 1:
                painter.drawEllipse(points[0], 1, 1)
                continue
            if ground is not None:
                feet = [QPointF(points[at].x(), VERDICTS - 2) for at in (-1, 0)]
                area = QPainterPath()
                area.addPolygon(QPolygonF([*points, *feet]))
                painter.fillPath(area, ground)
            painter.drawPolyline(QPolygonF(points))

    def _paint_jumps(self, painter: QPainter, scheme: theme.Colours, line: Line) -> None:
        painter.setPen(QPen(scheme["bad"], 1.5))
        for place in jumps_of(self._motion):
            x = self._x(line, place)
            points = [QPointF(x + dx, dy) for dx, dy in ((-5, 8), (-1.5, 2), (1.5, 8), (5, 2))]
            painter.drawPolyline(QPolygonF(points))

    def _paint_verdict(
        self, painter: QPainter, scheme: theme.Colours, line: Line, first: int, last: int
    ) -> None:
        """Draw a run of frames of one verdict: its colour, and its sign where there is room."""
        icon, colour, _ = LOOKS[STATES[line.states[first]]]
        rect = self._cell(line, first, last, VERDICTS, BAND)
        fill = scheme[colour]
        fill.setAlphaF(0.25)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 2, 2)
        if rect.width() >= SIGN + 1:
            corner = rect.center() - QPointF(SIGN, SIGN) / 2
            painter.drawPixmap(corner, theme.pixmap(icon, colour, SIGN, self.devicePixelRatioF()))

    def _paint_seconds(self, painter: QPainter, scheme: theme.Colours, line: Line) -> None:
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(scheme["muted"])
        top = BOTTOM
        for second in ticks(line.times[0], line.times[-1], self.width() / 64):
            x = SIDE + (second - line.times[0]) * self._scale(line)
            painter.drawLine(QPointF(x, top), QPointF(x, top + 3))
            rect = QRectF(x - 32, top + 2, 64, FOOT)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, tr("{t:g} s", t=second))

    def _paint_range(
        self, painter: QPainter, scheme: theme.Colours, line: Line, first: int, last: int
    ) -> None:
        fill = scheme["accent"]
        fill.setAlphaF(0.18)
        rect = self._cell(line, first, last, 0, BOTTOM)
        painter.fillRect(rect, fill)
        painter.setPen(QPen(scheme["accent"], 1.5))
        for x in (rect.left(), rect.right()):
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def _paint_handle(
        self, painter: QPainter, scheme: theme.Colours, head: QPointF, foot: QPointF
    ) -> None:
        painter.setPen(QPen(scheme["text"], 1.5))
        painter.drawLine(head, foot)
        painter.setPen(QPen(scheme["surface"], 1))
        painter.setBrush(scheme["text"])
        down = [head + QPointF(*at) for at in ((-6, 0), (6, 0), (6, 4), (0, 9), (-6, 4))]
        painter.drawPolygon(QPolygonF(down))

    def _ranges(self, line: Line) -> Iterator[tuple[int, int]]:
        if self._ranging and self._grab is not None:
            yield min(self._grab, self._hover), max(self._grab, self._hover)
        else:
            yield from unbroken(line, self._selected)

    # where things are

    def _scale(self, line: Line) -> float:
        """Pixels a second."""
        seconds = max(float(line.times[-1] - line.times[0]), line.spacing)
        return (self.width() - 2 * SIDE) / seconds

    def _x(self, line: Line, place: int) -> float:
        return SIDE + float(line.times[place] - line.times[0]) * self._scale(line)

    def _y(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        return TOP + 4 + (CURVE - 8) * (1 - share)

    def _cell(self, line: Line, first: int, last: int, top: float, height: float) -> QRectF:
        half = max(line.spacing * self._scale(line) / 2 - 0.5, 0.75)
        left, right = self._x(line, first) - half, self._x(line, last) + half
        return QRectF(left, top, right - left, height)

    def _mark(self, line: Line, place: int) -> tuple[QPointF, QPointF]:
        x = self._x(line, place)
        return QPointF(x, 0), QPointF(x, BOTTOM)

    def _place_at(self, line: Line, x: float) -> int:
        return line.nearest(float(line.times[0]) + (x - SIDE) / self._scale(line))

    # hands

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._line is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._grab = self._hover = self._place_at(self._line, event.position().x())
        self._ranging = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not self._ranging:
            self.show_place(self._grab)
            self.scrubbed.emit(self._grab)
        self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._line is None:
            return
        place = self._place_at(self._line, event.position().x())
        if place == self._hover:
            return
        self._hover = place
        self.setToolTip(self._tip(self._line, place))
        if self._grab is not None and not self._ranging:
            self.show_place(place)
            self.scrubbed.emit(place)
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grab, self._grab = self._grab, None
        if grab is None or self._line is None:
            return
        if self._ranging:
            self._ranging = False
            self.range_chosen.emit(min(grab, self._hover), max(grab, self._hover))
        else:
            self.went.emit(self._hover)
        self.update()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        place = self._place + (1 if event.angleDelta().y() < 0 else -1)
        if self._line is not None and 0 <= place < len(self._line):
            self.went.emit(place)

    @override
    def leaveEvent(self, event: object) -> None:
        if self._grab is None:
            self._hover = -1
        self.update()

    def _tip(self, line: Line, place: int) -> str:
        words = [frame_in_words(line, place), tr(LOOKS[STATES[line.states[place]]][2])]
        if line.steps[place] != UNCHOSEN:
            words.append(tr("step {step}", step=line.steps[place]))
        if self._motion is not None:
            score, moved = scores_now(line, self._motion)[place], acceleration(self._motion, place)
            if np.isfinite(score):
                words.append(tr("2D error {here} % of the box", here=f"{100 * score:.1f}"))
            if np.isfinite(moved):
                jumps = place in jumps_of(self._motion)
                what = mark("the body jumps: {a:.0f} m/s²") if jumps else mark("{a:.0f} m/s²")
                words.append(tr(what, a=moved))
        return "  ·  ".join(words)


def runs(line: Line) -> Iterator[tuple[int, int]]:
    """Yield first and last place of frames that follow one another with one verdict."""
    for state in np.unique(line.states):
        yield from unbroken(line, line.states == state)


def unbroken(line: Line, mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield first and last place of frames in a mask (F,) that follow one another without a gap."""
    places = np.flatnonzero(mask)
    if not len(places):
        return
    apart = (np.diff(places) > 1) | (np.diff(line.times[places]) > 1.5 * line.spacing)
    starts = np.concatenate([[0], np.flatnonzero(apart) + 1])
    ends = np.concatenate([np.flatnonzero(apart), [len(places) - 1]])
    for start, end in zip(starts, ends, strict=True):
        yield int(places[start]), int(places[end])


def scores_now(line: Line, motion: Motion) -> NDArray[np.float64]:
    """Return the score (F,) of the step that counts by now, share of the box side; NaN where none.

    Where parts have steps of their own it is that of the rest.
    """
    count, width = motion.scores.shape
    if not width:
        return np.full(count, np.nan)
    return np.asarray(motion.scores[np.arange(count), np.minimum(line.now, width - 1)], np.float64)


def jumps_of(motion: Motion | None) -> list[int]:
    """Return the places where the bodies that count by now jump."""
    return [] if motion is None else np.flatnonzero(motion.jumps[Choice.NOW]).tolist()


def acceleration(motion: Motion, place: int) -> float:
    """Return how the joints of what counts by now are accelerated at a frame, m/s²."""
    return float(motion.accelerations[Choice.NOW][place])


def jitter(motion: Motion) -> tuple[float, float]:
    """Return the mean acceleration, m/s², of Θ1 and of what counts by now; NaN where not known."""
    both = (motion.accelerations[choice] for choice in (Choice.THETA1, Choice.NOW))
    before, after = (float(each[np.isfinite(each)].mean()) if np.isfinite(each).any()
                     else np.nan for each in both)  # fmt: skip
    return before, after


def jumps_in_words(count: int) -> str:
    """Say how often the body jumps."""
    return tr("{count} jumps", count=count) if count > 1 else tr("1 jump")


def ticks(first: float, last: float, most: float) -> NDArray[np.float64]:
    """Return round seconds between two times, at most so many."""
    every = next(
        (step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60) if (last - first) / step <= most),
        300,
    )
    numbers = np.arange(np.ceil(first / every - 1e-9), np.floor(last / every + 1e-9) + 1)
    return numbers * every + 0.0  # not -0


def frame_in_words(line: Line, place: int) -> str:
    """Say which frame of the video, and when it is."""
    return tr("frame {frame}  ·  {time:.2f} s", frame=line.frames[place], time=line.times[place])
