"""Whom a figure shows: a person, and the way from Θ1 to the annotation that counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ProjectError
from core.parts import PART_NAMES, composites
from core.pose import Parameters
from core.project import Person, Run


@dataclass(frozen=True, eq=False)
class Subject:
    """A person with a trajectory.

    Parameters
    ----------
    person : Person
        All that is known.
    run : Run
        The trajectory, with its scores.
    step : int
        That was chosen; the suggested one where nothing was.
    way : Parameters
        Batch shape (n+1,): step by step from Θ1 to what was chosen, each part of the body until its
        own step. Where Θ1 itself was chosen, it is the whole trajectory.
    truth : NDArray, shape (24, 3), or None
        Where the joints truly are, metres.
    """

    person: Person
    run: Run
    step: int
    way: Parameters
    truth: NDArray[np.floating] | None = None

    @property
    def last(self) -> int:
        """The step at which the way ends."""
        return len(self.way) - 1

    @property
    def ends_refined(self) -> bool:
        """Whether the way ends at what was chosen."""
        return self.step > 0 or any(self.person.chosen_parts.values())

    @property
    def rough(self) -> Parameters:
        """Θ1."""
        return self.way[0]

    @property
    def refined(self) -> Parameters:
        """What was chosen."""
        return self.way[-1] if self.ends_refined else self.rough

    def provenance(self) -> dict[str, Any]:
        """Return what made it, as JSON values."""
        row, run, source = self.person.row, self.run, self.person.source
        return {
            "person": row.id,
            "image": row.image,
            "number": row.number,
            "state": row.state.value,
            "frontend": source.frontend if source else None,
            "refiner": run.trajectory.refiner,
            "refiner_sha256": run.weights_sha256,
            "seed": run.seed,
            "step": self.step,
            "parts": self.person.chosen_parts,
            "suggested_step": run.suggestion.step,
        }


def subject_of(person: Person, truth: NDArray[np.floating] | None = None) -> Subject:
    """Make a subject of a person.

    Raises
    ------
    ProjectError
        The person has no trajectory.
    """
    run = person.run
    if run is None:
        raise ProjectError(
            f"{person.row.name} (person {person.row.id}) has no trajectory",
            "Refine first: diffannot annotate",
        )
    step = run.suggestion.step if person.chosen_step is None else person.chosen_step
    steps = run.trajectory.steps
    ends = np.array([person.chosen_parts.get(part, step) for part in PART_NAMES])
    if not ends.any():
        return Subject(person, run, step, steps, truth)
    picks = np.minimum(np.arange(ends.max() + 1)[:, None], ends)
    return Subject(person, run, step, composites(steps, picks), truth)
