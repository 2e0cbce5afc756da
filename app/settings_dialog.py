"""The dialog of settings: a change is applied at once, a file once it is found to be right."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
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
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.i18n import LANGUAGES, mark, tr
from app.model_thread import ModelThread
from app.number_field import NumberField
from app.preferences import (
    COLOURS,
    CORES,
    DEVICES,
    GPU,
    MOST_AHEAD,
    SYSTEM,
    WINDOW_FRONTENDS,
    Preferences,
)
from app.worker import Ticket, explain
from core.frontends import WITH_CHECKPOINT
from core.refiners import REFINERS
from core.suggest import RECOMMENDERS

WIDTH, FIELD_WIDTH, HELP_WIDTH = 620, 160, 360
AS_SYSTEM = mark("As the system")
COLOUR_NAMES = dict(zip(COLOURS, (AS_SYSTEM, mark("Light"), mark("Dark")), strict=True))
DEVICE_NAMES = dict(
    zip(DEVICES, (mark("Automatic"), mark("The processor"), mark("The GPU")), strict=True)
)
BODY_HELP = mark(
    "Empty: the open body that ships. SMPL's own file (.pkl, .npz) or folder: register at "
    "smpl.is.tue.mpg.de, accept the licence, download “SMPL for Python”, unpack it, name it here."
)
CHECKPOINT_HELP = mark(
    "For hmr: mmhuman3d's .pth or SPIN's .pt from their pages of models, and SMPL's own body. "
    "For hmr-open: what diffannot train hmr writes."
)


class SettingsDialog(QDialog):
    """Mirrors `Preferences`.

    Parameters
    ----------
    model : ModelThread
        Tries files out.
    """

    changed = Signal(object)
    """The `Preferences` to use from now on."""

    def __init__(self, parent: QWidget, preferences: Preferences, model: ModelThread) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.preferences = preferences
        self._model = model
        self._trial: Ticket | None = None
        self.fields: dict[str, QComboBox | QSpinBox | QLineEdit] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(3 * theme.SPACE)
        self._form.setVerticalSpacing(theme.SPACE)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._add_window()
        self._add_annotating()
        self._add_files()
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setAccessibleName(tr("What the files are"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[3 * theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(self._form)
        layout.addWidget(self.state)
        layout.addStretch(1)
        layout.addLayout(self._foot())
        self.setFixedWidth(WIDTH)
        self._mirror()

    # building

    def _add_window(self) -> None:
        self._heading(tr("Window"))
        self._choice("colours", tr("Colours"), {n: tr(text) for n, text in COLOUR_NAMES.items()})
        self._choice("language", tr("Language"), {SYSTEM: tr(AS_SYSTEM), **LANGUAGES})
        self._number("ahead", tr("Persons made ready ahead"), 0, MOST_AHEAD)

    def _add_annotating(self) -> None:
        self._heading(tr("Annotating"))
        self._choice("refiner", tr("Refine by"), {name: name for name in REFINERS})
        self._choice("recommender", tr("Suggest by"), {name: name for name in RECOMMENDERS})
        self._choice("frontend", tr("Find bodies by"), {name: name for name in WINDOW_FRONTENDS})
        self._choice("device", tr("Compute on"), {n: tr(text) for n, text in DEVICE_NAMES.items()})
        self._number("threads", tr("Processor cores to use"), 1, CORES)

    def _add_files(self) -> None:
        self._heading(tr("Your own files"))
        self._file("body", tr("Body model"), tr(BODY_HELP))
        self._file("checkpoint", tr("Checkpoint"), tr(CHECKPOINT_HELP))

    def _heading(self, text: str) -> None:
        label = QLabel(text)
        label.setFont(theme.font(bold=True))
        label.setContentsMargins(0, theme.SPACE, 0, 0)
        self._form.addRow(label)

    def _choice(self, name: str, label: str, options: Mapping[str, str]) -> None:
        box = QComboBox()
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(FIELD_WIDTH)
        for value, text in options.items():
            box.addItem(text, value)
        box.activated.connect(lambda _: self._set(name, box.currentData()))
        self._add(name, label, box)

    def _number(self, name: str, label: str, least: int, most: int) -> None:
        box = NumberField(least, most)
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(FIELD_WIDTH)
        box.valueChanged.connect(lambda value: self._set(name, value))
        self._add(name, label, box)

    def _file(self, name: str, label: str, advice: str) -> None:
        line = QLineEdit()
        line.editingFinished.connect(lambda: self._set(name, line.text().strip()))
        browse = QPushButton(tr("Choose…"))
        browse.setAutoDefault(False)
        browse.setAccessibleName(tr("Choose the file: {what}", what=label))
        browse.clicked.connect(lambda: self._browse(name, label))
        both = QHBoxLayout()
        both.addWidget(line, 1)
        both.addWidget(browse)
        both.setSpacing(theme.SPACE)
        self._add(name, label, line, both)
        words = QLabel(advice)
        words.setObjectName("muted")
        words.setWordWrap(True)
        words.setFont(theme.font(theme.SMALL_PT))
        words.setFixedWidth(HELP_WIDTH)
        words.setMinimumHeight(words.heightForWidth(HELP_WIDTH))
        self._form.addRow("", words)

    def _add(
        self,
        name: str,
        label: str,
        field: QComboBox | QSpinBox | QLineEdit,
        layout: QLayout | None = None,
    ) -> None:
        field.setAccessibleName(label)
        words = QLabel(label)
        words.setBuddy(field)
        if layout is None:
            self._form.addRow(words, field)
        else:
            self._form.addRow(words, layout)
        self.fields[name] = field

    def _foot(self) -> QHBoxLayout:
        defaults = QPushButton(tr("Defaults"))
        defaults.setAutoDefault(False)
        defaults.clicked.connect(lambda: self._use(Preferences()))
        close = QPushButton(tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(defaults)
        row.addStretch(1)
        row.addWidget(close)
        return row

    # what is shown

    def _mirror(self) -> None:
        for name, field in self.fields.items():
            value = getattr(self.preferences, name)
            with QSignalBlocker(field):
                if isinstance(field, QComboBox):
                    field.setCurrentIndex(field.findData(value))
                elif isinstance(field, QSpinBox):
                    field.setValue(value)
                else:
                    field.setText(value)

    def _say(self, text: str, colour: str) -> None:
        self.state.setText(text)
        self.state.setStyleSheet(f"color: {theme.colours()[colour].name()}")

    # changing

    def _set(self, name: str, value: Any) -> None:
        """Use a value; what needs a file, or a GPU, is used once that is found to be right."""
        if value == getattr(self.preferences, name):
            return
        wanted = replace(self.preferences, **{name: value})
        if name in ("body", "checkpoint", "frontend", "device") and _needs_trial(wanted):
            self._try_out(wanted)
        else:
            self._say("", "text")
            self._use(wanted)

    def _try_out(self, wanted: Preferences) -> None:
        def right(found: str) -> None:
            self._say(f"✓ {found}", "good")
            self._use(wanted)

        def wrong(error: Exception) -> None:
            self._say(tr("✗ {error} (Not used.)", error=explain(error)), "bad")

        if self._trial is not None:
            self._trial.cancel()
        self._say(tr("Looking at the file…"), "muted")
        self._trial = self._model.try_out(wanted, right, wrong)

    def _browse(self, name: str, label: str) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, label)
        if chosen:
            field = self.fields[name]
            assert isinstance(field, QLineEdit)
            field.setText(chosen)
            self._set(name, chosen)

    def _use(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self._mirror()
        self.changed.emit(preferences)

    @override
    def done(self, result: int) -> None:
        """Forget a file that is still being looked at."""
        if self._trial is not None:
            self._trial.cancel()
        super().done(result)
        self.deleteLater()


def _needs_trial(preferences: Preferences) -> bool:
    with_files = bool(preferences.body) or preferences.frontend in WITH_CHECKPOINT
    return with_files or preferences.device == GPU
