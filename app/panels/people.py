"""The queue: how far the review is, what is shown of it, and the list."""

from pathlib import Path

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QInputDialog,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.i18n import mark, tr
from app.panels.filter_bar import FilterBar
from app.panels.people_list import LOOKS, ROW, THUMBNAIL, PeopleList, PeopleModel
from app.rows import Rows, View
from core.project import State
from core.project.bulk import Verb

__all__ = ["THUMBNAIL", "PeoplePanel"]

BULK = (
    (Verb.ACCEPT_SUGGESTED, mark("Accept suggestions")),
    (Verb.REJECT, mark("Reject")),
    (Verb.FLAG, mark("Flag")),
    (Verb.ASK_SECOND, mark("Second opinion")),
    (Verb.TAG, mark("Tag…")),
    (Verb.UNTAG, mark("Untag…")),
)


BULK_PLACES = ((1, 0, 1, 2), (2, 0), (2, 1), (3, 0, 1, 2), (4, 0), (4, 1))
"""Row and column of each button, and how many it takes: the panel is narrow."""


class StateBar(QWidget):
    """How many persons are in each state, as parts of one bar; the words are beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: dict[State, int] = {}
        self.setFixedHeight(6)

    def show_counts(self, counts: dict[State, int]) -> None:
        """Show how many are in each state."""
        self.counts = counts
        said = ", ".join(f"{count} {tr(LOOKS[state][2])}" for state, count in counts.items())
        self.setAccessibleName(said)
        self.setToolTip(said)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, 6)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, scheme = QPainter(self), theme.colours()
        painter.fillRect(self.rect(), scheme["line"])
        whole, left = max(sum(self.counts.values()), 1), 0.0
        for state, count in self.counts.items():
            if state is State.UNDECIDED or not count:
                continue
            width = self.width() * count / whole
            painter.fillRect(QRectF(left, 0, max(width - 1, 1), 6), scheme[LOOKS[state][1]])
            left += width


class BulkBar(QFrame):
    """What can be done to those who are selected; each is one entry of the journal."""

    wanted = Signal(Verb, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.count = QLabel()
        self.count.setFont(theme.font(bold=True))
        layout = QGridLayout(self)
        layout.setContentsMargins(theme.INSET, theme.SPACE, theme.INSET, theme.SPACE)
        layout.setSpacing(theme.SPACE // 2)
        layout.addWidget(self.count, 0, 0, 1, 2)
        for (verb, text), place in zip(BULK, BULK_PLACES, strict=True):
            button = QPushButton(tr(text))
            button.clicked.connect(lambda _=False, verb=verb: self._want(verb))
            layout.addWidget(button, *place)

    def show_selected(self, count: int) -> None:
        """Say how many are selected."""
        self.setVisible(count > 1)
        self.count.setText(tr("{count} selected", count=count))

    def _want(self, verb: Verb) -> None:
        tag = ""
        if verb in (Verb.TAG, Verb.UNTAG):
            text, agreed = QInputDialog.getText(self, tr("Tag"), tr("A word without spaces"))
            tag = "-".join(text.split())
            if not agreed or not tag:
                return
        self.wanted.emit(verb, tag)


class PeoplePanel(QFrame):
    """The queue of a project."""

    picked = Signal(int)
    selected = Signal(list)
    """Ids of the persons who are selected, where they are several."""

    view_wanted = Signal(View)
    bulk_wanted = Signal(Verb, str)
    filter_kept = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._path: Path | None = None
        self._current: int | None = None
        self.title = QLabel()
        self.title.setFont(theme.font(theme.TITLE_PT, bold=True))
        self.count = QLabel()
        self.count.setObjectName("muted")
        self.bar = StateBar()
        self.filter = FilterBar()
        self.filter.wanted.connect(self.view_wanted)
        self.filter.filter_kept.connect(self.filter_kept)
        self.filter.line.left.connect(self._enter_list)
        self.model = PeopleModel(self)
        self.list = PeopleList(self.model)
        self.list.clicked.connect(self._clicked)
        self.list.selectionModel().selectionChanged.connect(self._select)
        self.model.modelReset.connect(self._select)
        self.nobody = _Nobody()
        self.nobody.button.clicked.connect(self.filter.clear)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.nobody)
        self.bulk = BulkBar()
        self.bulk.hide()
        self.bulk.wanted.connect(self.bulk_wanted)
        head = QVBoxLayout()
        head.setContentsMargins(theme.INSET, theme.INSET, theme.INSET, theme.SPACE)
        head.setSpacing(theme.SPACE // 2)
        for widget in (self.title, self.count, self.bar, self.filter):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.bulk)

    def show_rows(self, path: Path | None, rows: Rows, filters: dict[str, str]) -> None:
        """Show a project's persons, and its pictures without any."""
        if path != self._path:
            self._path = path
            self.model.forget()
        counts = {state: rows.count(state) for state in State}
        persons = sum(counts.values())
        decided = persons - counts[State.UNDECIDED]
        self.title.setText(path.stem if path else "")
        said = tr("{decided} of {all} decided", decided=decided, all=persons)
        self.count.setText(said if persons else tr("nobody yet"))
        self.bar.show_counts(counts)
        self.filter.tags = rows.tags
        self.filter.show_rows(rows, filters)
        self.model.show_rows(rows)
        self.pages.setCurrentWidget(self.list if len(rows.all) else self.nobody)

    def show_current(self, place: int | None) -> None:
        """Mark the person that is shown."""
        if place is None:
            self._current = None
            self.list.clearSelection()
            self._mark(-1)
            return
        row_id = int(self.model.list.ids[place])
        index = self.model.index(place)
        same, self._current = row_id == self._current, row_id
        if same and (self.bulk.isVisible() or index == self.list.currentIndex()):
            return  # several are selected, and nobody else is shown
        self._mark(place)
        self.list.scrollTo(index)

    def _mark(self, place: int) -> None:
        """Mark a row alone; the list itself would add it to others while Shift or Ctrl is held."""
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(self.model.index(place), flag)

    def unselect(self) -> None:
        """Select nobody but the person who is shown."""
        self.list.clearSelection()
        if (place := self.model.list.place(self._current)) >= 0:
            self._mark(place)

    def write_filter(self) -> None:
        """Begin to write a filter."""
        self.filter.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.line.selectAll()

    def select_all(self) -> None:
        """Select everyone who is shown."""
        self.list.selectAll()

    def choose(self, ids: list[int]) -> None:
        """Select persons; who is not in the list cannot be."""
        chosen = QItemSelection()
        places = [self.model.list.place(key) for key in ids]
        for place in places:
            if place >= 0:
                index = self.model.index(place)
                chosen.append(QItemSelectionRange(index))
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().select(chosen, flag)
        self.list.scrollTo(self.list.currentIndex())

    def _clicked(self) -> None:
        if len(self.list.selectionModel().selectedIndexes()) <= 1:
            self.picked.emit(self.list.currentIndex().data(ROW).id)

    def _enter_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.TabFocusReason)
        if len(self.model.rows) and not self.list.currentIndex().isValid():
            self.picked.emit(self.model.rows[0].id)

    def _select(self) -> None:
        # spans, not indexes: of those 100,000 are slow
        spans = self.list.selectionModel().selection().toList()
        places = [place for span in spans for place in range(span.top(), span.bottom() + 1)]
        ids = [int(key) for key in self.model.list.ids[places] if key > 0]
        self.bulk.show_selected(len(ids))
        self.selected.emit(ids if len(ids) > 1 else [])


class _Nobody(QWidget):
    """What is shown where the filter lets nobody through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._icon.setPixmap(theme.icon("account-search-outline", "muted").pixmap(QSize(36, 36)))
        text = QLabel(tr("No one matches"), alignment=Qt.AlignmentFlag.AlignCenter)
        text.setObjectName("muted")
        self.button = QPushButton(tr("Clear the filter"))
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.SPACE)
        layout.addStretch(2)
        layout.addWidget(self._icon)
        layout.addWidget(text)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
