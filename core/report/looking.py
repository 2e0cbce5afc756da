"""What a report says that takes the trajectories themselves: errors before and after, of a sample.

Trajectories are large; of a big project some persons are looked at, evenly spread over it.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import DiffAnnotError
from core.parts import PART_NAMES, compose
from core.pose import JOINTS, Parameters
from core.progress import CancelToken, Progress
from core.project import Person, Project, State
from core.project.surveying import Surveyed
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

MOST = 400
"""Persons whose trajectories are looked at."""

DRAWS = 2000
"""Of the bootstrap."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Errors:
    """2D and 3D errors of the persons who were looked at.

    Parameters
    ----------
    of, looked : int
        How many could have been looked at, and how many were.
    accepted : bool
        Whether "after" is the accepted annotation; else nobody is accepted, and it is what is
        suggested.
    before, after : NDArray, shape (P,)
        Score of Θ1 and of the step, share of the box side; persons whose parts come from steps of
        their own have none and are left out.
    part_before, part_after : NDArray, shape (Q, 5)
        Mean distance of the keypoints of each of `PART_NAMES`, share of the box side; NaN where
        it has none.
    truth : Truth or None
        Where the truth is known.
    """

    of: int
    looked: int
    accepted: bool
    before: Floats
    after: Floats
    part_before: Floats
    part_after: Floats
    truth: "Truth | None"

    def parts(self) -> list[tuple[str, float, float]]:
        """Return name, mean before and mean after of each part that has keypoints."""
        found = []
        for at, name in enumerate(PART_NAMES):
            before, after = self.part_before[:, at], self.part_after[:, at]
            if np.isfinite(before).any():
                found.append((name, float(np.nanmean(before)), float(np.nanmean(after))))
        return found


@dataclass(frozen=True)
class Truth:
    """Mean error of 24 joints against the truth, pelvis on pelvis, mm.

    Parameters
    ----------
    persons : int
        How many.
    rough, suggested, after, chance : float
        Of Θ1, of the suggested step, of what was accepted (or suggested), and of a step drawn at
        random from the same trajectory, which is what a choice has to beat.
    gain : tuple of float
        By how many mm "after" is better than Θ1, and the 95 % interval of a bootstrap of persons.
    worse : int
        Persons whom it has made worse by more than 2 mm.
    """

    persons: int
    rough: float
    suggested: float
    after: float
    chance: float
    gain: tuple[float, float, float]
    worse: int


WORSE = 2.0
"""Millimetres."""


def look(
    project: Project,
    persons: Sequence[Surveyed],
    body: "BodyModel",
    truth: NDArray[np.floating] | None,
    cancel: CancelToken,
) -> Generator[Progress, None, Errors]:
    """Measure a sample of persons, before and after.

    Parameters
    ----------
    project, body
        Whose persons, posed by what.
    persons : sequence of Surveyed
        All of the project.
    truth : NDArray or None, shape (P, 24, 3)
        Joints in the order of `persons`, metres, camera frame.
    cancel : CancelToken
        Looked at between persons.
    """
    refined = [at for at, each in enumerate(persons) if each.run_id is not None]
    accepted = [at for at in refined if persons[at].state == State.ACCEPTED]
    basis = accepted or refined
    chosen = [basis[at] for at in spread(len(basis), MOST)]
    sheet = _Sheet(bool(accepted))
    for number, at in enumerate(chosen):
        cancel.check()
        yield Progress(number, len(chosen), f"measuring {persons[at].image}")
        try:
            person = project.person(persons[at].id)
        except DiffAnnotError:  # its arrays are damaged; the others are still worth a report
            continue
        sheet.add(person, body, None if truth is None else truth[at])
    return sheet.errors(len(basis))


def spread(count: int, most: int) -> list[int]:
    """Return at most so many places, evenly spread over 0..count-1."""
    if count <= most:
        return list(range(count))
    places: list[int] = np.linspace(0, count - 1, most).round().astype(int).tolist()
    return places


class _Sheet:
    """The figures so far."""

    def __init__(self, accepted: bool) -> None:
        self.accepted = accepted
        self.scores: list[tuple[float, float]] = []
        self.parts: list[Floats] = []
        self.joints: list[tuple[float, ...]] = []
        self.looked = 0

    def add(self, person: Person, body: "BodyModel", truth: NDArray[np.floating] | None) -> None:
        run = person.run
        if run is None or person.theta1 is None:
            return
        self.looked += 1
        step, parts = shown_step(person)
        if not parts and np.isfinite(run.scores[[0, step]]).all():
            self.scores.append((float(run.scores[0]), float(run.scores[step])))
        after = compose(run.trajectory, parts, step)
        pair = Parameters.stack([person.theta1, after])
        means = _part_means(pair, person, body)
        if means is not None:
            self.parts.append(means)
        if truth is not None:
            errors = _joint_errors(run.trajectory.steps, body, truth)
            own = _joint_errors(Parameters.stack([after]), body, truth)[0]
            self.joints.append((errors[0], errors[run.suggestion.step], own, errors.mean()))

    def errors(self, of: int) -> Errors:
        scores = np.array(self.scores).reshape(-1, 2)
        parts = np.array(self.parts).reshape(-1, 2, len(PART_NAMES))
        truth = _truth(np.array(self.joints)) if self.joints else None
        columns = scores[:, 0], scores[:, 1], parts[:, 0], parts[:, 1]
        return Errors(of, self.looked, self.accepted, *columns, truth)


def shown_step(person: Person) -> tuple[int, dict[str, int]]:
    """Return step and steps of parts that were accepted, else what is suggested for the body."""
    if person.row.state is State.ACCEPTED and person.chosen_step is not None:
        return person.chosen_step, person.chosen_parts
    return (person.run.suggestion.step if person.run else 0), {}


def _part_means(pair: Parameters, person: Person, body: "BodyModel") -> Floats | None:
    """Average the misses of each part's keypoints (2, 5)."""
    from core.suggest.misses import misses_of  # torch comes with it

    misses = misses_of(Trajectory(pair, np.zeros(2, np.float32), ""), person.evidence, body)
    if misses is None:
        return None
    own = [misses.of(part) for part in range(len(PART_NAMES))]
    empty = np.full(2, np.nan)
    return np.stack([empty if each is None else each.mean for each in own], axis=1)


def _joint_errors(steps: Parameters, body: "BodyModel", truth: NDArray[np.floating]) -> Floats:
    import torch

    from core.pose.rotations import rotations_of

    with torch.no_grad():
        shape, place = torch.from_numpy(steps.betas), torch.from_numpy(steps.transl)
        points = body.points(rotations_of(steps), shape, place).cpu().numpy()
    joints = points[:, : len(JOINTS)].astype(np.float64)
    off = (joints - joints[:, :1]) - (truth - truth[:1])
    return np.asarray(np.linalg.norm(off, axis=-1).mean(axis=-1) * 1000)


def _truth(errors: Floats) -> Truth:
    gains = errors[:, 0] - errors[:, 2]
    draws = np.random.default_rng(0).integers(len(gains), size=(DRAWS, len(gains)))
    low, high = np.percentile(gains[draws].mean(axis=1), (2.5, 97.5)).tolist()
    gain = float(gains.mean()), low, high
    rough, suggested, after, chance = errors.mean(axis=0).tolist()
    return Truth(len(errors), rough, suggested, after, chance, gain, int((gains < -WORSE).sum()))
