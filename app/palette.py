"""The palette: a few letters find any action or person, Return runs or shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.actions import ACTIONS, REVIEW, ActionSpec, plain
from app.fuzzy import closeness
from app.i18n import tr
from app.menus import Actions, shown_key
from app.panels.people_list import Index
from app.review import Review
from app.rows import title

WIDTH, ROW_HEIGHT, SHOWN, ABOVE = 560, 36, 10, 72
MOST_PERSONS = 20


@dataclass(frozen=True)
class Entry:
    """What the palette offers: its text, what is written at the end of the row, what it does."""

    text: str
    aside: str
    icon: str
    enabled: bool
    run: Callable[[], object]


class Entries(QAbstractListModel):
    """The entries that answer to what is typed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show_entries(self, entries: list[Entry]) -> None:
        """Show others."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.entries)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.text}, {entry.aside}" if entry.aside else entry.text
        return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) if self.entries[index.row()].enabled else Qt.ItemFlag(0)


class EntryDelegate(QStyledItemDelegate):
    """Draws a row: icon, text, and at its end the key or the state."""

    @override
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, Entries)
        entry, scheme = model.entries[index.row()], theme.colours()
        rect: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, scheme["hover"])
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), scheme["accent"])
        inner = rect.adjusted(2 * theme.SPACE, 0, -2 * theme.SPACE, 0)
        if entry.icon:
            ratio = painter.device().devicePixelRatioF()
            icon = theme.pixmap(entry.icon, "text" if entry.enabled else "muted", 16, ratio)
            painter.drawPixmap(inner.left(), inner.center().y() - 8, icon)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(scheme["muted"])
        painter.drawText(inner, int(middle | Qt.AlignmentFlag.AlignRight), entry.aside)
        taken = painter.fontMetrics().horizontalAdvance(entry.aside) + 12
        painter.setFont(theme.font())
        painter.setPen(scheme["text" if entry.enabled else "muted"])
        words = inner.adjusted(16 + theme.SPACE + 4, 0, -taken, 0)
        text = painter.fontMetrics().elidedText(
            entry.text, Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, int(middle | Qt.AlignmentFlag.AlignLeft), text)
        painter.restore()


class Palette(QDialog):
    """One line to type in and what answers to it; closes when something is chosen."""

    def __init__(self, window: QWidget, actions: Actions, review: Review) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Find an action or a person"))
        self.setObjectName("palette")
        self._actions, self._review = actions, review
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("What do you want to do? Or the name of a picture"))
        self.line.setAccessibleName(tr("Find an action or a person"))
        self.line.textChanged.connect(self._search)
        self.line.returnPressed.connect(self._choose)
        self.line.installEventFilter(self)
        self.model = Entries(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(EntryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(tr("What answers to it"))
        self.list.clicked.connect(lambda index: self._run(index.row()))
        self.nothing = QLabel(tr("No action and nobody answers to that"))
        self.nothing.setObjectName("muted")
        self.nothing.setContentsMargins(2 * theme.SPACE, theme.SPACE, 0, 2 * theme.SPACE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[theme.HAIRLINE] * 4)
        layout.setSpacing(0)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        width = min(WIDTH, window.width() - 4 * theme.SPACE)
        self.line.setFixedWidth(width)
        self.move(window.mapToGlobal(QPoint((window.width() - width) // 2, ABOVE)))
        self._search("")

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Walk the list by the arrows while the line has the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if by is not None:
                self._walk(by)
                return True
        return super().eventFilter(watched, event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        """Close when the person looks elsewhere; answer in the present language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._search(self.line.text())
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.reject()

    def _search(self, wanted: str) -> None:
        entries = list(self._answers(wanted.strip()))
        self.model.show_entries(entries)
        self.list.setFixedHeight(min(len(entries), SHOWN) * ROW_HEIGHT)
        self.nothing.setVisible(not entries)
        self._mark(next((place for place, each in enumerate(entries) if each.enabled), None))

    def _answers(self, wanted: str) -> Iterator[Entry]:
        if not wanted:
            usual = sorted(ACTIONS, key=lambda spec: spec.menu != REVIEW)
            usual.sort(key=lambda spec: not self._actions[spec.name].isEnabled())
            yield from map(self._action, usual)
            return
        close = [(_closeness(wanted, spec), spec) for spec in ACTIONS]
        close.sort(key=lambda pair: (not self._actions[pair[1].name].isEnabled(), -pair[0]))
        yield from (self._action(spec) for near, spec in close if near)
        yield from self._persons(wanted.casefold())

    def _action(self, spec: ActionSpec) -> Entry:
        action = self._actions[spec.name]
        keys = action.shortcuts()
        return Entry(
            plain(tr(spec.text)),
            shown_key(keys[0].toString()) if keys else "",
            spec.icon,
            action.isEnabled(),
            action.trigger,
        )

    def _persons(self, wanted: str) -> Iterator[Entry]:
        name, _, number = wanted.partition("·")
        found = (
            row
            for row in self._review.rows.named(name.strip())
            if name.strip() in row.image.casefold() and title(row).casefold().endswith(number)
        )
        for row in islice(found, MOST_PERSONS):
            show = partial(self._review.select, row.id)
            yield Entry(title(row), tr("show"), "account-outline", True, show)

    def _walk(self, by: int) -> None:
        count, place = len(self.model.entries), self.list.currentIndex().row()
        for _ in range(count):
            place = (place + by) % count
            if self.model.entries[place].enabled:
                self._mark(place)
                return

    def _mark(self, place: int | None) -> None:
        self.list.setCurrentIndex(QModelIndex() if place is None else self.model.index(place))

    def _choose(self) -> None:
        self._run(self.list.currentIndex().row())

    def _run(self, place: int) -> None:
        if place >= 0 and self.model.entries[place].enabled:
            run = self.model.entries[place].run
            self.accept()
            run()


def _closeness(wanted: str, spec: ActionSpec) -> float:
    """Say how close an action is by its name in either language, or a little less by its tip."""
    names = closeness(wanted, plain(tr(spec.text))), closeness(wanted, plain(spec.text))
    tip = spec.tip.casefold().find(wanted.casefold()) >= 0
    return max(*names, 0.5 * tip)
