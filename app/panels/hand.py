"""What the mouse does in the picture: pans, moves the body, draws a box, adjusts what is there."""

from dataclasses import replace
from enum import Enum, auto

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent

from app.panels.adjuster import CLICK, Adjuster
from app.panels.grips import SMALLEST_BOX
from app.panels.viewport import Viewport
from app.placing import Correction

RADIANS_A_PIXEL = 0.008
RADIANS_A_NOTCH = 0.05
NEARER_A_NOTCH = 1.03
STILL = Correction()


class Drag(Enum):
    """What a drag does."""

    PAN = auto()
    MOVE = auto()
    TURN = auto()
    BOX = auto()
    ADJUST = auto()


class Hand(QObject):
    """Follows the mouse; the picture draws what comes of it.

    Parameters
    ----------
    port : Viewport
        Of the picture; panning shifts it.
    """

    panned = Signal()
    turned = Signal()
    """The body is seen from elsewhere now."""

    let_go = Signal(object)
    """The `Correction` with which the body was put down."""

    box_drawn = Signal(QRectF)
    """In pixels of the photograph."""

    clicked = Signal(QPointF)
    """On a pixel of the photograph."""

    drawing_changed = Signal(bool)

    def __init__(self, port: Viewport, parent: QObject) -> None:
        super().__init__(parent)
        self._port = port
        self.adjuster = Adjuster(port, self)
        self.adjuster.switched.connect(self._adjusting)
        self.has_body = False
        self.bounds = QRectF()
        """Of the photograph; a box is cut there."""
        self.drawing = False
        """Whether the next drag draws a box."""
        self.correction = STILL
        self._drag: Drag | None = None
        self._pressed = self._at = QPointF()
        self._put_down = QTimer(self, singleShot=True, interval=400)
        self._put_down.timeout.connect(self._let_go)

    @property
    def holds(self) -> bool:
        """Whether a button is down."""
        return self._drag is not None

    @property
    def band(self) -> QRectF | None:
        """The box under way, in pixels of the photograph."""
        if self._drag is not Drag.BOX:
            return None
        corners = map(self._port.to_photograph, (self._pressed, self._at))
        return QRectF(*corners).normalized().intersected(self.bounds)

    def draw_box(self, on: bool) -> None:
        """Let the next drag draw a box, or leave that."""
        if on != self.drawing:
            self.drawing, self._drag = on, None
            if on:
                self.adjuster.switch(False)
            self.drawing_changed.emit(on)

    def forget(self) -> None:
        """Leave the body as it is."""
        self._put_down.stop()
        self.correction = STILL

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        self._pressed = self._at = event.position()
        held = event.modifiers()
        if self.drawing and event.button() == Qt.MouseButton.LeftButton:
            self._drag = Drag.BOX
        elif self._adjusts(event) and self.adjuster.press(event.position()):
            self._drag = Drag.ADJUST
        elif not (self.has_body and held & Qt.KeyboardModifier.ControlModifier):
            self._drag = Drag.PAN
        else:
            self._drag = Drag.TURN if held & Qt.KeyboardModifier.ShiftModifier else Drag.MOVE

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag, or look what is under the mouse."""
        step = event.position() - self._at
        self._at = event.position()
        match self._drag:
            case None:
                self.adjuster.look(event.position())
            case Drag.ADJUST:
                self.adjuster.drag(event.position())
            case Drag.MOVE:
                step /= self._port.scale
                self.correction = self.correction.shifted(step.x(), step.y())
            case Drag.TURN:
                step *= RADIANS_A_PIXEL
                self.correction = self.correction.turned(-step.x(), step.y())
                self.turned.emit()
            case Drag.PAN:
                self._port.pan(step)
                self.panned.emit()

    def release(self, event: QMouseEvent) -> None:
        """End a drag."""
        band, drag, self._drag = self.band, self._drag, None
        if band is not None:
            if min(band.width(), band.height()) >= SMALLEST_BOX:
                self.draw_box(False)
                self.box_drawn.emit(band)
        elif drag in (Drag.MOVE, Drag.TURN):
            self._let_go()
        elif drag is Drag.ADJUST:
            if self.adjuster.release():
                self.clicked.emit(self._port.to_photograph(event.position()))
        elif drag and (event.position() - self._pressed).manhattanLength() < CLICK:
            self.clicked.emit(self._port.to_photograph(event.position()))

    def leave(self) -> bool:
        """Leave off a drag, else what the mouse does; tells whether there was any."""
        if self.adjuster.cancel():
            self._drag = None
            return True
        was = self.drawing or self.adjuster.on
        self.draw_box(False)
        self.adjuster.switch(False)
        return was

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the mouse looks like."""
        if self.drawing:
            return Qt.CursorShape.CrossCursor
        grip = self.adjuster.held if self._drag is Drag.ADJUST else self.adjuster.hover
        return grip.cursor if grip is not None else Qt.CursorShape.ArrowCursor

    def turn_wheel(self, notches: float, roll: bool) -> None:
        """Bring the body nearer, or roll it; put down when the wheel rests."""
        if not self.has_body:
            return
        if roll:
            angle = self.correction.roll + RADIANS_A_NOTCH * notches
            self.correction = replace(self.correction, roll=angle)
            self.turned.emit()
        else:
            nearer = self.correction.nearer * NEARER_A_NOTCH**-notches
            self.correction = replace(self.correction, nearer=nearer)
        self._put_down.start()

    def _adjusting(self, on: bool) -> None:
        if on:
            self.draw_box(False)

    def _adjusts(self, event: QMouseEvent) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        return self.adjuster.on and plain and event.button() == Qt.MouseButton.LeftButton

    def _let_go(self) -> None:
        correction = self.correction
        self.forget()
        if correction != STILL:
            self.let_go.emit(correction)
