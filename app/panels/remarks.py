"""Tags and notes on a person: written down when one leaves the field."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app import theme
from app.i18n import tr
from core.project import PersonRow

NOTE_HEIGHT = 64
LEAVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class Remarks(QWidget):
    """Two fields; Return keeps what was typed, Shift+Return begins a line, Escape takes it back."""

    tagged = Signal(str)
    """Words divided by spaces."""

    noted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tags = self._note = ""
        self._person: int | None = None
        self.tags = QLineEdit()
        self.tags.setAccessibleName(tr("Tags"))
        self.tags.setPlaceholderText(tr("Tags, one word each"))
        self.note = QPlainTextEdit()
        self.note.setAccessibleName(tr("Note"))
        self.note.setPlaceholderText(tr("Note"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(NOTE_HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        for field in (self.tags, self.note):
            field.installEventFilter(self)
            layout.addWidget(field)
        self.setEnabled(False)

    def show_row(self, row: PersonRow | None) -> None:
        """Show what is written of a person; what is being typed on the same person stays."""
        person = row.id if row else None
        tags, note = (" ".join(row.tags), row.remark) if row else ("", "")
        typing = person == self._person
        if not (typing and self.tags.text() != self._tags):
            self.tags.setText(tags)
        if not (typing and self.note.toPlainText() != self._note):
            self.note.setPlainText(note)
        self._person, self._tags, self._note = person, tags, note
        self.setEnabled(row is not None)

    def commit(self) -> None:
        """Give away what was typed."""
        tags, note = self.tags.text(), self.note.toPlainText()
        if tags != self._tags:
            self._tags = tags
            self.tagged.emit(tags)
        if note != self._note:
            self._note = note
            self.noted.emit(note)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the window's keys off the fields, and leave them by Return or Escape."""
        if event.type() == QEvent.Type.FocusOut:
            self.commit()
        elif isinstance(event, QKeyEvent) and _leaves(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # else the window accepts the person
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._leave(event.key() == Qt.Key.Key_Escape)
                return True
        return super().eventFilter(watched, event)

    def _leave(self, back: bool) -> None:
        if back:
            self.tags.setText(self._tags)
            self.note.setPlainText(self._note)
        self.window().setFocus()
        self.commit()


def _leaves(event: QKeyEvent) -> bool:
    return event.key() in LEAVE and event.modifiers() != Qt.KeyboardModifier.ShiftModifier
