"""The film strip: small pictures of the steps above the slider, a click goes there."""

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app import theme
from app.frames import Frame, FrameKey, Frames
from app.i18n import tr
from app.panels.eye import Eye, region_of
from app.panels.step_slider import ACCEPTED, PICKED, SIDE, SUGGESTED
from app.poses import Poses

FEWEST, MOST = 8, 12
"""Pictures in the strip, as there is room."""

WIDTH = 68
"""That each asks for, at least."""

HEIGHT, LABEL = 72, 15
"""Of the strip, and of the number under each picture."""
GAP = 4
AFTER = 4
"""How many frames of the other panels go before; see `Frames.show`."""

MARKS = {SUGGESTED: ("◆", "accent"), ACCEPTED: ("✓", "good"), PICKED: ("•", "text")}
"""Sign and colour of each mark."""


class FilmStrip(QWidget):
    """Steps evenly spread over the slider below, the suggested and the accepted among them."""

    stepped = Signal(int)

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Film strip of the steps"))
        self._frames = frames
        frames.ready.connect(self._frame_ready)
        self._poses: Poses | None = None
        self._step = 0
        self._part = ""
        self._marked: dict[int, str] = {}
        self._eye = Eye()
        self._keys: dict[FrameKey, int] = {}
        self._pictures: dict[int, QImage] = {}
        self._hover = -1
        self._ask_soon = QTimer(self, singleShot=True, interval=0)
        self._ask_soon.timeout.connect(self._ask)

    @property
    def steps(self) -> list[int]:
        """The steps in the strip, from left to right."""
        if self._poses is None or len(self._poses) < 2:
            return []
        room = int((self.width() - 2 * SIDE) / WIDTH) + 1
        count = min(max(FEWEST, min(MOST, room)), len(self._poses))
        return spread(len(self._poses) - 1, count, self._marked)

    def show_poses(self, poses: Poses | None) -> None:
        """Show a person's bodies; None empties the strip."""
        self._poses = poses
        self._ask_soon.start()
        self.update()

    def show_marks(self, marked: dict[int, str]) -> None:
        """Let some steps be in the strip, each with a mark: the most important first."""
        self._marked = marked
        self._ask_soon.start()
        self.update()

    def show_step(self, step: int, part: str = "") -> None:
        """Mark the step that is shown; a part of the bodies stands out, and is looked at alone."""
        self._repaint(self._step)
        self._step = step
        self._repaint(step)
        if part != self._part:
            self._part = part
            self._ask_soon.start()

    def look(self, eye: Eye) -> None:
        """See all the bodies from elsewhere."""
        eye = replace(eye, zoom=1.0)
        if eye != self._eye:
            self._eye = eye
            self._ask_soon.start()

    def is_settled(self) -> bool:
        """Whether all pictures are there."""
        drawn = not self._ask_soon.isActive() and len(self._pictures) == len(self._keys)
        return drawn or not self.isVisible()

    def _ask(self) -> None:
        poses = self._poses
        self._keys, self._pictures = {}, {}
        if poses is not None and self.isVisible():
            steps = self.steps
            size = self._tile(0, len(steps)).size() * self.devicePixelRatioF()
            region = region_of(poses, self._part)
            for step in steps:
                view = self._eye.on(poses, step, QSizeF(size), region)
                key = FrameKey(poses.which, step, *view, theme.BODY, part=self._part)
                self._keys[key] = step
            self._frames.show("film", poses, list(self._keys), AFTER)
            for key in self._keys:
                if (frame := self._frames.kept(key)) is not None:
                    self._frame_ready(key, frame)
        self.update()

    def _frame_ready(self, key: FrameKey, frame: Frame) -> None:
        if key in self._keys:
            self._pictures[self._keys[key]] = frame.picture
            self._repaint(self._keys[key])

    # painting

    def _repaint(self, step: int) -> None:
        """Paint a picture anew, if it is in the strip."""
        if step in (steps := self.steps):
            self.update(_with_label(self._tile(steps.index(step), len(steps))).toAlignedRect())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        steps = self.steps
        for place, step in enumerate(steps):
            tile = self._tile(place, len(steps))
            if _with_label(tile).intersects(QRectF(event.rect())):
                self._paint_tile(painter, place, step, tile)

    def _paint_tile(self, painter: QPainter, place: int, step: int, tile: QRectF) -> None:
        scheme = theme.colours()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(scheme["hover" if place == self._hover else "canvas"])
        painter.drawRoundedRect(tile, theme.RADIUS - 2, theme.RADIUS - 2)
        if step in self._pictures:
            painter.drawImage(tile, self._pictures[step])
        if step == self._step:
            painter.setPen(QPen(scheme["text"], 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(tile.adjusted(1, 1, -1, -1), theme.RADIUS - 2, theme.RADIUS - 2)
        sign = self._marked.get(step, "")
        bold = bool(sign) or step == self._step
        painter.setFont(theme.font(theme.SMALL_PT, bold=bold))
        painter.setPen(scheme[MARKS[sign][1] if sign else "text" if bold else "muted"])
        text = f"{MARKS[sign][0]} {step}" if sign else str(step)
        label = QRectF(tile.left(), tile.bottom(), tile.width(), LABEL)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _tile(self, place: int, count: int) -> QRectF:
        """Return where a picture is, one of `count`."""
        apart = (self.width() - 2 * SIDE) / max(count - 1, 1)
        width = min(apart - GAP, 2 * SIDE - GAP)
        return QRectF(SIDE + place * apart - width / 2, 0, width, HEIGHT - LABEL)

    # hands

    def _place_at(self, at: QPointF) -> int:
        count = len(self.steps)
        for place in range(count):
            if self._tile(place, count).contains(at):
                return place
        return -1

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.stepped.emit(self.steps[place])

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place != self._hover:
            self._hover = place
            self.setToolTip(self._tip(place))
            self.update()

    @override
    def leaveEvent(self, event: object) -> None:
        self._hover = -1
        self.update()

    def _tip(self, place: int) -> str:
        if place < 0:
            return ""
        step = self.steps[place]
        sign = self._marked.get(step, "")
        what = tr("Step {step}", step=step)
        return f"{what}: {tr(sign)}" if sign else what

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ask_soon.start()
        super().resizeEvent(event)

    @override
    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT)

    @override
    def showEvent(self, event: object) -> None:
        self._ask_soon.start()


def _with_label(tile: QRectF) -> QRectF:
    return tile.adjusted(-1, 0, 1, LABEL)


def spread(last: int, count: int, wanted: dict[int, str]) -> list[int]:
    """Spread steps evenly over 0..last; wanted ones take the nearest free place of an even one."""
    even = [round(place * last / (count - 1)) for place in range(count)] if count > 1 else [0]
    chosen = dict(enumerate(even))
    free = set(chosen)
    for step in wanted:
        if not free:
            break
        place = min(free, key=lambda one: abs(even[one] - step))
        chosen[place] = step
        free.remove(place)
    return sorted(set(chosen.values()))
