"""The list of persons: its model, how a row is drawn, and what it says."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.dates import when
from app.i18n import mark, tr
from app.kept import THUMBNAILS, Kept
from app.rows import EmptyPicture, Row, Rows, title
from app.said import heard
from core.project import PersonRow, State
from core.project.queue import Order

ROW_HEIGHT = 60
THUMBNAIL = 44
BADGE = 15

LOOKS = {
    State.UNDECIDED: ("circle-outline", "muted", mark("to do")),
    State.ACCEPTED: ("check-circle", "good", mark("accepted")),
    State.REJECTED: ("close-circle", "bad", mark("rejected")),
    State.FLAGGED: ("flag", "flagged", mark("flagged")),
    State.SECOND_OPINION: ("account-question", "doubt", mark("second opinion")),
}
"""Icon, colour and word of each state."""
NOBODY = ("account-off-outline", "muted", mark("nobody yet"))

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
FIRST_OF_IMAGE = Qt.ItemDataRole.UserRole + 1


class PeopleModel(QAbstractListModel):
    """The rows of a project that the list shows."""

    thumbnail_wanted = Signal(object)
    """Of a `Row`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.list = Rows()
        self.rows = self.list.all
        self._thumbnails: Kept[int, QImage | None] = Kept(THUMBNAILS, _size)

    def show_rows(self, rows: Rows) -> None:
        """Show rows; where only states differ, or one row has gone, selection and place stay."""
        old, new = self.list.ids, rows.ids
        if np.array_equal(old, new):
            self._take(rows)
            if len(new):
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
        elif len(new) == len(old) - 1 and (gone := _only_gone(old, new)) is not None:
            self.beginRemoveRows(QModelIndex(), gone, gone)
            self._take(rows)
            self.endRemoveRows()
        else:
            self.beginResetModel()
            self._take(rows)
            self.endResetModel()

    def forget(self) -> None:
        """Forget thumbnails: the keys of another project mean other persons."""
        self._thumbnails.clear()

    def set_thumbnail(self, row_id: int, image: QImage) -> None:
        """Take the picture of a row."""
        self._thumbnails.keep(row_id, image)
        if (place := self.list.place(row_id)) >= 0:
            self.dataChanged.emit(self.index(place), self.index(place))

    def thumbnail(self, row: Row) -> QImage | None:
        """Return a row's picture, or ask for it and return None."""
        if row.id not in self._thumbnails:
            self._thumbnails.keep(row.id, None)
            self.thumbnail_wanted.emit(row)
        return self._thumbnails.get(row.id)

    def share(self, row: Row) -> str:
        """Say on which track a person is, else which of how many in the picture."""
        if isinstance(row, EmptyPicture):
            return ""
        if row.track:
            return tr("track {name}", name=row.track.rpartition("/")[2])
        count = self.list.number_in_picture(row.image_id)
        return tr("{number} of {count}", number=row.number, count=count) if count > 1 else ""

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == FIRST_OF_IMAGE:
            return self._is_first_of_image(index.row())
        if role not in _ROLES:
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join([row.image, title(row), *details(row)])
        return f"{title(row)}, {tr(look(row)[2])}, {summary(row)}"

    def _take(self, rows: Rows) -> None:
        self.list, self.rows = rows, rows.all

    def _is_first_of_image(self, place: int) -> bool:
        if self.list.view.order is not Order.FILE or place == 0:
            return False
        images = self.list.columns.image_ids[self.rows.rows[place - 1 : place + 1]]
        return bool(images[0] != images[1])


_ROLES = {
    ROW,
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ToolTipRole,
}


def _size(thumbnail: QImage | None) -> int:
    return 1024 + (thumbnail.sizeInBytes() if thumbnail is not None else 0)  # what is asked too


def _only_gone(old: "np.ndarray", new: "np.ndarray") -> int | None:
    """Return the one place of `old` that `new` lacks, where all else is the same."""
    differ = np.flatnonzero(old[:-1] != new)
    gone = int(differ[0]) if len(differ) else len(new)
    return gone if np.array_equal(np.delete(old, gone), new) else None


class PeopleList(QTableView):
    """The list: a table of one column, which shows 100,000 rows as quickly as 100."""

    def __init__(self, model: PeopleModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(PeopleDelegate(self))
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(tr("Persons"))


class PeopleDelegate(QStyledItemDelegate):
    """Draws a row: picture of the person, name, what to expect, state as icon and word."""

    @override
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, PeopleModel)
        row: Row = index.data(ROW)
        scheme = theme.colours()
        rect: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, scheme["hover"])
        view = option.widget
        if isinstance(view, QTableView) and view.currentIndex() == index:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), scheme["accent"])
        if index.data(FIRST_OF_IMAGE):
            painter.setPen(QPen(scheme["line"], 1))
            painter.drawLine(rect.topLeft(), rect.topRight())
        top = rect.top() + (rect.height() - THUMBNAIL) // 2
        picture = QRect(rect.left() + 12, top, THUMBNAIL, THUMBNAIL)
        thumbnail = model.thumbnail(row)
        if thumbnail is None:
            painter.fillRect(picture, scheme["canvas"])
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(picture, thumbnail)
        self._paint_text(painter, rect, picture, row, model.share(row))
        painter.restore()

    def _paint_text(
        self, painter: QPainter, rect: QRect, picture: QRect, row: Row, share: str
    ) -> None:
        scheme = theme.colours()
        left = picture.right() + 10
        width = rect.right() - left - 10
        upper = QRect(left, picture.top() - 1, width, THUMBNAIL // 2)
        lower = QRect(left, picture.top() + THUMBNAIL // 2 + 1, width, THUMBNAIL // 2)
        icon, colour, word = look(row)
        small = theme.font(theme.SMALL_PT)
        painter.setFont(theme.font(bold=look(row) is LOOKS[State.UNDECIDED]))
        painter.setPen(scheme["text"])
        name = Path(row.image).stem
        metrics = painter.fontMetrics()
        ratio = painter.device().devicePixelRatioF()
        for sign in marks(row):
            at = upper.right() - BADGE
            painter.drawPixmap(at, upper.top() + 3, theme.pixmap(sign, "muted", BADGE, ratio))
            upper.setRight(at - 4)
        taken = metrics.horizontalAdvance(share) + 8 if share else 0
        room = max(upper.width() - taken, 40)
        short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, int(middle | Qt.AlignmentFlag.AlignLeft), short)
        painter.setFont(small)
        painter.setPen(scheme["muted"])
        painter.drawText(upper, int(middle | Qt.AlignmentFlag.AlignRight), share)
        painter.drawPixmap(lower.left(), lower.top() + 3, theme.pixmap(icon, colour, BADGE, ratio))
        painter.setPen(scheme[colour])
        words = lower.adjusted(20, 0, 0, 0)
        painter.drawText(words, int(middle | Qt.AlignmentFlag.AlignLeft), tr(word))
        painter.setPen(scheme["muted"])
        rest = words.adjusted(painter.fontMetrics().horizontalAdvance(tr(word)) + 8, 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            summary(row), Qt.TextElideMode.ElideRight, rest.width()
        )
        painter.drawText(rest, int(middle | Qt.AlignmentFlag.AlignRight), text)


def look(row: Row) -> tuple[str, str, str]:
    """Return icon, colour and word of a row's state."""
    return LOOKS[row.state] if isinstance(row, PersonRow) else NOBODY


def marks(row: Row) -> list[str]:
    """Return icons of what is to be known besides: reviewers differ, tags, a note."""
    if isinstance(row, EmptyPicture):
        return []
    signs = (
        (row.disputed, "account-switch-outline"),
        (bool(row.tags), "tag-outline"),
        (bool(row.remark), "note-text-outline"),
    )
    return [icon for there, icon in signs if there]


def summary(row: Row) -> str:
    """Say in a few words what awaits the reviewer, or what was decided."""
    if isinstance(row, EmptyPicture):
        return tr("draw a box")
    if row.state is State.ACCEPTED and row.chosen_step is not None:
        return tr("mixed steps") if row.mixed else _step(row.chosen_step)
    if row.note:
        return heard(row.note)
    if not row.has_theta1:
        return tr("no body yet")
    if row.suggested_step is None:
        return tr("not refined")
    gain = f"  −{row.expected_gain:.0f} mm" if row.expected_gain and row.suggested_step else ""
    return _step(row.suggested_step) + gain


def details(row: Row) -> list[str]:
    """Say all that the list knows of a row, a line each."""
    lines = [tr(look(row)[2])]
    if isinstance(row, EmptyPicture):
        return lines
    if row.decided_by and row.decided_at:
        what, at = tr(look(row)[2]), when(row.decided_at)
        lines = [tr("{what} by {who}, {when}", what=what, who=row.decided_by, when=at)]
    lines.append(summary(row))
    if row.disputed:
        lines.append(tr("Reviewers differ on whether to accept"))
    if row.disagreement is not None:
        lines.append(tr("Runs lie {angle:.1f}° apart", angle=row.disagreement))
    if row.tags:
        lines.append(" ".join(f"#{tag}" for tag in row.tags))
    if row.remark:
        lines.append(row.remark)
    return lines


def _step(step: int) -> str:
    return tr("step {step}", step=step) if step else tr("keep 0")
