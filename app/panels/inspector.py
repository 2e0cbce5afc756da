"""The inspector: what is known of the shown person and step, in figures and words."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app import theme
from app.dates import when
from app.i18n import tr
from app.mix import PLAIN, Mix
from app.panels.facts import most_turned
from app.panels.part_rows import NAMES, PartFigures, PartRows, place_of
from app.panels.remarks import Remarks
from app.poses import Poses
from app.rows import title
from app.said import heard
from core.parts import PART_NAMES, PART_OF_JOINT
from core.pose.turns import turns
from core.project import Person, Run

SHORT_HASH = 8


class Inspector(QFrame):
    """Suggestion and reason, figures by part, and where everything is from."""

    part_chosen = Signal(str)
    """Name of a part; empty for the whole body."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._person: Person | None = None
        self._waiting = ""
        self.headline = QLabel()
        self.headline.setFont(theme.font(theme.TITLE_PT, bold=True))
        self.gain = QLabel()
        self.reason = _small()
        self.parts = PartRows()
        self.parts.chosen.connect(self.part_chosen)
        self.remarks = Remarks()
        self.source = QFormLayout()
        self.source.setContentsMargins(0, 0, 0, 0)
        self.source.setVerticalSpacing(theme.SPACE // 4)
        self.source.setHorizontalSpacing(theme.SPACE)
        self._body = QWidget()
        self._body.setObjectName("panel")
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, theme.INSET, 0, theme.INSET)
        column.setSpacing(theme.SPACE // 2)
        for widget in (_head(tr("Suggestion")), self.headline, self.gain, self.reason):
            column.addWidget(_inset(widget))
        column.addSpacing(theme.SPACE)
        column.addWidget(_inset(_head(tr("By part"))))
        column.addWidget(self.parts)
        column.addSpacing(theme.SPACE)
        column.addWidget(_inset(_head(tr("Tags and notes"))))
        column.addWidget(_inset(self.remarks))
        column.addSpacing(theme.SPACE)
        column.addWidget(_inset(_head(tr("Source"))))
        source = QWidget()
        source.setLayout(self.source)
        column.addWidget(_inset(source))
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.setMinimumWidth(252)

    def show_person(self, person: Person | None, waiting: str) -> None:
        """Show a person; where nothing is known yet, say what is waited for."""
        self._person, self._waiting = person, waiting
        self.remarks.show_row(person.row if person else None)
        self._show_source(person)

    def show_body(self, mix: Mix, base: Poses | None, poses: Poses | None, frame: int) -> None:
        """Show what is known of a frame of `poses`; the first of `base` is Θ1."""
        run = self._person.run if self._person else None
        words = suggestion_in_words(run, mix.part) if run else (self._waiting, "", "")
        for label, text in zip((self.headline, self.gain, self.reason), words, strict=True):
            label.setText(text)
            label.setVisible(bool(text))
        self.parts.show_part(mix.part)
        if poses is None or base is None:
            self.parts.show_figures(None)
        else:
            self.parts.show_figures(figures(run, mix, base, poses, frame))

    def _show_source(self, person: Person | None) -> None:
        while self.source.rowCount():
            self.source.removeRow(0)
        for name, text, tip in origins(person) if person else ():
            label, value = _small(), _small()
            label.setText(name)
            label.setWordWrap(False)
            value.setObjectName("")
            value.setText(text)
            value.setToolTip(tip)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.source.addRow(label, value)


def figures(run: Run | None, mix: Mix, base: Poses, poses: Poses, frame: int) -> list[PartFigures]:
    """Compare one of `poses` with Θ1, the first of `base`: the whole first, then part by part."""
    turned = turns(base.steps[0], poses.steps[frame])
    means = [turned.mean(), *(turned[number == PART_OF_JOINT].mean() for number in range(5))]
    steps = [mix.rest, *(mix.parts.get(part, mix.rest) for part in PART_NAMES)]
    errors = np.stack([base.misses[0], poses.misses[frame]])
    if run is not None and poses.axis == PLAIN:
        errors[:, 0] = run.scores[[0, frame]]
    return [
        PartFigures(steps[row], float(means[row]), *errors[:, row].tolist())
        for row in range(len(NAMES))
    ]


def suggestion_in_words(run: Run, part: str) -> tuple[str, str, str]:
    """Say what is suggested for a part, or for the whole body (empty): headline, gain, reason."""
    whole = run.suggestion
    one = next((each for each in whole.parts if each.part == part), None)
    step, gain, reason = (
        (whole.step, whole.expected_gain, heard(whole.reason))
        if one is None
        else (one.step, one.expected_gain, heard(one.reason))
    )
    headline = tr("Step {step}", step=step) if step else tr("Keep step 0")
    if part:
        headline = f"{tr(NAMES[place_of(part)])}: {headline[:1].lower()}{headline[1:]}"
        headline = headline[:1].upper() + headline[1:]
    if round(gain) <= 0:
        return headline, "", reason
    if one is None and round(whole.uncertainty) > 0:
        gained = tr("{gain} ± {error} mm", gain=f"{gain:.0f}", error=f"{whole.uncertainty:.0f}")
    else:
        gained = tr("{gain} mm", gain=f"{gain:.0f}")
    line = tr("expected gain {gain}", gain=gained)
    again = tr("expected gain {gain}", gain=f"{gain:.0f} ± {whole.uncertainty:.0f} mm")
    return headline, line, turned_in_words(run, step) if reason == again else reason


def turned_in_words(run: Run, step: int) -> str:
    """Say which joint a step turns most: what there is to look at."""
    for name, degrees in most_turned(run.trajectory.steps[0], run.trajectory.steps[step]):
        return tr("turns most: {joint}, by {degrees}°", joint=tr(name), degrees=f"{degrees:.0f}")
    return ""


def origins(person: Person) -> list[tuple[str, str, str]]:
    """Tell where a person's annotation is from: names, values and tooltips."""
    rows = [(tr("Person"), title(person.row), person.row.image)]
    rows.append((tr("Picture"), f"{person.width} × {person.height}", person.image_sha256))
    if person.row.decided_by is not None and person.row.decided_at is not None:
        told = f"{person.row.decided_by} · {when(person.row.decided_at)}"
        rows.append((tr("Decided by"), told, person.row.decided_at))
    if (joints := person.evidence.joints) is not None:
        rows.append((tr("3D joints"), str((joints.confidence > 0).sum()), joints.convention))
    if (source := person.source) is not None:
        rows.append((tr("Θ1 by"), _made(source.frontend, source.weights_sha256), source.detail))
    if (run := person.run) is not None:
        refiner = _made(run.trajectory.refiner, run.weights_sha256)
        rows.append((tr("Steps by"), refiner, run.weights_sha256))
        rows.append((tr("Run"), tr("{id}, seed {seed}", id=run.id, seed=run.seed), ""))
        rows.append((tr("Body"), run.body_sha256[:SHORT_HASH], run.body_sha256))
    return rows


def _made(name: str, sha256: str) -> str:
    return f"{name}  {sha256[:SHORT_HASH]}" if sha256 else name


def _head(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    label.setFont(theme.font(theme.SMALL_PT, bold=True))
    return label


def _small() -> QLabel:
    label = QLabel()
    label.setObjectName("muted")
    label.setFont(theme.font(theme.SMALL_PT))
    label.setWordWrap(True)
    return label


def _inset(widget: QWidget) -> QWidget:
    widget.setContentsMargins(theme.INSET, 0, theme.INSET, 0)
    return widget
