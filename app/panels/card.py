"""A line over the window: what went wrong, or what there is to know."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from app import theme
from app.i18n import tr


class Card(QFrame):
    """One line over the window, with a sign; stays until it is put away.

    Parameters
    ----------
    icon, colour : str
        Of the sign: a Material Design name, and a colour of the scheme.
    """

    def __init__(self, icon: str, colour: str) -> None:
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
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(away)
        self.hide()

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def say(self, text: str) -> None:
        """Show a line."""
        self._icon.setPixmap(theme.icon(*self._sign).pixmap(QSize(20, 20)))
        self._text.setText(text)
        self.show()
