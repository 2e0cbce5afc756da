"""How a track moves: its scores and its jitter, frame by frame."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.metrics.jitter import accelerations, jumps
from core.parts import compose
from core.pose import JOINTS, Parameters
from core.progress import CancelToken, Progress
from core.project import Person, PersonRow, Project

if TYPE_CHECKING:
    from core.body import BodyModel

AT_ONCE = 50
"""Persons read and posed at a time: in the window, what is urgent waits for no more."""
RATE = 30.0
"""Frames a second of persons whose pictures have no times."""


class Choice(StrEnum):
    """Which annotation of a person: NOW is the chosen step, else the suggested one, else Θ1."""

    THETA1 = "rough"
    SUGGESTED = "suggested"
    NOW = "now"


@dataclass(frozen=True, eq=False)
class Motion:
    """A track of F frames.

    Parameters
    ----------
    times : NDArray, shape (F,)
        Seconds.
    accelerations : dict of Choice to NDArray, shape (F,)
        m/s², mean over the 24 joints relative to the pelvis; NaN where it is not known.
    jumps : dict of Choice to NDArray, shape (F,), bool
        Frames where it jumps.
    scores : NDArray, shape (F, N+1), float32
        Share of the box side, by step of the run that is shown; NaN where there is none. N is the
        longest run's.
    """

    times: NDArray[np.float64]
    accelerations: dict[Choice, NDArray[np.float64]]
    jumps: dict[Choice, NDArray[np.bool_]]
    scores: NDArray[np.float32]


def motion_of(
    project: Project,
    rows: Sequence[PersonRow],
    body: "BodyModel",
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, Motion]:
    """Measure a track, given its persons in the order of the frames (`tracks_of`)."""
    cancel = cancel or CancelToken()
    joints = {choice: np.full((len(rows), len(JOINTS), 3), np.nan) for choice in Choice}
    scores: list[NDArray[np.float32]] = []
    for start in range(0, len(rows), AT_ONCE):
        cancel.check()
        yield Progress(start, len(rows), "measuring the motion")
        some = [
            one for one, _, _ in project.people([row.id for row in rows[start : start + AT_ONCE]])
        ]
        scores += [_scores(person) for person in some]
        said = {
            start + place: _said(person, person.theta1)
            for place, person in enumerate(some)
            if person.theta1 is not None
        }
        for choice in Choice if said else ():
            posed = joints_of(body, [each[choice] for each in said.values()])
            joints[choice][list(said)] = posed
    times = times_of(rows)
    found = {choice: accelerations(joints[choice], times) for choice in Choice}
    widest = max((len(each) for each in scores), default=0)
    table = np.full((len(rows), widest), np.nan, np.float32)
    for place, each in enumerate(scores):
        table[place, : len(each)] = each
    yield Progress(len(rows), len(rows), "measured")
    jumping = {choice: jumps(found[choice], times) for choice in Choice}
    return Motion(times, found, jumping, table)


def standing_body(person: Person) -> Parameters | None:
    """Return a person's body as it is accepted or picked, else as suggested, else as it came."""
    run = person.run
    if run is None:
        return person.theta1
    step = run.suggestion.step if person.chosen_step is None else person.chosen_step
    return compose(run.trajectory, person.chosen_parts, step)


def _scores(person: Person) -> NDArray[np.float32]:
    return np.zeros(0, np.float32) if person.run is None else person.run.scores


def _said(person: Person, theta1: Parameters) -> dict[Choice, Parameters]:
    run, now = person.run, standing_body(person)
    if run is None or now is None:
        return dict.fromkeys(Choice, theta1)
    suggested = run.trajectory.steps[run.suggestion.step]
    return {Choice.THETA1: theta1, Choice.SUGGESTED: suggested, Choice.NOW: now}


def times_of(rows: Sequence[PersonRow]) -> NDArray[np.float64]:
    """Return when each frame (F,) of a track is, in seconds."""
    if any(row.time is None for row in rows):
        return np.arange(len(rows)) / RATE
    return np.array([row.time for row in rows], np.float64)


def joints_of(body: "BodyModel", some: Sequence[Parameters]) -> NDArray[np.float32]:
    """Return the joints (P, 24, 3) of single bodies, metres."""
    import torch  # the window shows a `Motion` and starts without

    from core.pose.rotations import rotations_of

    stacked = Parameters.stack(some)
    given = rotations_of(stacked), *map(torch.from_numpy, (stacked.betas, stacked.transl))
    with torch.no_grad():
        points = body.points(*(each.to(body.device) for each in given))
    return np.asarray(points[:, : len(JOINTS)].cpu().numpy())
