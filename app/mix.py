"""Which step each part of the body is taken from, and which part the slider moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.parts import PART_NAMES
from core.project import Person, Run

Axis = tuple[int, ...]
"""Step of each of `PART_NAMES`; `RUNS` where the slider moves it."""

RUNS = -1
PLAIN: Axis = (RUNS,) * len(PART_NAMES)
"""The slider moves the whole body."""


@dataclass(frozen=True)
class Mix:
    """A body of parts from several steps of one trajectory.

    Parameters
    ----------
    rest : int
        Step of the parts that have none of their own.
    parts : mapping of str to int
        Step by part (keys of `core.pose.PARTS`).
    part : str
        What the slider moves; empty for all that has no step of its own.
    """

    rest: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    part: str = ""

    @property
    def step(self) -> int:
        """Where the slider is."""
        return self.parts.get(self.part, self.rest)

    @property
    def own(self) -> dict[str, int]:
        """Steps of the parts that differ from the rest, for a decision; empty where none does."""
        steps = ((part, self.parts.get(part, self.rest)) for part in PART_NAMES)
        return {part: step for part, step in steps if step != self.rest}

    @property
    def axis(self) -> Axis:
        """What the slider moves and what stays."""
        if self.part:
            steps = [self.parts.get(part, self.rest) for part in PART_NAMES]
            steps[PART_NAMES.index(self.part)] = RUNS
        else:
            steps = [self.parts.get(part, RUNS) for part in PART_NAMES]
        return tuple(steps)

    def moved(self, step: int) -> "Mix":
        """Move the slider."""
        if self.part:
            return replace(self, parts={**self.parts, self.part: step})
        return replace(self, rest=step)

    def of(self, part: str) -> "Mix":
        """Let the slider move another part; a part that is where the rest is goes with it again."""
        return replace(self, part=part, parts=self.own)

    def released(self) -> "Mix":
        """Take the steps of their own from the part that the slider moves, or from all parts."""
        if not self.part:
            return Mix(self.rest)
        kept = {part: step for part, step in self.own.items() if part != self.part}
        return replace(self, parts=kept)


def standing(person: Person) -> Mix:
    """Return the steps that are accepted or picked, else what is suggested, else Θ1."""
    suggestion = person.run.suggestion.step if person.run else 0
    step = suggestion if person.chosen_step is None else person.chosen_step
    return Mix(step, person.chosen_parts)


def suggested(run: Run) -> Mix:
    """Return the steps suggested for the parts, or for the whole body where parts have none."""
    step = run.suggestion.step
    return Mix(step, Mix(step, run.suggestion.part_steps).own)


def picks(axis: Axis, count: int) -> NDArray[np.int64]:
    """Return the step of each part (count, 5) at every place of the slider."""
    fixed = np.array(axis)
    return np.where(fixed == RUNS, np.arange(count)[:, None], fixed)
