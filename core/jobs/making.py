"""One person's run: looked at, refined, scored. Touches no project, so it may run anywhere."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, DiffAnnotError, InvalidAnnotation
from core.evidence import Evidence
from core.frontends import Frontend, RoughAnnotation, looked_at
from core.images import read_image
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Person
from core.refiners import DEFAULT_STEPS, Refiner
from core.suggest import DEFAULT_RECOMMENDER, Recommender, load_recommender
from core.trajectory import Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


@dataclass(frozen=True)
class Options:
    """Settings of a run.

    Parameters
    ----------
    steps : int
        N; a trajectory has N+1 steps.
    seed : int
        Of every random draw.
    recommender : str
        Key of `core.suggest.RECOMMENDERS`.
    ranker : Path or None
        The user's own weights, for a recommender that has any.
    """

    steps: int = DEFAULT_STEPS
    seed: int = 0
    recommender: str = DEFAULT_RECOMMENDER
    ranker: Path | None = None

    def load_recommender(self, body: "BodyModel") -> Recommender:
        """Make the recommender."""
        return load_recommender(self.recommender, body, self.ranker)


DEFAULTS = Options()


@dataclass(frozen=True, eq=False)
class Looked:
    """What a refiner is given of one person.

    Parameters
    ----------
    rough : RoughAnnotation or None
        What the frontend said; None where there was a Θ1.
    theta1, evidence
        As of `Refiner.trajectory`.
    """

    rough: RoughAnnotation | None
    theta1: Parameters
    evidence: Evidence


@dataclass(frozen=True, eq=False)
class Made:
    """What was computed for one person, on its way into the project.

    Parameters
    ----------
    rough : RoughAnnotation or None
        What the frontend said; None where there was a Θ1.
    trajectory, scores, suggestion
        The run.
    """

    rough: RoughAnnotation | None
    trajectory: Trajectory
    scores: NDArray[np.float32]
    suggestion: Suggestion


Engine = Callable[[Iterable[Person]], Iterator[tuple[Person, Made | DiffAnnotError]]]
"""Computes persons in any order: each comes back with what was made, or why it was not."""


def make(
    person: Person,
    frontend: Frontend,
    refiner: Refiner,
    body: "BodyModel",
    options: Options,
    cancel: CancelToken,
) -> Generator[Progress, None, Made]:
    """Compute one person's run."""
    cancel.check()
    if person.theta1 is None:
        yield Progress(0, 3, f"looking at {person.row.name}")
    looked = look(person, frontend)
    cancel.check()
    yield Progress(1, 3, f"refining {person.row.name}")
    trajectory = refiner.trajectory(looked.theta1, looked.evidence, options.steps, options.seed)
    cancel.check()
    yield Progress(2, 3, f"scoring {person.row.name}")
    return judged(looked, trajectory, options.load_recommender(body))


def look(person: Person, frontend: Frontend) -> Looked:
    """Return Θ1 and evidence of a person; the frontend looks where there is no Θ1.

    Raises
    ------
    NoPersonFound
        The frontend saw nobody.
    UnreadableInput
        The picture is missing or torn.
    """
    theta1, evidence = person.theta1, person.evidence
    if theta1 is not None:
        return Looked(None, theta1, evidence)
    image = read_image(person.image_path, person.image_sha256)
    box = looked_at(frontend, evidence)
    rough = frontend.annotate(image, box, evidence.keypoints)
    if evidence.keypoints is None:
        evidence = replace(evidence, keypoints=rough.keypoints)
    return Looked(rough, rough.theta1, evidence)


def judged(looked: Looked, trajectory: Trajectory, recommender: Recommender) -> Made:
    """Score a trajectory and suggest a step of it.

    Raises
    ------
    InvalidAnnotation
        The trajectory does not begin with Θ1.
    """
    if not trajectory.begins_with(looked.theta1):
        raise InvalidAnnotation(
            f"The refiner {trajectory.refiner} does not begin with the rough annotation",
            "Nothing of it is kept; tell its author, core.contract finds this",
        )
    score = recommender.score(trajectory, looked.evidence)
    suggestion = replace(recommender.suggest(score), by=recommender.made_by)
    return Made(looked.rough, trajectory, score.values, suggestion)


def outcome_of(work: Generator[Progress, None, Made]) -> Made | DiffAnnotError:
    """Run `make` to its end; what fails for this person comes back as a value."""
    try:
        while True:
            next(work)
    except StopIteration as end:
        made: Made = end.value
        return made
    except Cancelled:
        raise
    except DiffAnnotError as error:
        return error


def one_by_one(
    frontend: Frontend,
    refiner: Refiner,
    body: "BodyModel",
    options: Options,
    cancel: CancelToken,
    persons: Iterable[Person],
) -> Iterator[tuple[Person, Made | DiffAnnotError]]:
    """Compute persons in this process, one after the other."""
    for person in persons:
        yield person, outcome_of(make(person, frontend, refiner, body, options, cancel))
