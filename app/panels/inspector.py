"""The inspector: what is known of the shown person and step, in figures and words."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app import theme
from app.i18n import tr
from app.panels.part_rows import PartFigures, PartRows
from app.poses import PART_OF_JOINT, Poses
from app.rows import title
from core.pose import PARTS
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
        self._poses: Poses | None = None
        self._step = 0
        self.headline = QLabel()
        self.headline.setFont(theme.font(theme.TITLE_PT, bold=True))
        self.gain = QLabel()
        self.reason = _small()
        self.parts = PartRows()
        self.parts.chosen.connect(self.part_chosen)
        self.source = QFormLayout()
        self.source.setContentsMargins(0, 0, 0, 0)
        self.source.setVerticalSpacing(2)
        self.source.setHorizontalSpacing(theme.SPACE)
        self._body = QWidget()
        self._body.setObjectName("panel")
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(theme.SPACE // 2)
        for widget in (_head(tr("Suggestion")), self.headline, self.gain, self.reason):
            column.addWidget(_inset(widget))
        column.addSpacing(theme.SPACE)
        column.addWidget(_inset(_head(tr("By part"))))
        column.addWidget(self.parts)
        column.addSpacing(theme.SPACE)
        column.addWidget(_inset(_head(tr("Source"))))
        self.column = column
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

    def show_person(self, person: Person | None, poses: Poses | None, waiting: str) -> None:
        """Show a person; where nothing is known yet, say what is waited for."""
        self._person, self._poses = person, poses
        run = person.run if person else None
        self.headline.setText(_suggested(run) if run else waiting)
        self.gain.setText(_gain(run) if run else "")
        self.gain.setVisible(bool(self.gain.text()))
        self.reason.setText(run.suggestion.reason if run else "")
        self.reason.setVisible(bool(self.reason.text()))
        self._show_source(person)
        self.show_step(self._step)

    def show_step(self, step: int) -> None:
        """Show a step."""
        self._step = step
        poses, person = self._poses, self._person
        if poses is None or person is None or step >= len(poses):
            self.parts.show_figures(None)
        else:
            self.parts.show_figures(figures(poses, person.run, step))

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


def figures(poses: Poses, run: Run | None, step: int) -> list[PartFigures]:
    """Compare a step with Θ1: the whole body first, then part by part."""
    turned = turns(poses.steps[0], poses.steps[step])
    rows = [
        PartFigures(
            step,
            float(turned[number == PART_OF_JOINT].mean()),
            float(poses.misses[0, number]),
            float(poses.misses[step, number]),
        )
        for number in range(len(PARTS))
    ]
    scores = run.scores if run is not None else np.full(len(poses), np.nan, np.float32)
    whole = PartFigures(step, float(turned.mean()), float(scores[0]), float(scores[step]))
    return [whole, *rows]


def origins(person: Person) -> list[tuple[str, str, str]]:
    """Tell where a person's annotation is from: names, values and tooltips."""
    rows = [(tr("Person"), title(person.row), person.row.image)]
    rows.append((tr("Picture"), f"{person.width} × {person.height}", person.image_sha256))
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


def _suggested(run: Run) -> str:
    step = run.suggestion.step
    return tr("Step {step}", step=step) if step else tr("Keep step 0")


def _gain(run: Run) -> str:
    gain = run.suggestion.expected_gain
    if not gain:
        return ""
    return tr("expected gain {gain} % of the box", gain=f"{100 * gain:.1f}")


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
    widget.setContentsMargins(12, 0, 12, 0)
    return widget
