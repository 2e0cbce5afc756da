"""The steps: the slider, and what the shown step means in words."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import theme
from app.frames import Frames
from app.panels.elided import ElidedLabel
from app.panels.film import ACCEPTED, SUGGESTED, FilmStrip
from app.panels.step_slider import StepSlider
from core.project import Run


class StepsPanel(QFrame):
    """Film strip, slider and words."""

    stepped = Signal(int)

    def __init__(self, frames: Frames, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._run: Run | None = None
        self._last = 0
        self._step = 0
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
        layout.setContentsMargins(2 * theme.SPACE, theme.SPACE, 2 * theme.SPACE, 4)
        layout.setSpacing(theme.SPACE // 2)
        layout.addLayout(top)
        layout.addWidget(self.film)
        layout.addWidget(self.slider, 1)

    def show_run(self, run: Run | None, chosen: int | None, waiting: str) -> None:
        """Show a run; where there is none, say what is waited for."""
        self._run = run
        self._last = len(run.trajectory) - 1 if run else 0
        self.slider.show_run(run, chosen)
        marks = {chosen: ACCEPTED} if chosen is not None else {}
        if run is not None:
            marks.setdefault(run.suggestion.step, SUGGESTED)
        self.film.show_marks(marks)
        self._waiting = waiting
        self.show_step(self._step)

    def show_step(self, step: int) -> None:
        """Show a step."""
        self._step = step
        self.slider.show_step(step)
        self.film.show_step(step)
        if self._run is None:
            self.headline.setText(self._waiting)
            self.words.setText("")
            return
        self.headline.setText(f"Step {step} of {self._last}")
        self.words.setText(describe_step(self._run, step))

    def forward(self) -> None:
        """One step on."""
        self.stepped.emit(self._step + 1)

    def back(self) -> None:
        """One step back."""
        self.stepped.emit(self._step - 1)

    def forward_five(self) -> None:
        """Five steps on."""
        self.stepped.emit(self._step + 5)

    def back_five(self) -> None:
        """Five steps back."""
        self.stepped.emit(self._step - 5)

    def first(self) -> None:
        """To the rough annotation."""
        self.stepped.emit(0)

    def last(self) -> None:
        """To the last step."""
        self.stepped.emit(self._last)

    def suggested(self) -> None:
        """To the suggested step."""
        if self._run is not None:
            self.stepped.emit(self._run.suggestion.step)


def describe_step(run: Run, step: int) -> str:
    """Say what a step stands for: whose it is, its level, its score beside that of step 0."""
    if step == 0:
        parts = ["the rough annotation as it came"]
    else:
        off = f"{run.trajectory.levels[step]:.0f}°"
        parts = [run.trajectory.refiner, f"takes the rough annotation to be about {off} off"]
    first, here = float(run.scores[0]), float(run.scores[step])
    if not np.isfinite(here):
        parts.append("no keypoints, so no score")
    elif step == 0:
        parts.append(f"2D error {here * 100:.1f} % of the box")
    else:
        parts.append(f"2D error {first * 100:.1f} % → {here * 100:.1f} % of the box")
    return "  ·  ".join(parts)
