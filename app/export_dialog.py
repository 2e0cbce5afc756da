"""The dialog that asks what is exported: which format, who, and where to."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.exports import BYS, Wish, renamed
from app.i18n import mark, tr
from app.number_field import NumberField
from app.panels.people_list import LOOKS
from app.said import heard
from app.worker import Ticket, explain
from core.formats import WRITERS, about
from core.jobs.exporting import JOURNAL, Outlook, Pictures
from core.project import State

if TYPE_CHECKING:
    from app.exports import Exports

DIALOG_WIDTH = 720
Value = TypeVar("Value", bound=str)
LARGEST_SEED = 2**31 - 1
BY_NAMES = dict(zip(BYS, (mark("People of a picture"), mark("People of a track")), strict=True))
PICTURE_NAMES = {
    Pictures.REFERENCE: mark("Named where they lie"),
    Pictures.COPY: mark("Copied beside the file"),
    Pictures.LINK: mark("Hard-linked beside the file"),
}


class ExportDialog(QDialog):
    """Mirrors a `Wish`, and says before the work what will be written or what is wrong.

    Parameters
    ----------
    exports : Exports
        Foresees it.
    project : Path
        What is exported.
    wish : Wish
        What was asked for last.
    """

    def __init__(self, parent: QWidget, exports: "Exports", project: Path, wish: Wish) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export"))
        self._exports, self._project = exports, project
        self._look: Ticket | None = None
        self._format = wish.format
        self._told: tuple[str, ...] = ()  # what is said to be replaced
        self.format = _choice({name: name for name in WRITERS}, wish.format)
        states = {state: tr(LOOKS[state][2]) for state in State}
        self.state = _choice(states, wish.state)
        self.tags, self.shares = QLineEdit(wish.tags), QLineEdit(wish.shares)
        self.by = _choice({name: tr(text) for name, text in BY_NAMES.items()}, wish.by)
        self.seed = NumberField(0, LARGEST_SEED)
        self.seed.setValue(wish.seed)
        names = {name: tr(text) for name, text in PICTURE_NAMES.items()}
        self.pictures = _choice(names, wish.pictures)
        self.licence = QLineEdit(wish.licence)
        self.out = QLineEdit(str(wish.path(project)))
        self.export = QPushButton(tr("Export"))
        self.outlook = QLabel()
        self._lay_out()
        self._connect()
        self._retell()
        self._suit()
        self.export.setFocus()

    @property
    def wish(self) -> Wish:
        """What is asked for."""
        return Wish(
            self.out.text().strip(),
            self.format.currentData(),
            self.state.currentData(),
            self.tags.text().strip(),
            self.shares.text().strip(),
            self.by.currentData(),
            self.seed.value(),
            self.pictures.currentData(),
            self.licence.text().strip(),
        )

    # building

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * theme.SPACE)
        form.setVerticalSpacing(theme.SPACE)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        _add(form, tr("Format"), self.format)
        _add(form, tr("Who"), self.state)
        _add(form, tr("Only with the tags"), self.tags)
        _add(form, tr("Split"), self.shares)
        _add(form, tr("Kept together"), self.by)
        _add(form, tr("Seed of the split"), self.seed)
        _add(form, tr("Pictures"), self.pictures)
        _add(form, tr("Licence of the pictures"), self.licence)
        _add(form, tr("Where to"), self.out, self._with_browse())
        self.outlook.setWordWrap(True)
        self.outlook.setMinimumHeight(2 * self.outlook.fontMetrics().lineSpacing())
        self.outlook.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[3 * theme.SPACE] * 4)
        layout.setSpacing(2 * theme.SPACE)
        layout.addLayout(form)
        layout.addWidget(self.outlook)
        layout.addLayout(self._foot())
        self.setFixedWidth(DIALOG_WIDTH)

    def _with_browse(self) -> QHBoxLayout:
        browse = QPushButton(tr("Choose…"))
        browse.setAutoDefault(False)
        browse.setAccessibleName(tr("Choose where to export"))
        browse.clicked.connect(self._browse)
        both = QHBoxLayout()
        both.addWidget(self.out, 1)
        both.addWidget(browse)
        both.setSpacing(theme.SPACE)
        return both

    def _foot(self) -> QHBoxLayout:
        self.export.setObjectName("primary")
        self.export.setDefault(True)
        self.export.clicked.connect(self._go)
        cancel = QPushButton(tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.export)
        return row

    def _connect(self) -> None:
        for box in (self.format, self.state, self.by, self.pictures):
            box.currentIndexChanged.connect(self._suit)
        for line in (self.tags, self.shares, self.licence, self.out):
            line.textChanged.connect(self._suit)
        self.seed.valueChanged.connect(self._suit)

    # what is shown

    def _retell(self) -> None:
        """Write in the present language what `tr` cannot find again."""
        with QSignalBlocker(self.format):
            for place, name in enumerate(WRITERS):
                what = heard(about(name).what)
                self.format.setItemText(place, f"{name} – {what}" if what else name)
        self.tags.setPlaceholderText(tr("All; or words, each a tag"))
        self.shares.setPlaceholderText(tr("One file; or shares, as train=8,validation=1,test=1"))
        self.licence.setPlaceholderText(tr("Not declared; it stands in the data card"))

    def _suit(self) -> None:
        """Offer what the format can have, name the file after it, and look what will come."""
        now = self.wish
        if now.format != self._format:
            out = renamed(now.path(self._project), self._project, self._format, now.format)
            self._format = now.format
            with QSignalBlocker(self.out):
                self.out.setText(str(out))
        persons = now.format != JOURNAL
        of_persons = (self.state, self.tags, self.shares, self.pictures, self.licence)
        for field in of_persons:
            field.setEnabled(persons)
        self.by.setEnabled(persons and bool(now.shares))
        self.seed.setEnabled(persons and bool(now.shares))
        self._foresee(go=False)

    def _foresee(self, go: bool) -> None:
        """Tell what will be written, or what is wrong; write it where nothing is.

        What was not said to be replaced before is said first.
        """

        def right(outlook: Outlook) -> None:
            known, self._told = set(self._told), outlook.replaced
            self._tell(outlook)
            if go and known.issuperset(outlook.replaced):
                self.accept()

        def wrong(error: Exception) -> None:
            self._told = ()
            self._say(explain(error), "bad")

        if self._look is not None:
            self._look.cancel()
        self._look = self._exports.foresee(self._project, self.wish, right, wrong)

    def _tell(self, outlook: Outlook) -> None:
        text = tr("All decisions will be written.")
        if outlook.count is not None:
            text = tr("Persons to be written: {count}", count=outlook.count)
        if outlook.replaced:
            there = tr("Is there and will be replaced: {names}", names=", ".join(outlook.replaced))
            self._say(f"{text}\n{there}", "text")
        else:
            self._say(text, "muted")

    def _say(self, text: str, colour: str) -> None:
        self.outlook.setText(text)
        self.outlook.setStyleSheet(f"color: {theme.colours()[colour].name()}")

    # what is done

    def _go(self) -> None:
        self._foresee(go=True)

    def _browse(self) -> None:
        suffix = about(self._format).suffix
        kinds = f"{self._format} (*{suffix})" if suffix else ""
        start = str(self.wish.path(self._project))
        # what would be replaced is said below
        calm = QFileDialog.Option.DontConfirmOverwrite
        name, _ = QFileDialog.getSaveFileName(self, tr("Export"), start, kinds, options=calm)
        if name:
            self.out.setText(name)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange)
        if event.type() in changes and self.isVisible():  # else it may be about to be deleted
            self._retell()
            self._foresee(go=False)

    @override
    def done(self, result: int) -> None:
        """Foresee nothing any more."""
        if self._look is not None:
            self._look.cancel()
        super().done(result)


def _choice(options: Mapping[Value, str], chosen: Value) -> QComboBox:
    box = QComboBox()
    for value, text in options.items():
        box.addItem(text, value)
    box.setCurrentIndex(list(options).index(chosen))
    return box


def _add(form: QFormLayout, label: str, field: QWidget, layout: QLayout | None = None) -> None:
    words = QLabel(label)
    words.setBuddy(field)
    field.setAccessibleName(label)
    if layout is None:
        form.addRow(words, field)
    else:
        form.addRow(words, layout)
