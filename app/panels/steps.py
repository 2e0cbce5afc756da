"""The steps: film strip and slider, and what the shown step means in words."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import theme
from app.frames import Frames
from app.i18n import mark, tr
from app.mix import PLAIN, Mix
from app.panels.elided import ElidedLabel
from app.panels.film import FilmStrip
from app.panels.part_rows import NAMES, place_of
from app.panels.step_slider import ACCEPTED, PICKED, SUGGESTED, Curve, StepSlider
from app.poses import Poses
from core.project import STEADIED, Person, Run, State

WHAT = (
    mark("2D error"), mark("2D error of torso and head"), mark("2D error of the left arm"),
    mark("2D error of the right arm"), mark("2D error of the left leg"),
    mark("2D error of the right leg"),
)  # fmt: skip
"""What the curve shows, of the whole body and of each part."""


class StepsPanel(QFrame):
    """Film strip, slider and words."""

    stepped = Signal(int)

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._person: Person | None = None
        self._poses: Poses | None = None
        self._mix = Mix()
        self._drawn: object = None
        self._waiting = ""
        self.slider = StepSlider()
        self.slider.stepped.connect(self.stepped)
        self.film = FilmStrip(frames)
        self.film.stepped.connect(self.stepped)
        self.headline = QLabel()
        self.headline.setFont(theme.font(theme.TITLE_PT, bold=True))
        self.words = ElidedLabel()
        top = QHBoxLayout()
        top.setSpacing(2 * theme.SPACE)
        top.addWidget(self.headline)
        top.addWidget(self.words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * theme.SPACE, theme.SPACE, 2 * theme.SPACE, theme.SPACE // 2)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(top)
        layout.addWidget(self.film)
        layout.addWidget(self.slider, 1)

    @property
    def _run(self) -> Run | None:
        return self._person.run if self._person else None

    def show_person(self, person: Person | None, poses: Poses | None, waiting: str) -> None:
        """Take a person, and what is waited for where there are no steps; a mix is shown next."""
        self._person, self._poses, self._waiting = person, poses, waiting
        self._drawn = None
        self.film.show_poses(poses)

    def show_mix(self, mix: Mix) -> None:
        """Show where the slider is, and which part it moves."""
        self._mix = mix
        run = self._run
        drawn = (mix.part, mix.own.keys() - {mix.part})
        there = self._poses is None or self._poses.axis == mix.axis
        if drawn != self._drawn and there:  # until then the curve that was there stays
            self._drawn = drawn
            curve = curve_of(self._person, self._poses, mix) if self._person else None
            self.slider.show_curve(curve)
            self.film.show_marks(_marks(curve) if curve else {})
        self.slider.show_step(mix.step)
        self.film.show_step(mix.step, mix.part)
        self.headline.setText(describe_mix(mix, len(run.trajectory) - 1) if run else self._waiting)
        self.words.setText(describe_step(run, mix) if run else "")

    def forward(self) -> None:
        """One step on."""
        self.stepped.emit(self._mix.step + 1)

    def back(self) -> None:
        """One step back."""
        self.stepped.emit(self._mix.step - 1)

    def forward_five(self) -> None:
        """Five steps on."""
        self.stepped.emit(self._mix.step + 5)

    def back_five(self) -> None:
        """Five steps back."""
        self.stepped.emit(self._mix.step - 5)

    def first(self) -> None:
        """To the rough annotation."""
        self.stepped.emit(0)

    def last(self) -> None:
        """To the last step."""
        if self._run is not None:
            self.stepped.emit(len(self._run.trajectory) - 1)

    def suggested(self) -> None:
        """To the step suggested for what the slider moves."""
        if self._run is not None:
            self.stepped.emit(suggested_step(self._run, self._mix.part))


def suggested_step(run: Run, part: str) -> int:
    """Return the step suggested for a part, or for the whole body (empty)."""
    return run.suggestion.part_steps.get(part, run.suggestion.step)


def curve_of(person: Person, poses: Poses | None, mix: Mix) -> Curve | None:
    """Return the scores of what the slider moves, and the steps that are marked."""
    run = person.run
    if run is None:
        return None
    place = place_of(mix.part)
    scores: np.ndarray | None = run.scores
    if poses is not None and mix.axis != PLAIN:
        scores = poses.misses[:, place]
    if scores is not None and not np.isfinite(scores).any():
        scores = None
    chosen = person.chosen_step
    if chosen is not None:
        chosen = person.chosen_parts.get(mix.part, chosen)
    how = ACCEPTED if person.row.state is State.ACCEPTED else PICKED
    last = len(run.trajectory) - 1
    return Curve(last, scores, tr(WHAT[place]), suggested_step(run, mix.part), chosen, how)


def _marks(curve: Curve) -> dict[int, str]:
    marks = {curve.chosen: curve.chosen_as} if curve.chosen is not None else {}
    if curve.suggested is not None:
        marks.setdefault(curve.suggested, SUGGESTED)
    return marks


def describe_mix(mix: Mix, last: int) -> str:
    """Say where the slider is, of which part, and which parts are elsewhere."""
    if mix.part:
        step = tr("{part}: step {step}", part=tr(NAMES[place_of(mix.part)]), step=mix.step)
        return step[:1].upper() + step[1:]
    return tr("Step {step} of {last}", step=mix.step, last=last)


def describe_step(run: Run, mix: Mix) -> str:
    """Say what a step stands for: whose it is, its level, its score beside that of step 0."""
    if mix.own:
        own = (f"{tr(NAMES[place_of(part)])} {step}" for part, step in mix.own.items())
        return tr("mixed: {parts}, rest {rest}", parts=", ".join(own), rest=mix.rest)
    step = mix.step
    if step == 0:
        parts = [tr("the rough annotation as it came")]
    elif run.trajectory.refiner == STEADIED:
        parts = [tr("as it was before") if step == 1 else tr("steadied along the track")]
    else:
        off = f"{run.trajectory.levels[step]:.0f}°"
        parts = [run.trajectory.refiner]
        parts.append(tr("if Θ1 is about {off} off", off=off))
    first, here = (f"{100 * float(run.scores[at]):.1f}" for at in (0, step))
    if not np.isfinite(run.scores[step]):
        parts.append(tr("no keypoints, so no score"))
    elif step == 0:
        parts.append(tr("2D error {here} % of the box", here=here))
    else:
        parts.append(tr("2D error {first} % → {here} % of the box", first=first, here=here))
    return "  ·  ".join(parts)
