"""The body parts as rows: step, by how much it is turned, 2D error; a click chooses one."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget
from typing_extensions import override

from app import theme
from app.i18n import mark, tr
from core.parts import PART_NAMES

ROW_HEIGHT = 26
COLUMNS = ((mark("step"), 26), (mark("turn"), 32), (mark("2D error"), 56))
"""Head and width of what follows the name."""

WHOLE = mark("whole body")
NAMES = (
    WHOLE, mark("torso and head"), mark("left arm"), mark("right arm"), mark("left leg"),
    mark("right leg"),
)  # fmt: skip
"""Whole body, then `PART_NAMES`; the place of each is its key."""


@dataclass(frozen=True)
class PartFigures:
    """What a row says of the shown body.

    Parameters
    ----------
    step : int
        Of this part.
    turned : float
        Degrees from Θ1, the mean over its joints.
    before, now : float
        2D error of Θ1 and of the shown body, share of the box side; NaN where not known.
    """

    step: int
    turned: float
    before: float
    now: float


class PartRow(QAbstractButton):
    """One row."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFixedHeight(ROW_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._place = place
        self._figures: PartFigures | None = None
        self._name = ""

    def show_figures(self, figures: PartFigures | None) -> None:
        """Show what is known of the part."""
        self._figures = figures
        name = tr(NAMES[self._place])
        tip = tr("{name}: key {key}", name=name, key=self._place)
        if figures is not None and np.isfinite(figures.now):
            tip += "\n" + tr(
                "2D error {before} → {now} % of the box",
                before=_percent(figures.before),
                now=_percent(figures.now),
            )
        self.setToolTip(tip)
        self.setAccessibleName(tip.replace("\n", ", "))
        # in another language the name is another
        self.update(self._columns() if name == self._name else self.rect())
        self._name = name

    @override
    def sizeHint(self) -> QSize:
        return QSize(244, ROW_HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        scheme = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room, columns = self.rect(), self._columns()
        if self.isChecked() or self.underMouse():
            painter.fillRect(room, scheme["hover"])
        if self.isChecked():
            painter.fillRect(QRect(0, 0, 3, room.height()), scheme["accent"])
        if self.hasFocus():
            painter.setPen(QPen(scheme["accent"], 2))
            painter.drawRect(room.adjusted(1, 1, -1, -1))
        if not columns.contains(event.rect()):  # with every step the figures alone change
            self._paint_name(painter, columns.left())
        if self._figures is not None:
            self._paint_figures(painter, columns.left(), self._figures)

    def _columns(self) -> QRect:
        """Return where the figures are."""
        width = sum(width for _, width in COLUMNS)
        return QRect(self.width() - theme.SPACE - width, 0, width, self.height())

    def _paint_name(self, painter: QPainter, right: int) -> None:
        scheme = theme.colours()
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(scheme["muted"])
        painter.drawText(QRect(theme.SPACE, 0, 14, self.height()), _LEFT, str(self._place))
        painter.setFont(theme.font(bold=self.isChecked()))
        painter.setPen(scheme["text"])
        left = theme.SPACE + 14
        name = QRect(left, 0, right - left, self.height())
        elided = painter.fontMetrics().elidedText(
            tr(NAMES[self._place]), Qt.TextElideMode.ElideRight, name.width()
        )
        painter.drawText(name, _LEFT, elided)

    def _paint_figures(self, painter: QPainter, left: int, figures: PartFigures) -> None:
        scheme = theme.colours()
        painter.setFont(theme.font())
        error, colour = _error(figures)
        texts = (str(figures.step), f"{figures.turned:.0f}°", error)
        for text, tint, (_, width) in zip(texts, ("text", "text", colour), COLUMNS, strict=True):
            painter.setPen(scheme[tint])
            painter.drawText(QRect(left, 0, width, self.height()), _RIGHT, text)
            left += width


class PartRows(QWidget):
    """All rows under their heads; one is chosen."""

    chosen = Signal(str)
    """Name of a part; empty for the whole body."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(_Heads())
        self._group = QButtonGroup(self)
        self.rows = [PartRow(place) for place in range(len(NAMES))]
        for place, row in enumerate(self.rows):
            self._group.addButton(row, place)
            layout.addWidget(row)
        self._group.idClicked.connect(self._clicked)
        self.show_part("")

    def show_part(self, part: str) -> None:
        """Mark the chosen part."""
        self.rows[place_of(part)].setChecked(True)

    def show_figures(self, figures: list[PartFigures] | None) -> None:
        """Show what is known of each part; None of none."""
        for place, row in enumerate(self.rows):
            row.show_figures(figures[place] if figures else None)

    def _clicked(self, place: int) -> None:
        self.chosen.emit(PART_NAMES[place - 1] if place else "")


class _Heads(QWidget):
    """The heads of the columns."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(18)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(theme.colours()["muted"])
        left = self.width() - theme.SPACE - sum(width for _, width in COLUMNS)
        for head, width in COLUMNS:
            painter.drawText(QRect(left, 0, width, self.height()), _RIGHT, tr(head))
            left += width


def place_of(part: str) -> int:
    """Return the row, and key, of a part; 0 is the whole body."""
    return PART_NAMES.index(part) + 1 if part else 0


def _error(figures: PartFigures) -> tuple[str, str]:
    """Write a 2D error and say by an arrow, and a colour, whether it fell."""
    if not np.isfinite(figures.now):
        return "–", "muted"
    text = f"{_percent(figures.now)} %"
    change = round(1000 * figures.now) - round(1000 * figures.before)
    if change == 0:
        return text, "text"
    return (f"▾ {text}", "good") if change < 0 else (f"▴ {text}", "bad")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
