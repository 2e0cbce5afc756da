"""Moving a person's box and keypoints by mouse and arrows."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from app.panels.grips import REACH, WHOLE, Grip, grip_at, moved
from app.panels.viewport import Viewport
from core.evidence import Evidence

ARROWS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}
"""A key moves by a pixel of the photograph, with Shift by five."""

NOWHERE = QPointF()
CLICK = 4
"""A drag that goes less far, in panel pixels, is a click."""


class Adjuster(QObject):
    """Holds what is moved until it is let go; then it is told once.

    Parameters
    ----------
    port : Viewport
        Of the picture.
    """

    changed = Signal()
    switched = Signal(bool)
    """Whether the mouse adjusts."""

    box_moved = Signal(object)
    """A `Box`."""

    keypoint_moved = Signal(int, QPointF)
    """Place in the convention, and pixel of the photograph."""

    def __init__(self, port: Viewport, parent: QObject) -> None:
        super().__init__(parent)
        self._port = port
        self.on = False
        self.bounds = QRectF()
        """Of the photograph; a box is kept there."""
        self.with_keypoints = True
        """Whether keypoints are drawn, and so can be held."""
        self.hover: Grip | None = None
        self.held: Grip | None = None
        """What was held last; the arrows move it."""
        self.known: Evidence | None = None
        """As it was told; what was moved since is on its way to the disk."""
        self._evidence: Evidence | None = None
        self._pressed: QPointF | None = None
        self._drags = False
        self._by = NOWHERE
        self._rest = QTimer(self, singleShot=True, interval=600)
        self._rest.timeout.connect(self.settle)

    @property
    def evidence(self) -> Evidence | None:
        """What is to be drawn: as it is known, with what is held where it is now."""
        if self._evidence is None or self.held is None or self._by == NOWHERE:
            return self._evidence
        return moved(self._evidence, self.held, self._by, self.bounds)

    @property
    def looked_at(self) -> Grip | None:
        """What is held, else what is under the pointer."""
        return self.hover if self.held is None else self.held

    def switch(self, on: bool) -> None:
        """Let the mouse adjust box and keypoints, or leave that."""
        if on != self.on:
            self.settle()
            self.on, self.held, self.hover = on, None, None
            self.switched.emit(on)

    def show(self, evidence: Evidence | None, same_person: bool) -> None:
        """Take what is known of a person; a drag of the same one goes on."""
        if not same_person:
            self._forget()
            self.held = self.hover = None
        if evidence is not self.known:
            self._evidence = self.known = evidence

    def put_back(self) -> None:
        """Show what is known: what was moved could not be written."""
        self._forget()
        self._evidence = self.known
        self.changed.emit()

    def look(self, at: QPointF) -> None:
        """Look what is under a point of the panel."""
        self.hover = self._at(at)
        self.changed.emit()

    def press(self, at: QPointF) -> bool:
        """Hold what is under a point of the panel; tells whether there is something."""
        self.settle()
        self.held = self._at(at)
        self._pressed = at if self.held is not None else None
        self.changed.emit()
        return self._pressed is not None

    def drag(self, at: QPointF) -> None:
        """Move what is held."""
        if self._pressed is None:
            return
        way = at - self._pressed
        self._drags = self._drags or way.manhattanLength() >= CLICK
        if self._drags:
            self._by = way / self._port.scale
            self.changed.emit()

    def release(self) -> bool:
        """Let go; tells whether it was a mere click into the box."""
        clicked = self.held == WHOLE and not self._drags
        self.settle()
        return clicked

    def nudge(self, event: QKeyEvent) -> bool:
        """Move what was held last by an arrow key; tells whether it did."""
        if not self.takes(event):
            return False
        far = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self._by = self._by + ARROWS[Qt.Key(event.key())] * far
        self._rest.start()
        self.changed.emit()
        return True

    def takes(self, event: QEvent) -> bool:
        """Whether a key moves what was held last."""
        if not isinstance(event, QKeyEvent) or self.held is None or self._pressed:
            return False
        plain = event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        return self.on and event.key() in ARROWS and plain == Qt.KeyboardModifier.NoModifier

    def cancel(self) -> bool:
        """Leave off a drag, all as it was; tells whether there was one."""
        was = self._pressed is not None
        if was:
            self._forget()
            self.changed.emit()
        return was

    def settle(self) -> None:
        """Tell where what is held has gone; it is drawn there from now on."""
        now, was, held = self.evidence, self._evidence, self.held
        self._forget()
        if now is None or was is None or held is None or now is was:
            return
        self._evidence = now
        if held.keypoint is None:
            self.box_moved.emit(now.box)
        elif now.keypoints is not None:
            self.keypoint_moved.emit(
                held.keypoint, QPointF(*now.keypoints.points[held.keypoint].tolist())
            )

    def _forget(self) -> None:
        self._rest.stop()
        self._pressed, self._drags, self._by = None, False, NOWHERE

    def _at(self, at: QPointF) -> Grip | None:
        if not self.on or self._evidence is None:
            return None
        reach = REACH / self._port.scale
        return grip_at(self._evidence, self._port.to_photograph(at), reach, self.with_keypoints)
