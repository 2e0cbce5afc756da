"""Who is in the shown picture, where they are several: a button each, under the picture."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

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
        self._shown: object = None
        self.buttons: dict[int, QToolButton] = {}
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        for policy in (self._area.setVerticalScrollBarPolicy,
                       self._area.setHorizontalScrollBarPolicy):  # fmt: skip
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, 4, theme.SPACE, 4)
        layout.addWidget(self._area)
        self.hide()

    def show_persons(self, rows: Sequence[PersonRow], current: int | None) -> None:
        """Show the persons of a picture, and which of them is shown."""
        told = [(row.id, row.number, row.state) for row in rows], theme.colours(), tr("to do")
        if told != self._shown:
            self._shown = told
            self._fill(rows)
        for key, button in self.buttons.items():
            button.setChecked(key == current)
            if key == current:
                self._area.ensureWidgetVisible(button)
        self.setVisible(len(rows) > 1)

    def _fill(self, rows: Sequence[PersonRow]) -> None:
        inside = QWidget()
        inside.setObjectName("panel")
        line = QHBoxLayout(inside)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        self.buttons = {row.id: self._button(row) for row in rows}
        for button in self.buttons.values():
            line.addWidget(button)
        line.addStretch(1)
        self._area.setWidget(inside)  # which deletes the one before

    def _button(self, row: PersonRow) -> QToolButton:
        icon, colour, word = LOOKS[row.state]
        button = QToolButton()
        button.setCheckable(True)
        button.setText(str(row.number))
        button.setIcon(theme.icon(icon, colour))
        button.setIconSize(QSize(14, 14))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        said = tr("Person {number}: {state}", number=row.number, state=tr(word))
        button.setAccessibleName(said)
        button.setToolTip(said)
        button.clicked.connect(lambda: self.picked.emit(row.id))
        return button
