"""The photograph with the body over it."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
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
from app.panels.crowd import Crowd
from app.panels.grips import point_name
from app.panels.ground import SMOOTH, Ground
from app.panels.hand import STILL, Hand
from app.panels.marks import (
    paint_advice,
    paint_band,
    paint_box,
    paint_keypoints,
    paint_other_boxes,
    paint_trouble,
    rect_of,
)
from app.panels.overlay import Overlay
from app.panels.reel import Reel, reel_key
from app.panels.viewport import Viewport
from app.pictures import Photograph
from app.placing import Correction
from app.poses import Other, Poses, Still, part_at
from core.evidence import Box, Evidence

SURROUNDINGS = 1.35
"""What "fit the person" shows, in boxes."""


class PictureView(QWidget):
    """Draws the photograph, the body of the shown step, its outline and the keypoints."""

    box_clicked = Signal(int)
    part_chosen = Signal(str)
    """By a click on the body; empty beside it."""

    body_moved = Signal(object)
    """By hand: the `Correction`."""

    box_drawn = Signal(object)
    """A `Box` of another person."""

    drawing_changed = Signal(bool)
    """Whether a drag draws a box."""

    film_clicked = Signal()
    """On a frame of a track: who is under review is not on screen, so nothing is done to them."""

    zoomed = Signal(float)
    opacity_changed = Signal(float)

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(280, 160)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Picture with the body over it"))
        self._overlay = Overlay(frames, self)
        self._crowd = Crowd(frames, self)
        for overlay in (self._overlay, self._crowd):
            overlay.changed.connect(self.update)
        self._photograph: Photograph | None = None
        self._trouble = ""
        self._ground = Ground()
        self._others: dict[int, Box] = {}
        self._poses: Poses | None = None
        self._step = 0
        self.port = Viewport()
        self.hand = Hand(self.port, self)
        self._fit_again = False
        self._reel: Reel | None = None
        self._follow_hand()
        self.opacity = 0.75
        self.outline = True
        self.keypoints = True
        self.peeking = False
        self._settle = QTimer(self, singleShot=True, interval=120)
        self._settle.timeout.connect(self._rest)

    @property
    def _evidence(self) -> Evidence | None:
        """Box and keypoints as they are drawn: where a hand has moved them."""
        return self.hand.adjuster.evidence

    def _follow_hand(self) -> None:
        hand = self.hand
        hand.panned.connect(self._settle_soon)
        hand.turned.connect(self._ask)
        hand.let_go.connect(self._put_down)
        hand.clicked.connect(self._click)
        hand.box_drawn.connect(lambda rect: self.box_drawn.emit(_box_of(rect)))
        hand.drawing_changed.connect(self._drawing_changed)
        hand.adjuster.changed.connect(self._follow_pointer)
        hand.adjuster.switched.connect(self._adjusting_changed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    # what is shown

    def show_person(
        self,
        photograph: Photograph | None,
        evidence: Evidence | None,
        others: dict[int, Box],
    ) -> None:
        """Show a person; what is not known yet is None."""
        shown, adjuster = self._evidence, self.hand.adjuster
        moved = evidence is not None and shown is not None and evidence.box != shown.box
        new_person = evidence is None or (moved and evidence is not adjuster.known)
        new_picture = photograph is not self._photograph
        self._photograph, self._others = photograph, others
        adjuster.show(evidence, not new_person)
        if photograph is not None:
            self.hand.bounds = QRectF(0, 0, photograph.width, photograph.height)
            adjuster.bounds = self.hand.bounds
        if new_person:
            self._overlay.clear()
            self._crowd.clear()
            self.hand.forget()
        if new_person or new_picture or (self.port.fitted and not adjuster.on):
            self._refit()
        self._ask()
        self.update()

    def say(self, trouble: str) -> None:
        """Say why there is no photograph."""
        self._trouble = trouble
        self.update()

    def show_poses(self, poses: Poses | None) -> None:
        """Take a person's bodies; a step is to be shown next."""
        self._poses = poses
        self._overlay.show_poses(poses)
        self._crowd.show_poses(poses)
        self.hand.has_body = poses is not None

    def show_step(self, step: int, part: str = "") -> None:
        """Show the body of a step; a part of it stands out."""
        self._step = step
        self._overlay.part = self._crowd.part = part
        self._ask()
        self.update()

    def show_others(self, others: tuple[Other, ...]) -> None:
        """Draw the bodies of others with the shown one: who is in front hides who is behind."""
        self._crowd.show_others(others)
        self._ask()
        self.update()

    def is_settled(self) -> bool:
        """Whether the body that is drawn is the one that is wanted, in full sharpness."""
        drawn = self._overlay.is_settled() and self._crowd.is_settled()
        return drawn and not self._settle.isActive()

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
        self.keypoints = self.hand.adjuster.with_keypoints = on
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
        if (evidence := self._evidence) is not None and self.port.fitted != "picture":
            box = evidence.box
            side_x, side_y = box.width * SURROUNDINGS, box.height * SURROUNDINGS
            cx, cy = box.centre
            target = QRectF(cx - side_x / 2, cy - side_y / 2, side_x, side_y)
        self.port.fit(target, whole, QSizeF(self.size()))
        self.zoomed.emit(self.port.scale)

    # rendered steps

    def _ask(self) -> None:
        if self._photograph is not None and self.isVisible():
            for ask in (self._overlay.ask, self._crowd.follow):
                ask(self._step, self._sharpness(), self.hand.correction)
            self._settle.start()

    def _settle_soon(self) -> None:
        self._settle.start()

    def _rest(self) -> None:
        if self._photograph is not None and not self.hand.holds:
            for ask in (self._overlay.ask, self._crowd.ask):
                ask(self._step, self._sharpness(), self.hand.correction)
            room = QRectF(self.rect())
            corners = map(self.port.to_photograph, (room.topLeft(), room.bottomRight()))
            visible = QRectF(*corners)
            for overlay in (self._overlay, self._crowd):
                overlay.sharpen(visible, self._sharpness())

    def _sharpness(self) -> float:
        """Device pixels a pixel of the photograph."""
        return self.port.scale * self.devicePixelRatioF()

    # frames of a track that is played

    def begin_film(self) -> None:
        """Show the person until there is a frame of a film."""
        self._reel = Reel()

    def film_key(self, still: Still) -> tuple[FrameKey, QRectF] | None:
        """Return what to draw for a frame, and where."""
        return reel_key(still, self._sharpness())

    def show_film(self, photograph: Photograph, frame: Frame | None, rect: QRectF | None) -> None:
        """Show a frame, and the whole picture unless it was zoomed by hand."""
        if self.port.fitted == "person":
            self.fit_picture()
            self._fit_again = True
        self._reel = Reel(photograph, frame, rect)
        self.update()

    def end_film(self) -> None:
        """Show the person again."""
        self._reel = None
        self._fit_as_before()
        self.update()

    # painting

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(SMOOTH)
        ratio, canvas = self.devicePixelRatioF(), theme.colours()["canvas"]
        reel = self._reel if self._reel is not None and self._reel.photograph is not None else None
        shown = reel.photograph if reel is not None else self._photograph
        ground = self._ground.pixmap(shown, self.port, self.size(), ratio, canvas)
        painter.drawPixmap(0, 0, ground)
        if reel is not None:
            self.port.transform(painter)
            reel.paint(painter, 0 if self.peeking else self.opacity, self.outline)
            return
        if self._photograph is None:
            paint_trouble(painter, self.rect(), self._trouble)
            return
        self.port.transform(painter)
        if not self.peeking:
            self._paint_bodies(painter)
        self._paint_marks(painter)
        if (band := self.hand.band) is not None:
            paint_band(painter, band)
        elif self.hand.drawing:
            self._advise(painter, tr("Drag a box around one whole person  ·  Esc leaves"))
        elif (adjuster := self.hand.adjuster).on:
            name = point_name(self._evidence, adjuster.looked_at)
            advice = tr(
                "Drag the box, its edges or a keypoint, or nudge it by arrows  ·  Esc leaves"
            )
            self._advise(painter, name or advice)

    def _paint_bodies(self, painter: QPainter) -> None:
        hand, opacity = self.hand.correction, self.opacity
        together = hand == STILL and self._overlay.is_at(self._step)
        if together and self._crowd.is_at(self._step):
            self._crowd.paint(painter, opacity, False, hand)
            opacity = 0  # its edge alone
        else:
            self._crowd.paint_alone(painter, opacity)
        self._overlay.paint(painter, opacity, self.outline, hand)

    def _advise(self, painter: QPainter, text: str) -> None:
        painter.resetTransform()
        paint_advice(painter, self.rect(), text)

    def _paint_marks(self, painter: QPainter) -> None:
        evidence, adjuster = self._evidence, self.hand.adjuster
        if evidence is None:
            return
        paint_other_boxes(painter, self._others.values())
        paint_box(painter, evidence.box, self.port.scale, movable=adjuster.on)
        if self.keypoints and not self.peeking and evidence.keypoints is not None:
            points = None
            hand = self.hand.correction
            poses = self._poses if hand.nearer == 1.0 and not hand.turns else None
            if poses is not None and self._step < len(poses):
                points = poses.points[self._step] + (hand.right, hand.down)
            grip = adjuster.looked_at
            ringed = grip.keypoint if grip is not None else None
            paint_keypoints(painter, evidence.keypoints, points, self.port.scale, ringed)

    # hands

    def draw_box(self, on: bool) -> None:
        """Let the next drag draw the box of another person, or leave that."""
        self.hand.draw_box(on)

    def adjust(self, on: bool) -> None:
        """Let the mouse move the person's box and keypoints, or leave that."""
        self.hand.adjuster.switch(on)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        held = event.modifiers()
        if held & Qt.KeyboardModifier.ControlModifier and self._reel is None:
            self.hand.turn_wheel(notches, bool(held & Qt.KeyboardModifier.ShiftModifier))
            self.update()
        else:
            self.zoom(1.2**notches, event.position())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._reel is not None:
            self.film_clicked.emit()
        elif event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self.hand.press(event)
            if self.hand.adjuster.held is not None:
                self.setFocus(Qt.FocusReason.MouseFocusReason)  # for the arrows

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hand.move(event)
        if self.hand.holds:
            self.update()

    @override
    def event(self, event: QEvent) -> bool:
        # the window's arrows go from step to step; here they move what is held
        asked = event.type() == QEvent.Type.ShortcutOverride and self._reel is None
        if asked and self.hand.adjuster.takes(event):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._reel is not None or not self.hand.adjuster.nudge(event):
            super().keyPressEvent(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.hand.holds:
            self.hand.release(event)
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

    @override
    def showEvent(self, event: object) -> None:
        self._ask()

    def _put_down(self, correction: Correction) -> None:
        self._overlay.drop(correction)
        self._crowd.clear()
        self.body_moved.emit(correction)
        self.update()

    def _drawing_changed(self, on: bool) -> None:
        """Show the whole picture while a box is drawn, unless it was zoomed by hand."""
        if on and self.port.fitted == "person":
            self.fit_picture()
            self._fit_again = True
        elif not on:
            self._fit_as_before()
        self.drawing_changed.emit(on)
        self._follow_pointer()

    def _fit_as_before(self) -> None:
        if self._fit_again and self.port.fitted:
            self.fit_person()
        self._fit_again = False

    def _adjusting_changed(self, on: bool) -> None:
        if not on and self.hasFocus():
            self.window().setFocus()
        self._follow_pointer()

    def _follow_pointer(self) -> None:
        self.setCursor(self.hand.cursor)
        self.update()

    def _click(self, at: QPointF) -> None:
        poses = self._poses
        if poses is not None and self._step < len(poses):
            part = part_at(poses, self._step, poses.camera, None, at.x(), at.y())
            if part is not None:
                self.part_chosen.emit(part)
                return
        for person_id, box in self._others.items():
            if rect_of(box).contains(at):
                self.box_clicked.emit(person_id)
                return
        self.part_chosen.emit("")


def _box_of(rect: QRectF) -> Box:
    return Box(rect.x(), rect.y(), rect.width(), rect.height())
