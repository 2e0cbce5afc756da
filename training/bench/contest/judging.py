"""A batch of people refined by one arm, every choice of a step measured against the truth."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body import BodyModel
from core.errors import InvalidAnnotation
from core.evidence import Evidence
from core.keypoints import body_points
from core.metrics.angles import angle_errors, global_rotations
from core.metrics.picture import CROP
from core.parts import compose
from core.pose import Parameters
from core.pose.rotations import rotations_of
from core.refiners import Refiner, load_refiner
from core.suggest import DEFAULT_RECOMMENDER, RECOMMENDERS, Recommender, Score, load_recommender
from core.trajectory import Trajectory
from training.bench.contest.conditions import CONDITIONS, evidence_of, true_keypoints
from training.bench.contest.people import Person, truth_of
from training.bench.crowd import generator_of
from training.bench.judges import Bodies3D, judge_of
from training.bench.null import null_path
from training.bench.rows import BENCHES

Floats = NDArray[np.floating]

MEASURES = ("MPJPE mm", "PA-MPJPE mm", "PVE mm", "MPJAE deg", "2D px of 224")
THETA1, FIXED, SUGGESTED, BY_PART = "Θ1", "fixed", "suggested", "by part"
ORACLE, NULL = "oracle", "null oracle"
PICKS = (THETA1, FIXED, SUGGESTED, BY_PART, ORACLE, NULL)
"""Ways to take a step: one for each part of the body, the last on a random path as long."""
JOINTS = 22
"""SMPL's joints up to the wrists: the rest has no truth in motion capture."""
SHOWN = 3
"""Steps that a person is shown to choose from."""
APART = 6
"""Steps between them at least: neighbours look alike."""
SEED = 0
"""Of refiners that draw."""


@dataclass(frozen=True)
class Arm:
    """Who refines.

    Parameters
    ----------
    name : str
        As the table says it.
    refiner : str
        Key of `REFINERS`.
    weights : Path or None
        The user's own.
    blind : bool
        Whether the keypoints only choose the step, and the refiner does not see them.
    """

    name: str
    refiner: str
    weights: Path | None = None
    blind: bool = False


@dataclass(frozen=True, eq=False)
class Task:
    """A batch of work.

    Parameters
    ----------
    arm : Arm
        Who refines.
    source, condition : str
        Who made Θ1, and the keypoints: keys of `Sources` and `CONDITIONS`.
    people : tuple of Person
        Whom.
    fixed : int or None
        The fixed step; None where it is yet to be chosen: then only curves are measured.
    ours : bool
        Whether steps are suggested for parts too, and by the other recommenders.
    """

    arm: Arm
    source: str
    condition: str
    people: tuple[Person, ...]
    fixed: int | None = None
    ours: bool = False

    @property
    def words(self) -> str:
        """What is done, for whoever waits."""
        stage = "choosing" if self.fixed is None else "measuring"
        return f"{stage}: {self.source}, {self.condition}"


@dataclass(frozen=True, eq=False)
class Judged:
    """What one arm does for one person.

    Parameters
    ----------
    name, group : str
        Who, and their take.
    curve, null : NDArray, shape (N+1,)
        MPJPE in mm by step, of the arm's path and of a random one as long.
    steps : dict of int
        By pick; parts have steps of their own.
    errors : NDArray, shape (PICKS, MEASURES)
        At them.
    promised : float
        Gain in mm that the suggestion promises.
    shown : tuple of int
        The steps that a person would be shown first.
    rivals : dict of int
        Steps that the other recommenders suggest.
    """

    name: str
    group: str
    curve: Floats
    null: Floats = field(default_factory=lambda: np.zeros(0))
    steps: dict[str, int] = field(default_factory=dict)
    errors: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    promised: float = 0.0
    shown: tuple[int, ...] = ()
    rivals: dict[str, int] = field(default_factory=dict)


class Judging:
    """Refines and measures; keeps what it has loaded.

    Parameters
    ----------
    body : BodyModel
        The open one.
    """

    def __init__(self, body: BodyModel) -> None:
        self._body = body
        self._joints = judge_of(BENCHES["open"], Bodies3D(body))
        self._refiners: dict[tuple[str, Path | None], Refiner] = {}
        self._recommenders: dict[str, Recommender] = {}

    def __call__(self, task: Task) -> tuple[list[Judged], list[str]]:
        """Measure a batch; who holds impossible values is named, and the rest kept."""
        try:
            return self._judged(task), []
        except InvalidAnnotation as error:
            if len(task.people) == 1:
                return [], [f"{task.arm.name}, {task.source}, {task.people[0].name}: {error}"]
        found, failures = [], []
        for one in task.people:
            some, failed = self(replace(task, people=(one,)))
            found += some
            failures += failed
        return found, failures

    def refine(self, task: Task) -> list[tuple[Trajectory, Evidence]]:
        """Refine people by what the arm sees; return what chooses beside it."""
        condition = CONDITIONS[task.condition]
        chooses = [evidence_of(one.sample, one.box, condition) for one in task.people]
        seen = [Evidence(each.box) for each in chooses] if task.arm.blind else chooses
        rough = [one.theta1 for one in task.people]
        paths = self._refiner(task.arm).trajectories(rough, seen, seed=SEED)
        return list(zip(paths, chooses, strict=True))

    def recommender(self, name: str = DEFAULT_RECOMMENDER) -> Recommender:
        """Return a recommender by name."""
        if name not in self._recommenders:
            self._recommenders[name] = load_recommender(name, self._body)
        return self._recommenders[name]

    def _refiner(self, arm: Arm) -> Refiner:
        key = arm.refiner, arm.weights
        if key not in self._refiners:
            self._refiners[key] = load_refiner(arm.refiner, self._body, arm.weights)
        return self._refiners[key]

    def _judged(self, task: Task) -> list[Judged]:
        paths = self.refine(task)
        if task.fixed is None:
            return [
                Judged(one.name, one.group, self._joints(path.steps, one.sample)[:, 0])
                for one, (path, _) in zip(task.people, paths, strict=True)
            ]
        return [
            self._one(task, task.fixed, one, path, evidence)
            for one, (path, evidence) in zip(task.people, paths, strict=True)
        ]

    def _one(
        self, task: Task, fixed: int, one: Person, path: Trajectory, evidence: Evidence
    ) -> Judged:
        walk = null_path(path, evidence, self._body, generator_of(one.sample))
        errors, null = (self._joints(each.steps, one.sample) for each in (path, walk))
        recommender = self.recommender()
        score = recommender.score(path, evidence, parts=task.ours)
        suggestion = recommender.suggest(score)
        steps = {
            THETA1: 0,
            FIXED: fixed,
            SUGGESTED: suggestion.step,
            ORACLE: int(errors[:, 0].argmin()),
        }
        nearest = int(null[:, 0].argmin())
        whole = {pick: path.steps[step] for pick, step in steps.items()}
        whole[BY_PART] = compose(path, suggestion.part_steps, suggestion.step)
        whole[NULL] = walk.steps[nearest]
        taken = Parameters.stack([whole[pick] for pick in PICKS])
        return Judged(
            one.name,
            one.group,
            errors[:, 0],
            null[:, 0],
            {**steps, NULL: nearest},
            np.concatenate([self._joints(taken, one.sample), self._further(taken, one)], axis=1),
            suggestion.expected_gain,
            shown_first(suggestion.step, score),
            self._rivals(path, evidence) if task.ours else {},
        )

    def _rivals(self, path: Trajectory, evidence: Evidence) -> dict[str, int]:
        found = {}
        for name in RECOMMENDERS:
            if name != DEFAULT_RECOMMENDER:
                other = self.recommender(name)
                found[name] = other.suggest(other.score(path, evidence, parts=False)).step
        return found

    def _further(self, taken: Parameters, one: Person) -> Floats:
        """Measure steps (C,) by vertices, angles and pixels (C, 3); roots are aligned."""
        truth = truth_of(one.sample)
        if truth is None:
            raise InvalidAnnotation("the true body is not known")
        both = Parameters.stack([*(taken[step] for step in range(len(taken))), truth])
        vertices, points = self._body.pose(both)
        skin = vertices - points[:, :1]
        turned = global_rotations(rotations_of(both).numpy())[:, :JOINTS]
        angles = angle_errors(turned[:-1], turned[-1:])
        pixels = taken.camera.project(points[:-1])[:, body_points("coco")]
        return np.stack(
            [
                1000 * np.linalg.norm(skin[:-1] - skin[-1:], axis=-1).mean(1),
                angles.mean(1),
                _in_the_picture(pixels, one),
            ],
            axis=1,
        )


def shown_first(step: int, score: Score) -> tuple[int, ...]:
    """Return the suggested step and the best others, apart from each other.

    The best are those of the largest expected gain, or of the lowest score where none is told.
    """
    chosen, order = [step], score.values if score.gains is None else -score.gains
    for other in np.argsort(order, kind="stable").tolist():
        if len(chosen) < SHOWN and all(abs(other - one) >= APART for one in chosen):
            chosen.append(other)
    return tuple(chosen)


def _in_the_picture(pixels: Floats, one: Person) -> Floats:
    """Mean distance (C,) of keypoints (C, 17, 2) from those truly in sight."""
    keypoints = true_keypoints(one.sample)
    if keypoints is None or not (seen := keypoints.confidence > 0).any():
        raise InvalidAnnotation("no keypoint is in sight")
    miss = np.linalg.norm(pixels[:, seen] - keypoints.points[seen], axis=-1).mean(1)
    return np.asarray(CROP / one.box.side * miss)
