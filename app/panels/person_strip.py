"""Who is in the shown picture, where they are several: a button each, under the picture."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QWidget

from app import theme
from app.i18n import tr
from app.panels.people_list import LOOKS
from core.project import PersonRow

HEIGHT = 40


class PersonStrip(QFrame):
    """Shows nothing where there is one person alone."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedHeight(HEIGHT)
        self.buttons: dict[int, QToolButton] = {}
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        for policy in (self._area.setVerticalScrollBarPolicy,
                       self._area.setHorizontalScrollBarPolicy):  # fmt: skip
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words = QLabel()
        self.words.setObjectName("muted")
        self.words.setFont(theme.font(theme.SMALL_PT))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.words)
        self.say("")
        self.hide()

    def show_persons(self, rows: Sequence[PersonRow], current: int | None) -> None:
        """Show the persons of a picture, and which of them is shown."""
        if len(rows) < 2:
            self.hide()
            return  # nothing is made that nobody sees
        if [row.id for row in rows] != list(self.buttons):
            self._fill(rows)
        for row in rows:
            button = self.buttons[row.id]
            _tell(button, row)
            button.setChecked(row.id == current)
            if row.id == current:
                self._area.ensureWidgetVisible(button)
        self.show()

    def say(self, words: str) -> None:
        """Say something on all of them, at the end of the strip."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _fill(self, rows: Sequence[PersonRow]) -> None:
        inside = QWidget()
        inside.setObjectName("panel")
        line = QHBoxLayout(inside)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.SPACE // 2)
        self.buttons = {row.id: self._button(row.id) for row in rows}
        for button in self.buttons.values():
            line.addWidget(button)
        line.addStretch(1)
        if before := self._area.takeWidget():
            before.deleteLater()  # it may be in the middle of a click
        self._area.setWidget(inside)

    def _button(self, person_id: int) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setIconSize(QSize(14, 14))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.picked.emit(person_id))
        return button


def _tell(button: QToolButton, row: PersonRow) -> None:
    """Say who it is and where they stand, in the present colours and language."""
    icon, colour, word = LOOKS[row.state]
    said = tr("Person {number}: {state}", number=row.number, state=tr(word))
    button.setText(str(row.number))
    button.setIcon(theme.icon(icon, colour))
    button.setAccessibleName(said)
    button.setToolTip(said)
