"""The body alone, seen from anywhere."""

from dataclasses import replace
from math import pi

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, QTimer, Signal
from PySide6.QtGui import (
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from app import theme
from app.frames import Frame, FrameKey, Frames
from app.i18n import tr
from app.panels.adjuster import CLICK
from app.panels.eye import Eye
from app.panels.marks import paint_trouble
from app.poses import Poses, part_at

AHEAD = 6
RADIANS_A_PIXEL = 0.008
RADIANS_A_KEY = pi / 12


class BodyView(QWidget):
    """Draws the body of the shown step; dragging orbits, the wheel zooms."""

    part_chosen = Signal(str)
    """By a click on the body; empty beside it."""

    view_changed = Signal(str)
    """Name of the view: "camera", "side", "top", or "" for any other."""

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(220, 160)
        self.setAccessibleName(tr("The body alone"))
        self._frames = frames
        frames.ready.connect(self._frame_ready)
        self._poses: Poses | None = None
        self._step = 0
        self._part = ""
        self.eye = Eye()
        self._wanted: FrameKey | None = None
        self._frame: Frame | None = None
        self._drawn: FrameKey | None = None
        self._grab: QPointF | None = None
        self._pressed = QPointF()
        self.hint = ""
        self.ahead = AHEAD
        """Steps on either side that are drawn before they are asked for."""
        self._settle = QTimer(self, singleShot=True, interval=150)
        self._settle.timeout.connect(self._ask)

    @override
    def sizeHint(self) -> QSize:
        return QSize(420, 480)

    def show_poses(self, poses: Poses | None, hint: str) -> None:
        """Take a person's bodies, or say why there are none; a step is to be shown next."""
        self._poses, self.hint = poses, hint
        self.update()

    def clear(self) -> None:
        """Draw no body until there is another."""
        self._frame = self._drawn = None

    def show_step(self, step: int, part: str = "") -> None:
        """Show the body of a step; a part of it stands out."""
        self._step, self._part = step, part
        self._ask()
        self.update()

    def is_settled(self) -> bool:
        """Whether the body that is drawn is the one that is wanted."""
        return self._drawn is not None and self._drawn == self._wanted

    def look(self, yaw: float, pitch: float, name: str = "") -> None:
        """Look from an angle, in radians; both 0 is the camera's own view."""
        zoom = 1.0 if name else self.eye.zoom
        self.eye = Eye(yaw, float(np.clip(pitch, -pi / 2, pi / 2)), zoom)
        self.view_changed.emit(name)
        self._ask()

    def camera_view(self) -> None:
        """See the body as the camera does."""
        self.look(0.0, 0.0, "camera")

    def side_view(self) -> None:
        """See the body from the right of the picture."""
        self.look(pi / 2, 0.0, "side")

    def top_view(self) -> None:
        """See the body from above."""
        self.look(0.0, pi / 2, "top")

    def orbit_left(self) -> None:
        """Turn the body to the left, by one key."""
        self.look(self.eye.yaw + RADIANS_A_KEY, self.eye.pitch)

    def orbit_right(self) -> None:
        """Turn the body to the right."""
        self.look(self.eye.yaw - RADIANS_A_KEY, self.eye.pitch)

    def orbit_up(self) -> None:
        """See the body from higher up."""
        self.look(self.eye.yaw, self.eye.pitch + RADIANS_A_KEY)

    def orbit_down(self) -> None:
        """See the body from lower down."""
        self.look(self.eye.yaw, self.eye.pitch - RADIANS_A_KEY)

    # rendered steps

    def _ask(self) -> None:
        poses = self._poses
        if poses is None or self.width() < 2 or not self.isVisible():
            self._wanted = None
            return
        steps = [self._step]
        if self._grab is None and not self._settle.isActive():
            for distance in range(1, self.ahead + 1):
                steps += [self._step + distance, self._step - distance]
        size = QSizeF(self.size()) * self.devicePixelRatioF()
        keys = [
            FrameKey(
                poses.which, step, *self.eye.on(poses, step, size), theme.BODY, part=self._part
            )
            for step in steps
            if 0 <= step < len(poses)
        ]
        if not keys or keys[0].step != self._step:
            return
        self._wanted = keys[0]
        frame = self._frames.show("body", poses, keys)
        if frame is not None:
            self._frame, self._drawn = frame, keys[0]
            self.update()

    def _frame_ready(self, key: FrameKey, frame: Frame) -> None:
        wanted = self._wanted
        if wanted is None or key.outlined or key.poses != wanted.poses:
            return
        # while orbiting, a view of a moment ago is better than none
        orbiting = self._grab is not None and _alike(key, wanted)
        if key == wanted or orbiting:
            self._frame, self._drawn = frame, key
            self.update()

    # painting

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scheme = theme.colours()
        ground = QLinearGradient(0, 0, 0, self.height())
        ground.setColorAt(0, scheme["surface"])
        ground.setColorAt(1, scheme["canvas"])
        painter.fillRect(self.rect(), ground)
        if self._frame is not None:
            painter.drawImage(QRectF(self.rect()), self._frame.picture)
        elif self.hint:
            paint_trouble(painter, self.rect(), self.hint)

    # hands

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grab = self._pressed = event.position()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grab is None:
            return
        step = event.position() - self._grab
        self._grab = event.position()
        self.look(
            self.eye.yaw - step.x() * RADIANS_A_PIXEL, self.eye.pitch + step.y() * RADIANS_A_PIXEL
        )

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grab = None
        self._settle.start()
        if (event.position() - self._pressed).manhattanLength() < CLICK:
            self._click(event.position())

    def _click(self, at: QPointF) -> None:
        poses, key = self._poses, self._wanted
        if poses is not None and key is not None and key.view is not None:
            view = np.array(key.view).reshape(4, 4)
            scale = key.camera.width / self.width()
            part = part_at(poses, key.step, key.camera, view, at.x() * scale, at.y() * scale)
            self.part_chosen.emit(part or "")

    @override
    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.camera_view()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        zoom = self.eye.zoom * 1.15 ** (event.angleDelta().y() / 120)
        self.eye = replace(self.eye, zoom=float(np.clip(zoom, 0.4, 8.0)))
        self._settle.start()
        self._ask()

    @override
    def showEvent(self, event: object) -> None:
        self._ask()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settle.start()
        super().resizeEvent(event)


def _alike(one: FrameKey, other: FrameKey) -> bool:
    """Whether two frames differ in where they are seen from alone."""
    sides = [(key.step, key.camera.width, key.camera.height) for key in (one, other)]
    return sides[0] == sides[1]
