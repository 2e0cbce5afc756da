"""A button that takes the next key that is pressed."""

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton
from typing_extensions import override

from app.i18n import tr

_MODIFIERS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_unknown,
)


class Recorder(QPushButton):
    """Pressed, it waits for a key; Esc or looking elsewhere leaves."""

    recorded = Signal(str)
    """In Qt's portable text."""

    def __init__(self) -> None:
        super().__init__(tr("Give a key"))
        self.setAutoDefault(False)
        self.waiting = False
        self.clicked.connect(lambda: self.wait(True))

    def wait(self, on: bool) -> None:
        """Wait for a key, or leave that."""
        self.waiting = on
        self.setText(tr("Press a key… Esc leaves") if on else tr("Give a key"))
        if on:
            self.setFocus()

    @override
    def event(self, event: QEvent) -> bool:
        # no shortcut goes before the recorder
        if self.waiting and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.waiting:
            super().keyPressEvent(event)
        elif event.key() not in _MODIFIERS:
            self.wait(False)
            if event.key() != Qt.Key.Key_Escape:
                self.recorded.emit(_portable(event))

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self.waiting:
            self.wait(False)
        super().focusOutEvent(event)


def _portable(event: QKeyEvent) -> str:
    """Return a pressed key; Shift does not count where it only makes the sign, as for "?"."""
    held, sign = event.modifiers(), event.text()
    if sign.isprintable() and sign.strip() and not sign.isalpha():
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(held, Qt.Key(event.key()))).toString()
