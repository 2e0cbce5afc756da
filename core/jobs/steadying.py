"""A track steadied: who is undecided is drawn towards the frames around, who is decided stays.

Every steadied person gets a run of three steps: Θ1, the body that counted before, the steadied one.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ProjectError
from core.jobs.motion import AT_ONCE, joints_of, standing_body, times_of
from core.metrics.jitter import accelerations
from core.pose import JOINTS, Parameters
from core.pose.turns import turns
from core.progress import CancelToken, Progress
from core.project import STEADIED, Decision, Person, PersonRow, Project, State, Steady
from core.project.tracks import between, together, track_of
from core.trajectory import Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel
    from core.suggest import Recommender

STEP = 2
"""Of the run: the steadied body."""


@dataclass(frozen=True)
class Steadied:
    """What came of it; nothing counts before it is decided.

    Parameters
    ----------
    steps : tuple of Steady
        One for each person who was steadied.
    before, after : float
        Acceleration of the joints relative to the pelvis, m/s², the mean over the track.
    rate : float
        Frames a second that the track was taken to have, its median.
    """

    steps: tuple[Steady, ...]
    before: float
    after: float
    rate: float

    def decision(self, rows: Collection[PersonRow]) -> Decision:
        """Return one decision on all who are undecided still, as rows of the project tell.

        Raises
        ------
        ProjectError
            Nobody is.
        """
        undecided = {row.id for row in rows if row.state is State.UNDECIDED}
        return together([one for one in self.steps if one.person_id in undecided], "steady")


def steady(
    project: Project,
    rows: Sequence[PersonRow],
    chosen: Collection[int],
    body: "BodyModel",
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, Steadied]:
    """Make a run of a steadier body for each who is chosen and undecided.

    Parameters
    ----------
    project : Project
        Gets the runs.
    rows : sequence of PersonRow
        A track, in the order of its frames.
    chosen : collection of int
        Who may change; the others have a say. Rejected bodies have none.
    body : BodyModel
        Whose joints are measured.
    cancel : CancelToken or None
        Looked at between pieces of work.

    Raises
    ------
    ProjectError
        Nobody chosen is undecided and has a body, or the track has fewer than three bodies.
    Cancelled
        Someone asked for a stop.
    """
    cancel = cancel or CancelToken()
    bodies: dict[int, Parameters] = {}
    for start in range(0, len(rows), AT_ONCE):
        cancel.check()
        yield Progress(start, len(rows), "reading the track")
        for person in _people(project, rows[start : start + AT_ONCE]):
            found = standing_body(person)
            if found is not None and person.row.state is not State.REJECTED:
                bodies[person.row.id] = found
    there = [row for row in rows if row.id in bodies]
    changing = [row for row in there if row.id in chosen and row.state is State.UNDECIDED]
    if len(there) < 3 or not changing:
        raise ProjectError(
            "There is nobody to steady",
            "Choose undecided people of a track with three bodies or more",
        )
    times = times_of(rows)
    when = dict(zip((row.id for row in rows), times, strict=True))
    steadier = {**bodies, **_smoothed(there, when, bodies, {row.id for row in changing})}
    steps: list[Steady] = []
    recommender = _recommender(body)
    for start in range(0, len(changing), AT_ONCE):
        cancel.check()
        yield Progress(start, len(changing), "steadying the track")
        with project.batch():
            for person in _people(project, changing[start : start + AT_ONCE]):
                key = person.row.id
                run = _add(project, person, bodies[key], steadier[key], body, recommender)
                steps.append(Steady(key, run, STEP))
    yield Progress(len(changing), len(changing), "steadied")
    before, after = (_unrest(rows, some, body) for some in (bodies, steadier))
    return Steadied(tuple(steps), before, after, 1 / float(np.median(np.diff(times))))


def steady_track(
    project: Project,
    track: str,
    frames: tuple[int, int] | None,
    body: "BodyModel",
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, Steadied]:
    """Steady who is undecided in some frames of a track (None: in all), in one journal entry.

    Raises
    ------
    ProjectError
        There is no such track, or nobody to steady.
    """
    rows = track_of(project.rows(), track)
    chosen = {row.id for row in (rows if frames is None else between(rows, *frames))}
    steadied = yield from steady(project, rows, chosen, body, cancel)
    project.decide(steadied.decision(rows))
    return steadied


def _people(project: Project, rows: Sequence[PersonRow]) -> list[Person]:
    return [person for person, _, _ in project.people([row.id for row in rows])]


def _smoothed(
    rows: Sequence[PersonRow],
    when: Mapping[int, float],
    bodies: Mapping[int, Parameters],
    changing: Collection[int],
) -> dict[int, Parameters]:
    """Return steadier bodies of those who change; those of one camera have a say in each other."""
    from core.refiners.smoothing import smooth

    found: dict[int, Parameters] = {}
    for camera in dict.fromkeys(bodies[row.id].camera for row in rows):
        own = [row for row in rows if bodies[row.id].camera == camera]
        times = np.array([when[row.id] for row in own])
        decided = np.array([row.state is State.ACCEPTED for row in own])
        smoothed = smooth(Parameters.stack([bodies[row.id] for row in own]), times, decided)
        found |= {row.id: smoothed[at] for at, row in enumerate(own) if row.id in changing}
    return found


def _recommender(body: "BodyModel") -> "Recommender":
    from core.suggest import load_recommender

    return load_recommender("nearest", body)


def _add(
    project: Project,
    person: Person,
    before: Parameters,
    after: Parameters,
    body: "BodyModel",
    recommender: "Recommender",
) -> int:
    """Add a run: made by what made the one before, its levels how far each body is from Θ1."""
    assert person.theta1 is not None and person.theta1_id is not None
    run = person.run
    off = [float(turns(person.theta1, other).mean()) for other in (before, after)]
    steps = Parameters.stack([person.theta1, before, after])
    trajectory = Trajectory(steps, np.array([0.0, *off], np.float32), STEADIED)
    return project.add_run(
        person.row.id,
        person.theta1_id,
        trajectory,
        recommender.score(trajectory, person.evidence).values,
        Suggestion(STEP, 0.0, "steadied along its track", by=STEADIED),
        run.weights_sha256 if run else "",
        run.seed if run else 0,
        body.sha256,
    )


def _unrest(rows: Sequence[PersonRow], bodies: dict[int, Parameters], body: "BodyModel") -> float:
    joints: NDArray[np.float64] = np.full((len(rows), len(JOINTS), 3), np.nan)
    places = [at for at, row in enumerate(rows) if row.id in bodies]
    joints[places] = joints_of(body, [bodies[rows[at].id] for at in places])
    found = accelerations(joints, times_of(rows))
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")
