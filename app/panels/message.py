"""What fills the window when there is nobody to show: a line, an explanation, what to do."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import theme
from app.actions import unmarked

TEXT_WIDTH = 520


class MessagePanel(QWidget):
    """An icon, a headline, a text and one or two buttons, in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.headline = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.headline.setFont(theme.font(theme.HERO_PT, bold=True))
        self.text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.text.setObjectName("muted")
        self.text.setWordWrap(True)
        self.text.setFixedWidth(TEXT_WIDTH)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.SPACE)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addStretch(3)
        layout.addWidget(self._icon)
        layout.addSpacing(theme.SPACE)
        layout.addWidget(self.headline)
        layout.addWidget(self.text, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.SPACE)
        layout.addLayout(self._buttons)
        layout.addStretch(4)

    def say(
        self, icon: str, colour: str, headline: str, text: str, actions: Sequence[QAction] = ()
    ) -> None:
        """Fill the panel; the first action becomes the main button."""
        self._icon.setPixmap(theme.icon(icon, colour).pixmap(QSize(56, 56)))
        self.headline.setText(headline)
        self.text.setText(text)
        # a centred label gets one line's height from its layout, however many lines it has
        self.text.setMinimumHeight(self.text.heightForWidth(TEXT_WIDTH))
        while (item := self._buttons.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        self._buttons.addStretch(1)
        for number, action in enumerate(actions):
            button = QPushButton(unmarked(action.text()))
            button.setObjectName("primary" if number == 0 else "")
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
