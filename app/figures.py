"""Figures and movies from the window: what is asked for, and the dialog that asks."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.i18n import mark, tr
from app.number_field import NumberField
from app.worker import explain
from core.figures import FIGURE, MOVIE, NARROWEST, SUFFIXES, WIDEST, Style
from core.jobs import Report

if TYPE_CHECKING:
    from app.window import MainWindow

NAMES = {
    "comparison": mark("Comparison: rough and refined"),
    "denoising": mark("Denoising: step by step"),
    "curve": mark("Curve: error over the step"),
    "views": mark("Views from several sides"),
    MOVIE: mark("Movie of the denoising"),
}
OF_MANY = ("comparison", "curve")
"""Figures that show all who are selected; the others show one person."""
COLUMN, PAGE = 84, 174
"""Usual widths in print, mm."""
HELP = mark(
    "It ends at the step that was decided, or at the suggested one. Several persons who are "
    "selected in the queue stand side by side."
)
DIALOG_WIDTH, FIELD_WIDTH = 420, 240


@dataclass(frozen=True)
class Wish:
    """What is to be drawn, where to, and of whom.

    Parameters
    ----------
    out : Path
        File to write.
    figure : str
        Key of `NAMES`.
    persons : tuple of int
        Who is shown.
    style : Style
        How.
    """

    out: Path
    figure: str
    persons: tuple[int, ...]
    style: Style


class Figures(QObject):
    """Asks what is to be drawn of the shown person, or the selected ones, and has it drawn."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def ask(self) -> None:
        """Open the dialog."""
        dialog = FigureDialog(self._window)
        dialog.accepted.connect(lambda: self._ask_where(dialog.figure, dialog.style_wanted))
        dialog.open()

    def draw(self, wish: Wish) -> None:
        """Have it drawn in the background."""
        review = self._window.review

        def done(_: Report) -> None:
            review.said.emit(tr("Drawn: {out}", out=wish.out))

        def failed(error: Exception) -> None:
            review.failed.emit(explain(error))

        if review.path is not None:
            review.background.illustrate(review.path, wish, done, failed)

    def _ask_where(self, figure: str, style: Style) -> None:
        review = self._window.review
        if review.path is None or review.person is None:
            return
        endings = SUFFIXES[MOVIE if figure == MOVIE else FIGURE]
        beside = review.path.with_name(f"{review.path.stem}_{figure}{endings[0]}")
        filters = ";;".join(f"{each[1:].upper()} (*{each})" for each in endings)
        name, kind = QFileDialog.getSaveFileName(
            self._window, tr(NAMES[figure]), str(beside), filters
        )
        if name:
            out = Path(name)
            if out.suffix.lower() not in endings:
                out = out.with_name(f"{out.name}.{kind.split()[0].lower()}")
            many = figure in OF_MANY and len(review.selected) > 1
            persons = review.selected if many else [review.person.row.id]
            self.draw(Wish(out, figure, tuple(persons), style))


class FigureDialog(QDialog):
    """Which figure, and how it looks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Figure or movie"))
        self.choice = QComboBox()
        self.choice.setMinimumWidth(FIELD_WIDTH)
        for name, text in NAMES.items():
            self.choice.addItem(tr(text), name)
        self.width_box = NumberField(round(NARROWEST), round(WIDEST))
        self.width_box.setValue(PAGE)
        self.width_box.setSuffix(tr(" mm"))
        self.alone = QCheckBox(tr("Bodies without the picture"))
        self.transparent = QCheckBox(tr("Transparent background"))
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._suit)
        self._suit()

    @property
    def figure(self) -> str:
        """Which one; key of `NAMES`."""
        return str(self.choice.currentData())

    @property
    def style_wanted(self) -> Style:
        """How it is to look."""
        width = float(self.width_box.value()) if self.width_box.isEnabled() else None
        return Style(
            width,
            self.transparent.isEnabled() and self.transparent.isChecked(),
            self.alone.isEnabled() and self.alone.isChecked(),
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * theme.SPACE)
        form.setVerticalSpacing(theme.SPACE)
        for label, field in ((tr("What"), self.choice), (tr("Width in print"), self.width_box)):
            words = QLabel(label)
            words.setBuddy(field)
            field.setAccessibleName(label)
            form.addRow(words, field)
        form.addRow("", self.alone)
        form.addRow("", self.transparent)
        words = QLabel(tr(HELP))
        words.setObjectName("muted")
        words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[3 * theme.SPACE] * 4)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(form)
        layout.addWidget(words)
        layout.addLayout(self._foot())
        self.setFixedWidth(DIALOG_WIDTH)

    def _foot(self) -> QHBoxLayout:
        save = QPushButton(tr("Save as…"))
        save.setObjectName("primary")
        save.setDefault(True)
        save.clicked.connect(self.accept)
        cancel = QPushButton(tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(save)
        return row

    def _suit(self) -> None:
        """Offer what the figure can be."""
        figure = self.figure
        self.width_box.setEnabled(figure != MOVIE)
        self.width_box.setValue(COLUMN if figure == "curve" else PAGE)
        self.transparent.setEnabled(figure != MOVIE)
        self.alone.setEnabled(figure not in ("curve", "views"))
        movie = tr("The body alone, turning")
        self.alone.setText(movie if figure == MOVIE else tr("Bodies without the picture"))
