"""The line that filters the queue, what it is ordered by, and the menu that writes the line."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.i18n import mark, tr
from app.panels.part_rows import NAMES
from app.panels.people_list import LOOKS
from app.rows import Rows, View
from core.pose import PARTS
from core.project.filtering import part_word, states_named, with_state, with_word
from core.project.queue import Order

ORDERS = {
    Order.FILE: mark("Order: file"),
    Order.GAIN: mark("Order: expected gain"),
    Order.DISAGREEMENT: mark("Order: disagreement"),
    Order.SCORE: mark("Order: score"),
    Order.TIME: mark("Order: last decided"),
}

MORE_STATES = {
    "decided": mark("decided"),
    "disputed": mark("reviewers differ"),
    "mixed": mark("mixed steps"),
    "noted": mark("with a note"),
}

HELP = mark(
    "Words in name, note or tags; is:flagged, is:undecided; #tag; by:name; part:left-arm; "
    "score>4 (% of the box), gain>10 (mm), apart>15 (degrees); a minus turns a word round"
)


class FilterLine(QLineEdit):
    """Escape clears the line, and leaves it when it is clear."""

    left = Signal()

    @override
    def event(self, event: QEvent) -> bool:
        # the window's Escape calls off background work; here it is the line's
        if event.type() == QEvent.Type.ShortcutOverride and _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)
        if event.key() in keys or (_is_escape(event) and not self.text()):
            self.left.emit()
        elif _is_escape(event):
            self.clear()
        else:
            super().keyPressEvent(event)


class FilterBar(QWidget):
    """What is shown in the queue, and in which order."""

    wanted = Signal(View)
    filter_kept = Signal(str, str)
    """Name and text; an empty text forgets the name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tags: Callable[[], list[str]] = list
        """Gives the tags of the project."""
        self._filters: dict[str, str] = {}
        self.line = FilterLine()
        self.line.setPlaceholderText(tr("Filter by name, #tag…"))
        self.line.setAccessibleName(tr("Filter"))
        self.line.setToolTip(tr(HELP))
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._want)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self._button = QToolButton()
        self._button.setAccessibleName(tr("Choose a filter"))
        self._button.setToolTip(tr("Choose a filter, or keep this one under a name"))
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._button.setMenu(self.menu)
        self.order = QComboBox()
        self.order.setAccessibleName(tr("Order of the queue"))
        for order, text in ORDERS.items():
            self.order.addItem(tr(text), order)
        self.order.currentIndexChanged.connect(self._want)
        self.found = QLabel()
        self.found.setObjectName("muted")
        self.found.setFont(theme.font(theme.SMALL_PT))
        self.found.setWordWrap(True)
        upper = QHBoxLayout()
        upper.setSpacing(theme.SPACE // 2)
        upper.addWidget(self.line, 1)
        upper.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(upper)
        layout.addWidget(self.order)
        layout.addWidget(self.found)
        self.dress()

    def dress(self) -> None:
        """Take the icon in the colour of the present scheme."""
        self._button.setIcon(theme.icon("filter-variant"))

    def show_rows(self, rows: Rows, filters: dict[str, str]) -> None:
        """Say how many the filter lets through, or what is wrong with it."""
        self._filters = filters
        if rows.view != self.view and rows.view == View():  # another project
            self._set(rows.view)
        self.found.setVisible(bool(rows.view.filter))
        shown = tr("{count} of {all} shown", count=len(rows.all), all=len(rows.columns))
        self.found.setText(rows.trouble or shown)

    @property
    def view(self) -> View:
        """What is asked for."""
        return View(self.order.currentData(), self.line.text().strip())

    def clear(self) -> None:
        """Let everyone through."""
        self.line.clear()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.dress()

    def _set(self, view: View) -> None:
        self.blockSignals(True)
        self.line.setText(view.filter)
        self.order.setCurrentIndex(self.order.findData(view.order))
        self.blockSignals(False)

    def _want(self) -> None:
        self.wanted.emit(self.view)

    def _fill_menu(self) -> None:
        self.menu.clear()
        text = self.line.text()
        states = {state.value: word for state, (_, _, word) in LOOKS.items()} | MORE_STATES
        for name, word in states.items():
            self._add(tr(word), name in states_named(text), partial(self._set_state, name))
        self._add_words(tr("Tags"), {f"#{tag}": f"#{tag}" for tag in self.tags()})
        self._add_words(
            tr("Own step of"),
            {part_word(part): tr(name) for part, name in zip(PARTS, NAMES[1:], strict=True)},
        )
        self.menu.addSeparator()
        for name, kept in self._filters.items():
            self._add(name, kept == text, partial(self._use, kept))
        if text and text not in self._filters.values():
            self.menu.addAction(tr("Keep this filter…"), self._keep)
        for name, kept in self._filters.items():
            if kept == text:
                forget = partial(self.filter_kept.emit, name, "")
                self.menu.addAction(tr("Forget “{name}”", name=name), forget)

    def _add_words(self, title: str, words: dict[str, str]) -> None:
        menu = self.menu.addMenu(title)
        menu.setEnabled(bool(words))
        for word, shown in words.items():
            on = word in self.line.text().split()
            self._add(shown, on, partial(self._set_word, word), menu)

    def _add(
        self, text: str, checked: bool, switch: Callable[[bool], None], menu: QMenu | None = None
    ) -> None:
        action = QAction(text, menu or self.menu)
        action.setCheckable(True)
        action.setChecked(checked)
        action.toggled.connect(switch)
        (menu or self.menu).addAction(action)

    def _set_state(self, name: str, on: bool) -> None:
        self.line.setText(with_state(self.line.text(), name, on))

    def _set_word(self, word: str, on: bool) -> None:
        self.line.setText(with_word(self.line.text(), word, on))

    def _use(self, kept: str, on: bool) -> None:
        self.line.setText(kept if on else "")

    def _keep(self) -> None:
        name, agreed = QInputDialog.getText(self, tr("Keep this filter"), tr("Name"))
        if agreed and name.strip():
            self.filter_kept.emit(name.strip(), self.line.text().strip())


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
