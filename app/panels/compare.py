"""Two bodies of a person together: one above the other, wiped, one through the other, as heat."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSizeF, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from app import theme
from app.comparison import Comparison, Mode, Shown
from app.frames import Frame, FrameKey, Frames
from app.heat import heat, scale_for
from app.i18n import tr
from app.panels.body import RADIANS_A_PIXEL
from app.panels.eye import Eye
from app.panels.facts import Facts, distances
from app.panels.marks import CHIP, chip_breadth, paint_chip, paint_trouble
from app.pictures import Photograph
from core.camera import Camera
from core.evidence import Box
from core.render import crop

PICTURE_SHARE = 0.55
SURROUNDINGS = 1.3
LARGEST_FRAME = 900
OTHER, SHOWN = 0, 1
Tint = tuple[int, int, int] | None
SAMPLES, FAR = 6, 97
"""Steps that the scale of the heat map is chosen by, and the percentage of vertices within it."""


@dataclass(frozen=True)
class Pane:
    """Where something is drawn: over the photograph, or the body alone."""

    rect: QRect
    over_picture: bool


class Stage(QWidget):
    """The two bodies, seen by one camera."""

    def __init__(self, frames: Frames, comparison: Comparison, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 160)
        self._frames, self._comparison = frames, comparison
        frames.ready.connect(self._ready)
        self._photograph: Photograph | None = None
        self._box: Box | None = None
        self._eye = Eye()
        self._line = 0.5
        self._grab: tuple[QPointF, bool] | None = None
        self._keys: dict[tuple[int, bool], FrameKey] = {}
        self._drawn: dict[tuple[int, bool], tuple[FrameKey, QImage]] = {}
        self.end = 0
        self._ask_soon = QTimer(self, singleShot=True, interval=0)
        self._ask_soon.timeout.connect(self._ask)

    def show_picture(self, photograph: Photograph | None, box: Box | None) -> None:
        """Take the picture and the person's box."""
        self._photograph, self._box = photograph, box

    def show_pair(self) -> None:
        """Show what is compared now."""
        self._ask_soon.start()

    def is_settled(self) -> bool:
        """Whether both bodies are drawn as they should."""
        drawn = {what: key for what, (key, _) in self._drawn.items()}
        asked = not self._ask_soon.isActive() and bool(self._keys)
        return (asked and drawn == self._keys) or not self.isVisible()

    # frames

    def panes(self) -> list[Pane]:
        """Lay out one row, or two where one body is above the other."""
        rows = 2 if self._comparison.mode == Mode.ABOVE else 1
        split = round(self.width() * PICTURE_SHARE)
        height = self.height() // rows
        found = []
        for row in range(rows):
            found.append(Pane(QRect(0, row * height, split - 1, height - (rows - 1)), True))
            found.append(
                Pane(QRect(split, row * height, self.width() - split, height - (rows - 1)), False)
            )
        return found

    def _ask(self) -> None:
        pair = (self._comparison.other, self._comparison.shown)
        self._keys = {}
        if self._comparison.mode is not None and self.isVisible() and all(pair):
            self._want(pair)
        for what in self._drawn.keys() - self._keys.keys():
            del self._drawn[what]
        for key in self._keys.values():
            if (frame := self._frames.kept(key)) is not None:
                self._ready(key, frame)
        self.update()

    def _want(self, pair: tuple[Shown | None, Shown | None]) -> None:
        other, shown = pair
        assert other is not None and shown is not None
        mode = self._comparison.mode
        colours = against = None
        if mode == Mode.HEAT:
            self.end = heat_end(shown, other)
            colours = heat(100 * distances(shown, other) / self.end)
            against = (other.poses.which, other.frame)
        for which, body in ((OTHER, other), (SHOWN, shown)):
            if which == OTHER and mode == Mode.HEAT:
                continue
            tint = theme.PART if mode == Mode.ONION and which == OTHER else theme.BODY
            for pane in self.panes()[:2]:
                camera, view = self._camera(pane, shown)
                key = FrameKey(body.poses.which, body.frame, camera, view, tint, against=against)
                self._keys[which, pane.over_picture] = key
            keys = [key for (one, _), key in self._keys.items() if one == which]
            self._frames.show(f"compare {which}", body.poses, keys, colours=colours)

    def _camera(self, pane: Pane, shown: Shown) -> tuple[Camera, tuple[float, ...] | None]:
        """Return one camera for both bodies: the photograph's, or the orbiting one."""
        size = QSizeF(pane.rect.size()) * self.devicePixelRatioF()
        if not pane.over_picture:
            return self._eye.on(shown.poses, shown.frame, size)
        room = self._region(pane.rect)
        scale = min(size.width(), LARGEST_FRAME) / room.width()
        where = (room.x(), room.y(), room.width(), room.height())
        return crop(shown.poses.camera, *where, scale), None

    def _region(self, rect: QRect) -> QRectF:
        """Return which part of the photograph a pane shows."""
        assert self._photograph is not None
        box = self._box or Box(0, 0, self._photograph.width, self._photograph.height)
        width, height = box.width * SURROUNDINGS, box.height * SURROUNDINGS
        shape = rect.width() / max(rect.height(), 1)
        width, height = max(width, height * shape), max(height, width / shape)
        x, y = box.centre
        return QRectF(x - width / 2, y - height / 2, width, height)

    def _ready(self, key: FrameKey, frame: Frame) -> None:
        for what, wanted in self._keys.items():
            if key == wanted:
                self._drawn[what] = key, frame.picture
                self.update()

    # painting

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        scheme = theme.colours()
        painter = QPainter(self)
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        painter.fillRect(self.rect(), scheme["line"])
        pair = (self._comparison.other, self._comparison.shown)
        if self._photograph is None or not all(pair):
            painter.fillRect(self.rect(), scheme["canvas"])
            paint_trouble(painter, self.rect(), self._comparison.trouble)
            return
        for number, pane in enumerate(self.panes()):
            painter.save()
            painter.setClipRect(pane.rect)
            self._paint_ground(painter, pane)
            self._paint_bodies(painter, pane, number // 2)
            painter.restore()
        self._paint_words(painter, *(one.words if one else "" for one in pair))

    def _paint_ground(self, painter: QPainter, pane: Pane) -> None:
        scheme = theme.colours()
        painter.fillRect(pane.rect, scheme["canvas"])
        if pane.over_picture and self._photograph is not None:
            region = self._region(pane.rect)
            scale = pane.rect.width() / region.width()
            painter.save()
            painter.translate(pane.rect.topLeft())
            painter.scale(scale, scale)
            painter.translate(-region.topLeft())
            self._photograph.paint(painter, scale * self.devicePixelRatioF())
            painter.restore()

    def _paint_bodies(self, painter: QPainter, pane: Pane, row: int) -> None:
        other, shown = (self._drawn.get((which, pane.over_picture)) for which in (OTHER, SHOWN))
        rect = QRectF(pane.rect)
        over = 0.85 if pane.over_picture else 1.0
        match self._comparison.mode:
            case Mode.ABOVE:
                _draw(painter, rect, shown if row else other, over)
            case Mode.WIPE:
                x = rect.left() + self._line * rect.width()
                left = QRectF(rect.left(), rect.top(), x - rect.left(), rect.height())
                right = QRectF(x, rect.top(), rect.right() - x + 1, rect.height())
                for half, image in ((left, other), (right, shown)):
                    painter.setClipRect(half)
                    _draw(painter, rect, image, over)
                painter.setClipRect(rect)
                for width, colour in ((3.0, "#80000000"), (1.4, "#ffffffff")):
                    painter.setPen(QPen(QColor(colour), width))
                    painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
            case Mode.ONION:
                _draw(painter, rect, other, 0.6)
                _draw(painter, rect, shown, 0.55)
            case Mode.HEAT:
                _draw(painter, rect, shown, max(over, 0.9))

    def _paint_words(self, painter: QPainter, other: str, shown: str) -> None:
        panes = self.panes()
        rect = panes[0].rect.adjusted(theme.SPACE, theme.SPACE, -theme.SPACE, -theme.SPACE)
        match self._comparison.mode:
            case Mode.ABOVE:
                paint_chip(painter, rect.topLeft(), other)
                paint_chip(painter, panes[2].rect.topLeft() + rect.topLeft(), shown)
            case Mode.WIPE:
                self._paint_ends(painter, rect, f"◧ {other}", f"{shown} ◨")
            case Mode.ONION:
                self._paint_ends(painter, rect, other, shown, (theme.PART, theme.BODY))
            case Mode.HEAT:
                words = tr("{shown}, from {other}", shown=shown, other=other)
                paint_chip(painter, rect.topLeft(), words)

    def _paint_ends(
        self,
        painter: QPainter,
        rect: QRect,
        left: str,
        right: str,
        tints: tuple[Tint, Tint] = (None, None),
    ) -> None:
        """Write at both ends of a line, or below one another where it is too short."""
        breadth = sum(chip_breadth(text, tints[0] is not None) for text in (left, right))
        down = 0 if breadth + theme.SPACE <= rect.width() else CHIP + theme.SPACE // 2
        paint_chip(painter, rect.topLeft(), left, tints[0])
        paint_chip(painter, rect.topRight() + QPoint(0, down), right, tints[1], right=True)

    # hands

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        over = next((p.over_picture for p in self.panes() if p.rect.contains(at)), True)
        self._grab = event.position(), over
        self._drag(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grab is not None:
            self._drag(event)

    @override
    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grab = None

    def _drag(self, event: QMouseEvent) -> None:
        """Move the line over the picture; turn both bodies beside it."""
        assert self._grab is not None
        at, over = self._grab
        if over and self._comparison.mode == Mode.WIPE:
            width = self.width() * PICTURE_SHARE
            self._line = float(np.clip(event.position().x() / width, 0.02, 0.98))
            self.update()
        elif not over:
            step = (event.position() - at) * RADIANS_A_PIXEL
            pitch = float(np.clip(self._eye.pitch + step.y(), -np.pi / 2, np.pi / 2))
            self._eye = Eye(self._eye.yaw - step.x(), pitch, self._eye.zoom)
            self._ask_soon.start()
        self._grab = event.position(), over

    def look(self, eye: Eye) -> None:
        """See both bodies from elsewhere."""
        self._eye = eye
        self._ask_soon.start()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        zoom = self._eye.zoom * 1.15 ** (event.angleDelta().y() / 120)
        self.look(Eye(self._eye.yaw, self._eye.pitch, float(np.clip(zoom, 0.4, 8.0))))

    @override
    def resizeEvent(self, event: object) -> None:
        self._ask_soon.start()

    @override
    def showEvent(self, event: object) -> None:
        self._ask_soon.start()


class ComparePanel(QWidget):
    """The stage, and by how much the two differ beside it."""

    def __init__(self, frames: Frames, comparison: Comparison) -> None:
        super().__init__()
        self.setAccessibleName(tr("Two bodies compared"))
        self._comparison = comparison
        self.stage = Stage(frames, comparison, self)
        self.facts = Facts()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.HAIRLINE)
        row.addWidget(self.stage, 1)
        row.addWidget(self.facts)

    def show_picture(self, photograph: Photograph | None, box: Box | None) -> None:
        """Take the picture and the person's box."""
        self.stage.show_picture(photograph, box)
        self.show_pair()

    def show_pair(self) -> None:
        """Show what is compared now."""
        if self._comparison.mode is None:
            return
        shown, other = self._comparison.shown, self._comparison.other
        heated = self._comparison.mode == Mode.HEAT and shown is not None and other is not None
        end = heat_end(shown, other) if heated and shown and other else 0
        self.facts.show_pair(shown, other, end)
        self.stage.show_pair()

    def is_settled(self) -> bool:
        """Whether both bodies are drawn as they should."""
        return self.stage.is_settled()


def heat_end(shown: Shown, other: Shown) -> int:
    """Return the end of the scale in centimetres: the same at every step."""
    last = len(shown.poses) - 1
    steps = {round(last * place / (SAMPLES - 1)) for place in range(SAMPLES)} | {shown.frame}
    far = (np.percentile(distances(Shown(shown.poses, step, ""), other), FAR) for step in steps)
    return scale_for(float(max(far)))


def _draw(
    painter: QPainter, rect: QRectF, drawn: tuple[FrameKey, QImage] | None, opacity: float
) -> None:
    if drawn is not None:
        painter.setOpacity(opacity)
        painter.drawImage(rect, drawn[1])
        painter.setOpacity(1.0)
