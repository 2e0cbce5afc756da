"""The list of persons with the state of each."""

from pathlib import Path

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
    QFrame,
    QLabel,
    QListView,
    QProgressBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.rows import EmptyPicture, Row, Rows, title
from core.project import PersonRow, State

ROW_HEIGHT = 60
THUMBNAIL = 44
BADGE = 15

LOOKS = {
    State.UNDECIDED: ("circle-outline", "muted", "to do"),
    State.ACCEPTED: ("check-circle", "good", "accepted"),
    State.REJECTED: ("close-circle", "bad", "rejected"),
    State.FLAGGED: ("flag", "flagged", "flagged"),
    State.SECOND_OPINION: ("account-question", "flagged", "second opinion"),
}
"""Icon, colour and word of each state."""
NOBODY = ("account-off-outline", "muted", "nobody marked")

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
FIRST_OF_IMAGE = Qt.ItemDataRole.UserRole + 1


class PeopleModel(QAbstractListModel):
    """The rows of a project."""

    thumbnail_wanted = Signal(object)
    """Of a `Row`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._shared: dict[str, int] = {}
        self._thumbnails: dict[int, QImage | None] = {}

    def show_rows(self, rows: list[Row]) -> None:
        """Show rows; where only states differ, selection and place stay."""
        same = [row.id for row in rows] == [row.id for row in self.rows]
        if not same:
            self.beginResetModel()
            self._thumbnails.clear()
        self.rows = rows
        self._shared.clear()
        for row in rows:
            self._shared[row.image] = self._shared.get(row.image, 0) + 1
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def set_thumbnail(self, row_id: int, image: QImage) -> None:
        """Take the picture of a row."""
        self._thumbnails[row_id] = image
        for place, row in enumerate(self.rows):
            if row.id == row_id:
                self.dataChanged.emit(self.index(place), self.index(place))
                return

    def thumbnail(self, row: Row) -> QImage | None:
        """Return a row's picture, or ask for it and return None."""
        if row.id not in self._thumbnails:
            self._thumbnails[row.id] = None
            self.thumbnail_wanted.emit(row)
        return self._thumbnails[row.id]

    def share(self, row: Row) -> str:
        """Say which of how many in the picture a person is."""
        if isinstance(row, EmptyPicture):
            return ""
        count = self._shared[row.image]
        return f"{row.number} of {count}" if count > 1 else ""

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self.rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == FIRST_OF_IMAGE:
            return index.row() == 0 or self.rows[index.row() - 1].image != row.image
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{title(row)}, {look(row)[2]}, {summary(row)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.image}\n{title(row)}\n{look(row)[2]}\n{summary(row)}"
        return None


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
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(rect, scheme["hover"])
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), scheme["accent"])
        if index.data(FIRST_OF_IMAGE) and index.row():
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
        taken = metrics.horizontalAdvance(share) + 8 if share else 0
        short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, max(width - taken, 40))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, int(middle | Qt.AlignmentFlag.AlignLeft), short)
        painter.setFont(small)
        painter.setPen(scheme["muted"])
        painter.drawText(upper, int(middle | Qt.AlignmentFlag.AlignRight), share)
        badge = theme.pixmap(icon, colour, BADGE, painter.device().devicePixelRatioF())
        painter.drawPixmap(lower.left(), lower.top() + 3, badge)
        painter.setPen(scheme[colour])
        words = lower.adjusted(20, 0, 0, 0)
        painter.drawText(words, int(middle | Qt.AlignmentFlag.AlignLeft), word)
        painter.setPen(scheme["muted"])
        rest = words.adjusted(painter.fontMetrics().horizontalAdvance(word) + 8, 0, 0, 0)
        text = painter.fontMetrics().elidedText(
            summary(row), Qt.TextElideMode.ElideRight, rest.width()
        )
        painter.drawText(rest, int(middle | Qt.AlignmentFlag.AlignRight), text)


class PeoplePanel(QFrame):
    """How far the review is, and the list."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.title = QLabel()
        self.title.setFont(theme.font(theme.TITLE_PT, bold=True))
        self.count = QLabel()
        self.count.setObjectName("muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Share of persons decided")
        self.model = PeopleModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(PeopleDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Persons")
        self.list.clicked.connect(lambda index: self.picked.emit(index.data(ROW).id))
        head = QVBoxLayout()
        head.setContentsMargins(12, 12, 12, theme.SPACE)
        head.setSpacing(6)
        for widget in (self.title, self.count, self.bar):
            head.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)

    def show_rows(self, name: str, rows: Rows) -> None:
        """Show a project's persons, and its pictures without any."""
        persons = len(rows.persons)
        decided = persons - rows.count(State.UNDECIDED)
        self.title.setText(name)
        self.count.setText(f"{decided} of {persons} decided" if persons else "nobody yet")
        self.bar.setMaximum(max(persons, 1))
        self.bar.setValue(decided)
        self.model.show_rows(rows.all)

    def show_current(self, place: int | None) -> None:
        """Mark the person that is shown."""
        if place is None:
            self.list.clearSelection()
            return
        index = self.model.index(place)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)


def look(row: Row) -> tuple[str, str, str]:
    """Return icon, colour and word of a row's state."""
    return LOOKS[row.state] if isinstance(row, PersonRow) else NOBODY


def summary(row: Row) -> str:
    """Say in a few words what awaits the reviewer."""
    if isinstance(row, EmptyPicture):
        return "draw a box"
    if row.note:
        return row.note
    if not row.has_theta1:
        return "no body yet"
    if row.suggested_step is None:
        return "not refined"
    if row.suggested_step == 0:
        return "keep 0"
    gain = f"  −{row.expected_gain:.0f} mm" if row.expected_gain else ""
    return f"step {row.suggested_step}{gain}"
