"""The photograph with the body over it."""

from math import ceil, log2

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
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
from app.panels.marks import paint_box, paint_keypoints, paint_other_boxes, rect_of
from app.panels.viewport import Viewport
from app.pictures import Photograph
from app.poses import Poses
from core.camera import Camera
from core.evidence import Box, Evidence
from core.render import crop

AHEAD = 10
"""Steps prepared on either side of the shown one."""

LARGEST_FRAME = 1100
"""Longer side of an overlay in device pixels; beyond that it is stretched."""

SURROUNDINGS = 1.35
"""What "fit the person" shows, in boxes."""


class PictureView(QWidget):
    """Draws the photograph, the body of the shown step, its outline and the keypoints."""

    box_clicked = Signal(int)
    body_moved = Signal(float, float, float)
    """By hand: shift right and down in pixels of the photograph, and factor on the distance."""

    zoomed = Signal(float)
    opacity_changed = Signal(float)

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(280, 220)
        self.setMouseTracking(True)
        self.setAccessibleName("Picture with the body over it")
        self._frames = frames
        frames.ready.connect(self._frame_ready)
        self._photograph: Photograph | None = None
        self._evidence: Evidence | None = None
        self._others: dict[int, Box] = {}
        self._poses: Poses | None = None
        self._step = 0
        self._frame: tuple[FrameKey, Frame, QRectF] | None = None
        self._wanted: FrameKey | None = None
        self._rects: dict[FrameKey, QRectF] = {}
        self.port = Viewport()
        self._grab: QPointF | None = None
        self._pressed = QPointF()
        self._shift = QPointF()
        self._moving = False
        self._nearer = 1.0
        self._moved = QTimer(self, singleShot=True, interval=400)
        self._moved.timeout.connect(self._commit_distance)
        self.opacity = 0.75
        self.outline = True
        self.keypoints = True
        self.peeking = False
        self._settle = QTimer(self, singleShot=True, interval=120)
        self._settle.timeout.connect(self._ask)

    @override
    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    # what is shown

    def show_person(
        self,
        photograph: Photograph | None,
        evidence: Evidence | None,
        poses: Poses | None,
        others: dict[int, Box],
    ) -> None:
        """Show a person; what is not known yet is None."""
        new_person = evidence is None or (
            self._evidence is not None and evidence.box != self._evidence.box
        )
        new_picture = photograph is not self._photograph
        self._photograph, self._evidence, self._others = photograph, evidence, others
        if poses is not self._poses:
            self._poses, self._frame = poses, None
            self._rects.clear()
        if new_person or new_picture or self.port.fitted:
            self._refit()
        self._ask()
        self.update()

    def show_step(self, step: int) -> None:
        """Show the body of a step."""
        self._step = step
        self._ask()
        self.update()

    def is_settled(self) -> bool:
        """Whether the body that is drawn is the one that is wanted, in full sharpness."""
        return self._frame is not None and self._frame[0] == self._wanted

    def peek(self, on: bool) -> None:
        """Leave the body out while on."""
        self.peeking = on
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """Set how strongly the body covers the picture, 0 to 1."""
        opacity = float(np.clip(opacity, 0, 1))
        if opacity != self.opacity:
            self.opacity = opacity
            self.opacity_changed.emit(opacity)
            self.update()

    def fainter(self) -> None:
        """Let more of the picture through."""
        self.set_opacity(self.opacity - 0.1)

    def stronger(self) -> None:
        """Let less of the picture through."""
        self.set_opacity(self.opacity + 0.1)

    def show_outline(self, on: bool) -> None:
        """Draw the silhouette's edge."""
        self.outline = on
        self.update()

    def show_keypoints(self, on: bool) -> None:
        """Draw the keypoints."""
        self.keypoints = on
        self.update()

    # zoom and pan

    def fit_person(self) -> None:
        """Show the person's surroundings."""
        self.port.fitted = "person"
        self._refit()
        self._zoom_changed()

    def fit_picture(self) -> None:
        """Show the whole photograph."""
        self.port.fitted = "picture"
        self._refit()
        self._zoom_changed()

    def zoom_in(self) -> None:
        """Zoom in about the middle."""
        self.zoom(1.25)

    def zoom_out(self) -> None:
        """Zoom out about the middle."""
        self.zoom(0.8)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the widget, by default its middle."""
        self.port.zoom(factor, QRectF(self.rect()).center() if at is None else at)
        self._zoom_changed()

    def _zoom_changed(self) -> None:
        self.zoomed.emit(self.port.scale)
        self._settle.start()
        self.update()

    def _refit(self) -> None:
        if self._photograph is None:
            return
        whole = target = QRectF(0, 0, self._photograph.width, self._photograph.height)
        if self._evidence is not None and self.port.fitted != "picture":
            box = self._evidence.box
            side_x, side_y = box.width * SURROUNDINGS, box.height * SURROUNDINGS
            cx, cy = box.centre
            target = QRectF(cx - side_x / 2, cy - side_y / 2, side_x, side_y)
        self.port.fit(target, whole, QSizeF(self.size()))
        self.zoomed.emit(self.port.scale)

    # rendered steps

    def _ask(self) -> None:
        poses = self._poses
        if poses is None or self._photograph is None:
            return
        steps = [self._step]
        for distance in range(1, AHEAD + 1):
            steps += [self._step + distance, self._step - distance]
        possible = (self._key(poses, step) for step in steps if 0 <= step < len(poses))
        keys = [key for key in possible if key is not None]
        if not keys or keys[0].step != self._step:
            self._frame = None
            return
        self._wanted = keys[0]
        frame = self._frames.show("picture", poses, keys)
        if frame is not None:
            self._frame = (keys[0], frame, self._rects[keys[0]])

    def _key(self, poses: Poses, step: int) -> FrameKey | None:
        rect = _rect_of(poses, step)
        if rect is None:
            return None
        camera = _frame_camera(poses, rect, self.port.scale * self.devicePixelRatioF())
        key = FrameKey(poses.key, step, camera, None, theme.BODY, outlined=True)
        self._rects[key] = rect
        return key

    def _frame_ready(self, key: FrameKey, frame: Frame) -> None:
        if (
            self._poses is not None
            and key.poses == self._poses.key
            and key.step == self._step
            and key in self._rects
        ):
            self._frame = (key, frame, self._rects[key])
            self.update()

    # painting

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.fillRect(self.rect(), theme.colours()["canvas"])
        if self._photograph is None:
            return
        painter.translate(self.port.offset)
        painter.scale(self.port.scale, self.port.scale)
        level = self._photograph.level(self.port.scale * self.devicePixelRatioF())
        painter.drawImage(QRectF(0, 0, self._photograph.width, self._photograph.height), level)
        if not self.peeking:
            self._paint_body(painter)
        self._paint_marks(painter)

    def _paint_body(self, painter: QPainter) -> None:
        if self._frame is None:
            return
        _, frame, rect = self._frame
        rect = _scaled(rect.translated(self._shift), 1 / self._nearer)
        painter.setOpacity(self.opacity)
        painter.drawImage(rect, frame.picture)
        painter.setOpacity(1.0)
        if self.outline and frame.edge is not None:
            painter.drawImage(rect, frame.edge)

    def _paint_marks(self, painter: QPainter) -> None:
        if self._evidence is None:
            return
        paint_other_boxes(painter, self._others.values())
        paint_box(painter, self._evidence.box)
        if self.keypoints and not self.peeking and self._evidence.keypoints is not None:
            points = None
            if self._poses is not None and self._step < len(self._poses):
                points = self._poses.points[self._step] + (self._shift.x(), self._shift.y())
            paint_keypoints(painter, self._evidence.keypoints, points, self.port.scale)

    # hands

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if self._poses is not None:
                self._nearer *= 1.03**-turns
                self._moved.start()
                self.update()
        else:
            self.zoom(1.2**turns, event.position())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grab = event.position()
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self._moving = bool(control) and self._poses is not None
            self._pressed = event.position()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grab is None:
            return
        step = event.position() - self._grab
        self._grab = event.position()
        if self._moving:
            self._shift += step / self.port.scale
        else:
            self.port.pan(step)
        self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grab is None:
            return
        travelled = (event.position() - self._pressed).manhattanLength()
        if self._moving and not self._shift.isNull():
            self.body_moved.emit(self._shift.x(), self._shift.y(), 1.0)
        elif travelled < 4:
            self._click(self.port.to_photograph(event.position()))
        self._grab, self._moving, self._shift = None, False, QPointF()
        self.update()

    @override
    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.fit_person()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.port.fitted:
            self._refit()
            self._settle.start()
        super().resizeEvent(event)

    def _commit_distance(self) -> None:
        factor, self._nearer = self._nearer, 1.0
        self.body_moved.emit(0.0, 0.0, factor)

    def _click(self, at: QPointF) -> None:
        for person_id, box in self._others.items():
            if rect_of(box).contains(at):
                self.box_clicked.emit(person_id)
                return


def _rect_of(poses: Poses, step: int) -> QRectF | None:
    """Return where a body is in the photograph, in whole pixels; None where it is outside."""
    left, top, right, bottom = poses.bounds[step]
    seen = QRectF(0, 0, poses.camera.width, poses.camera.height)
    rect = QRectF(left - 2, top - 2, right - left + 4, bottom - top + 4).intersected(seen)
    if rect.width() < 2 or rect.height() < 2:
        return None
    return QRectF(rect.toAlignedRect())


def _frame_camera(poses: Poses, rect: QRectF, zoom: float) -> Camera:
    """Return the camera that sees a part of the photograph as sharp as the screen shows it.

    Sharpness goes up in half octaves, so that a little zoom does not ask for new frames.
    """
    scale = 2.0 ** (ceil(2 * log2(max(zoom, 1e-3))) / 2)
    scale = min(scale, LARGEST_FRAME / max(rect.width(), rect.height()))
    return crop(poses.camera, rect.x(), rect.y(), rect.width(), rect.height(), scale)


def _scaled(rect: QRectF, factor: float) -> QRectF:
    """Return a rectangle made larger about its middle."""
    grow_x, grow_y = rect.width() * (factor - 1) / 2, rect.height() * (factor - 1) / 2
    return rect.adjusted(-grow_x, -grow_y, grow_x, grow_y)
