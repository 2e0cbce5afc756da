"""Keys that act while they are down, and keys that must not be lost to a field."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid
from typing_extensions import override

FIELDS = (QLineEdit, QPlainTextEdit)
"""What takes letters for itself."""


class HeldKeys(QObject):
    """Watches a window for V and B, and for a focus that goes astray."""

    peeking = Signal(bool)
    blinking = Signal(bool)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._down: set[int] = set()
        self._signals = {Qt.Key.Key_V: self.peeking, Qt.Key.Key_B: self.blinking}
        window.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell when one of them goes down or up; all are up where the window is left."""
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and isinstance(event, QKeyEvent):
            if not event.isAutoRepeat():
                self._hold(event.key(), kind == QEvent.Type.KeyPress)
        elif kind == QEvent.Type.WindowDeactivate:
            for key in self._signals:
                self._hold(key, False)
        return super().eventFilter(watched, event)

    def _hold(self, key: int, down: bool) -> None:
        if key in self._signals and (key in self._down) != down:
            (self._down.add if down else self._down.discard)(key)
            self._signals[Qt.Key(key)].emit(down)

    def keep(self, left: QWidget | None, now: QWidget | None) -> None:
        """Focus the window when what had the focus is gone; Qt would give it to any field."""
        window = self._window
        if left is None or left is window or not isValid(left) or left.window() is not window:
            return
        gone = not (left.isVisibleTo(window) and left.isEnabled())
        if gone and (now is None or (isinstance(now, FIELDS) and now.window() is window)):
            window.setFocus()
