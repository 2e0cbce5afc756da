"""A line over the window: what went wrong, or what there is to know."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget
from typing_extensions import override

from app import theme
from app.i18n import tr


class Card(QFrame):
    """One line over the window, with a sign; stays until it is put away.

    Parameters
    ----------
    icon, colour : str
        Of the sign: a Material Design name, and a colour of the scheme.
    *buttons : QWidget
        What can be done about it, beside the button that puts the card away.
    """

    def __init__(self, icon: str, colour: str, *buttons: QWidget) -> None:
        super().__init__()
        self._sign = icon, colour
        self.setObjectName("panel")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._icon = QLabel()
        away = QToolButton()
        away.setText(tr("Dismiss"))
        away.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        away.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        row.setSpacing(theme.SPACE)
        for widget in (self._icon, self._text, *buttons, away):
            row.addWidget(widget)
        row.setStretchFactor(self._text, 1)
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def say(self, text: str) -> None:
        """Show a line."""
        self._text.setText(text)
        self.show()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        self._icon.setPixmap(theme.icon(*self._sign).pixmap(QSize(20, 20)))
