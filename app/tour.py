"""The tour: four cards beside what they speak of, shown once, on the sample project."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from app import theme
from app.i18n import mark, tr
from app.keymap import Keymap
from app.menus import shown_key

if TYPE_CHECKING:
    from app.window import MainWindow

WIDTH, GAP = 340, 12
SHADE = QColor(8, 12, 20, 120)


@dataclass(frozen=True)
class Card:
    """One card: the panel of the window it lies beside, title, text with actions for keys."""

    panel: str
    title: str
    text: str


CARDS = (
    Card("people", mark("One person after another"),
         mark("Everybody who is in the pictures. After each decision the next undecided person "
              "comes by itself; {next} and {previous} go through the list.")),
    Card("picture", mark("Does the body fit?"),
         mark("The body lies over the picture. Hold V for the picture alone. {side} shows it from "
              "the side, where errors of depth are seen; {camera} goes back.")),
    Card("steps", mark("Find the step that fits"),
         mark("Step 0 is the rough annotation as it came. {step_on} and {step_back} go through "
              "corrections of it, stronger and stronger; {suggested} goes to the suggestion.")),
    Card("decisions", mark("One key decides"),
         mark("{accept} accepts what you see, {reject} leaves the person out, {flag} puts them "
              "aside. {undo} takes back anything. {palette} finds all else; all keys: {keys}.")),
)  # fmt: skip


class Tour(QDialog):
    """Goes from card to card; Esc leaves."""

    def __init__(self, window: "MainWindow", keymap: Keymap) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("palette")
        self.setAccessibleName(tr("Tour"))
        self._window, self._keymap = window, keymap
        self._spotlight = Spotlight(window)
        self._number = 0
        self.title = QLabel()
        self.title.setFont(theme.font(theme.TITLE_PT, bold=True))
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.count = QLabel()
        self.count.setObjectName("muted")
        self.skip = QPushButton(tr("Skip the tour"))
        self.skip.setAutoDefault(False)
        self.skip.clicked.connect(self.reject)
        self.on = QPushButton()
        self.on.setObjectName("primary")
        self.on.setDefault(True)
        self.on.clicked.connect(self._go_on)
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.skip)
        foot.addWidget(self.on)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[2 * theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        for widget in (self.title, self.text):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addLayout(foot)
        self.setFixedWidth(WIDTH)
        self.finished.connect(self._spotlight.deleteLater)
        self._show_card()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show_card()

    def _go_on(self) -> None:
        if self._number + 1 == len(CARDS):
            self.accept()
        else:
            self._number += 1
            self._show_card()

    def _show_card(self) -> None:
        card = CARDS[self._number]
        last = self._number + 1 == len(CARDS)
        self.title.setText(tr(card.title))
        self.text.setText(tr(card.text, **self._keys()))
        self.text.setMinimumHeight(self.text.heightForWidth(WIDTH - 4 * theme.SPACE))
        self.count.setText(f"{self._number + 1} / {len(CARDS)}")
        self.on.setText(tr("Begin") if last else tr("Go on"))
        self.skip.setHidden(last)
        self.on.setFocus()
        self.adjustSize()
        panel = self._panel(card.panel)
        spot = QRect(panel.mapTo(self._window, QPoint()), panel.size())
        self._spotlight.light(spot)
        self.move(self._window.mapToGlobal(self._place(spot)))

    def _panel(self, name: str) -> QWidget:
        panel: QWidget = getattr(self._window, name)
        return panel

    def _place(self, spot: QRect) -> QPoint:
        """Return a place beside a panel, else above it; never outside the window."""
        room = self._window.rect().adjusted(GAP, GAP, -GAP, -GAP)
        size = self.sizeHint().expandedTo(self.size())
        if spot.right() + GAP + size.width() < room.right():
            at = QPoint(spot.right() + GAP, spot.top() + 2 * GAP)
        else:
            at = QPoint(spot.center().x() - size.width() // 2, spot.top() - GAP - size.height())
        return QPoint(
            max(room.left(), min(at.x(), room.right() - size.width())),
            max(room.top(), min(at.y(), room.bottom() - size.height())),
        )

    def _keys(self) -> dict[str, str]:
        """Return the first key of every action that the cards name."""
        names = ("next", "previous", "side", "camera", "step_on", "step_back", "suggested",
                 "accept", "reject", "flag", "undo", "palette", "keys")  # fmt: skip
        keys = {name: self._keymap.keys(name) for name in names}
        return {name: shown_key(found[0]) if found else "–" for name, found in keys.items()}


class Spotlight(QWidget):
    """Shades the window but for one panel."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._spot = QRect()
        self.setGeometry(window.rect())
        self.show()

    def light(self, spot: QRect) -> None:
        """Leave a panel unshaded."""
        self._spot = spot
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRegion(QRegion(self.rect()).subtracted(QRegion(self._spot)))
        painter.fillRect(self.rect(), SHADE)
        painter.setClipping(False)
        painter.setPen(QPen(theme.colours()["accent"], 2))
        painter.drawRect(self._spot.adjusted(1, 1, -1, -1))
