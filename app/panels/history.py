"""What was decided, on whom, when and by whom; a click goes back or forth to there."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.dates import when
from app.i18n import tr
from app.panels.people_list import Index
from app.said import heard
from core.project import Act, JournalEntry
from core.project.history import Deed, History

ROW_HEIGHT = 46
DEED = Qt.ItemDataRole.UserRole

Want = Callable[[int | None, Callable[[History], None]], object]


class HistoryModel(QAbstractListModel):
    """The decisions of the journal, newest first, read by pages as they are scrolled to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.want: Want | None = None
        """Asks for the page below an entry."""
        self.deeds: list[Deed] = []
        self.now = self.total = 0
        self.can_redo: set[int] = set()
        self._off: set[int] = set()
        self._asked = False
        self._age = 0

    def begin(self) -> None:
        """Read the newest page, and forget what was read before."""
        self._age += 1
        self._asked = False
        self.beginResetModel()
        self.deeds, self._off, self.can_redo = [], set(), set()
        self.now = self.total = 0
        self.endResetModel()
        self._ask()

    def took(self, entries: tuple[JournalEntry, ...]) -> None:
        """Follow what was written meanwhile: undo and redo turn decisions off and on."""
        for entry in entries:
            if entry.act is Act.DECIDE:
                self.begin()
                return
            target = entry.target or 0
            undone = entry.act is Act.UNDO
            (self._off.add if undone else self._off.discard)(target)
            (self.can_redo.add if undone else self.can_redo.discard)(target)
        self.now = next((deed.id for deed in self.deeds if self.is_on(deed)), 0)
        if self.deeds:
            self.dataChanged.emit(self.index(0), self.index(len(self.deeds) - 1))

    def is_on(self, deed: Deed) -> bool:
        """Whether a decision counts."""
        return deed.id not in self._off

    def place_of_now(self) -> int:
        """Return where the last decision that counts is, or -1."""
        return next((place for place, deed in enumerate(self.deeds) if deed.id == self.now), -1)

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.deeds)

    @override
    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and len(self.deeds) < self.total

    @override
    def fetchMore(self, parent: Index) -> None:
        self._ask()

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        deed = self.deeds[index.row()]
        if role == DEED:
            return deed
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join([words(deed), aside(deed), self._standing(deed)])
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join([words(deed), aside(deed), self._standing(deed)])
        return None

    def _standing(self, deed: Deed) -> str:
        if deed.id == self.now:
            return tr("the project is here")
        if self.is_on(deed):
            return tr("click to undo all that came later")
        redo = deed.id in self.can_redo
        return tr("undone; click to do it again") if redo else tr("undone, and decided anew")

    def _ask(self) -> None:
        if self.want is None or self._asked:
            return
        self._asked, age = True, self._age

        def got(page: History) -> None:
            if age == self._age:
                self._append(page)

        self.want(self.deeds[-1].id if self.deeds else None, got)

    def _append(self, page: History) -> None:
        self._asked = False
        self.total = page.total
        if not self.deeds:
            self.now, self.can_redo = page.now, set(page.can_redo)
        if page.deeds:
            first = len(self.deeds)
            self.beginInsertRows(QModelIndex(), first, first + len(page.deeds) - 1)
            self.deeds.extend(page.deeds)
            self._off.update(deed.id for deed in page.deeds if not deed.on)
            self.endInsertRows()


class HistoryDelegate(QStyledItemDelegate):
    """Draws a decision; what is undone is pale and struck through, and the present is marked."""

    @override
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, deed = index.model(), index.data(DEED)
        assert isinstance(model, HistoryModel)
        scheme, rect = theme.colours(), QRect(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, scheme["hover"])
        if deed.id == model.now:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), scheme["accent"])
        inner = rect.adjusted(12, 4, -10, -4)
        half = inner.height() // 2
        font = theme.font(bold=deed.id == model.now)
        if not model.is_on(deed):
            font = QFont(font)  # the theme's own is shared
            font.setStrikeOut(True)
        painter.setFont(font)
        painter.setPen(scheme["text" if model.is_on(deed) else "muted"])
        middle, left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft
        text = painter.fontMetrics().elidedText(
            words(deed), Qt.TextElideMode.ElideRight, inner.width()
        )
        upper = QRect(inner.left(), inner.top(), inner.width(), half)
        painter.drawText(upper, int(middle | left), text)
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(scheme["muted"])
        lower = QRect(inner.left(), inner.top() + half, inner.width(), half)
        about = painter.fontMetrics().elidedText(
            aside(deed), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        painter.drawText(lower, int(middle | left), about)
        painter.setPen(QPen(scheme["line"], 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()


class HistoryPanel(QFrame):
    """The decisions of a project."""

    jump_wanted = Signal(int)
    """Undo or redo to this entry; 0 undoes all."""

    person_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.model = HistoryModel(self)
        self.list = _List(self._open_menu)
        self.list.setModel(self.model)
        self.list.setItemDelegate(HistoryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("History"))
        self.list.clicked.connect(lambda index: self.go_to(index.row()))
        self.list.activated.connect(lambda index: self.go_to(index.row()))
        self.start = QPushButton(tr("Undo everything"))
        self.start.setToolTip(tr("Go back to before the first decision; redo brings all back"))
        self.start.clicked.connect(lambda: self.jump_wanted.emit(0))
        self.nothing = QLabel(tr("Nothing is decided yet"), alignment=Qt.AlignmentFlag.AlignCenter)
        self.nothing.setObjectName("muted")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.nothing)
        for told in (self.model.modelReset, self.model.rowsInserted, self.model.dataChanged):
            told.connect(self._mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, theme.SPACE)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.start, 0, Qt.AlignmentFlag.AlignHCenter)
        self._mark()

    def go_to(self, place: int) -> None:
        """Go back or forth to a decision; to its person where that is no longer possible."""
        deed = self.model.deeds[place]
        if self.model.is_on(deed) or deed.id in self.model.can_redo:
            self.jump_wanted.emit(deed.id)
        else:
            self.person_wanted.emit(deed.person_id)

    def _open_menu(self, index: QModelIndex, event: QContextMenuEvent) -> None:
        deed: Deed = index.data(DEED)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        show = QAction(tr("Show the person"), menu)
        show.triggered.connect(lambda: self.person_wanted.emit(deed.person_id))
        jump = QAction(tr("Go to this moment"), menu)
        jump.setEnabled(self.model.is_on(deed) or deed.id in self.model.can_redo)
        jump.triggered.connect(lambda: self.jump_wanted.emit(deed.id))
        menu.addActions([show, jump])
        menu.popup(event.globalPos())

    def _mark(self) -> None:
        self.pages.setCurrentWidget(self.list if self.model.deeds else self.nothing)
        self.start.setEnabled(self.model.now > 0)
        place = self.model.place_of_now()
        self.list.setCurrentIndex(self.model.index(place))


class _List(QListView):
    """Opens a menu on the row under the mouse."""

    def __init__(self, open_menu: Callable[[QModelIndex, QContextMenuEvent], None]) -> None:
        super().__init__()
        self._open = open_menu

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        if index.isValid():
            self._open(index, event)


def words(deed: Deed) -> str:
    """Say what was decided, with a capital; whom it was on stands below."""
    text = heard(deed.words)
    if deed.person:
        text = re.sub(f"(( of| on|:)? |：)person {deed.person_id}$", "", text)
    return text[:1].upper() + text[1:]


def aside(deed: Deed) -> str:
    """Say on whom, by whom and when."""
    path, _, number = deed.person.rpartition(" person ")
    who = f"{Path(path).stem} · {number}" if path else ""
    return " · ".join(part for part in (who, deed.who, when(deed.time)) if part)
