"""Teaches the ranker what reviewers take: the step they accepted is better than the others.

Decisions say which of the steps of one trajectory is best, not by how many mm: the choice is taken
for one of Plackett and Luce (Bradley and Terry's for two) with the gains as utilities. "Keep step
0" counts like any other. The weights are held near those one starts from, so few decisions change
little. Signs are read anew: a project keeps no trials, so refiners that follow keypoints run again,
and a run that they do not reproduce is left out.
"""

from collections.abc import Generator, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets import RANKER_WEIGHTS
from core.body import BodyModel, load_body
from core.errors import DiffAnnotError, UnreadableInput
from core.formats.files import made_folder
from core.jobs import Report
from core.pose.parameters import SHAPES
from core.progress import CancelToken, Progress
from core.project import Person, Project, State
from core.refiners import Refiner, load_refiner
from core.suggest.ranker import LEAST, SURE, pick
from core.suggest.ranking import EXACT, Ranking, load_ranking
from core.suggest.signs import judged_joints, signs_of
from core.trajectory import Trajectory
from core.weights import write_weights
from training.bench.bootstrap import Bootstrap

Floats = NDArray[np.float32]

STEPS = 100
LEARNING_RATE = 5e-4
AT_ONCE = 16
"""Decisions in a batch."""
HOLD = 30.0
"""How strongly weights are held where they were, against the mean loss of a decision."""
SOFTNESS = 3.0
"""Steps that differ by so many mm are hard to tell apart by eye."""
FOLDS = 5
"""Where there is one project, its people are left out by so many folds."""
WITHIN = 2
"""A suggestion that is so many steps from the accepted one is a hit."""
FEWEST = 10
"""Decisions below this teach nothing that could be measured."""


@dataclass(frozen=True)
class DecisionOptions:
    """How to learn.

    Parameters
    ----------
    projects : tuple of Path
        Whose accepted steps are learnt from.
    out : Path
        Weights to write.
    start : Path or None
        Weights to go on from; None for those that ship.
    body : Path or None
        The body that the projects were annotated with; None for the open one.
    seed : int
        Of every draw.
    """

    projects: tuple[Path, ...]
    out: Path
    start: Path | None = None
    body: Path | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Decided:
    """One accepted step.

    Parameters
    ----------
    features, reach : NDArray, shape (N+1, F) and (N+1,)
        As of `Signs`.
    joints : NDArray, shape (N+1, 22, 3)
        Judged joints of the steps, mm.
    step : int
        Accepted.
    group : str
        Project, and picture within it.
    project : int
        Which of the projects.
    """

    features: Floats
    reach: Floats
    joints: Floats
    step: int
    group: str
    project: int


@dataclass(frozen=True)
class Learnt:
    """What came of it: a report, and lines that say whether it helped."""

    report: Report
    lines: list[str]


def learn_from_decisions(
    options: DecisionOptions, cancel: CancelToken | None = None
) -> Generator[Progress, None, Learnt]:
    """Measure on decisions that were left out, learn from all, write the weights.

    Raises
    ------
    Cancelled
        Someone asked to stop; nothing is written.
    UnreadableInput
        There are too few decisions.
    ProjectError
        A project cannot be read.
    MissingModel
        Weights are not on this machine.
    """
    cancel = cancel or CancelToken()
    body = load_body(options.body)
    start = load_ranking(options.start or RANKER_WEIGHTS)[0].requires_grad_(True)
    found, failures = yield from _read(options.projects, body, cancel)
    if len(found) < FEWEST:
        why = f"; {failures[0]}" if failures else ""
        raise UnreadableInput(
            f"There are {len(found)} accepted steps to learn from{why}",
            f"Accept at least {FEWEST} people first",
        )
    after = np.zeros((len(found), 3))
    folds = _folds(found)
    for done, fold in enumerate(folds):
        cancel.check()
        yield Progress(done, len(folds) + 1, "learning without those left out")
        left_out = set(fold)
        ranking = learn([one for row, one in enumerate(found) if row not in left_out], start)
        after[fold] = [marks(ranking, found[row]) for row in fold]
    before = np.array([marks(start, one) for one in found])
    yield Progress(len(folds), len(folds) + 1, "learning from all")
    ranking = learn(found, start)
    made_folder(options.out.parent)
    write_weights(ranking, ranking.config, options.out, EXACT)
    several = len(options.projects) > 1
    what = "each project" if several else f"each of {len(folds)} folds of people"
    lines = [f"{len(found)} decisions, {what} judged by what was learnt without it:"]
    lines += _compared(before, after, [one.group for one in found])
    return Learnt(Report(len(found), failures=tuple(failures)), lines)


def _read(
    paths: Sequence[Path], body: BodyModel, cancel: CancelToken
) -> Generator[Progress, None, tuple[list[Decided], list[str]]]:
    found: list[Decided] = []
    failures: list[str] = []
    refiners: dict[str, Refiner] = {}
    for number, path in enumerate(paths):
        with Project.open(path) as project:
            rows = [row for row in project.rows() if row.state is State.ACCEPTED]
            for done, row in enumerate(rows):
                cancel.check()
                yield Progress(done, len(rows), f"reading {row.name}")
                person = project.person(row.id)
                try:
                    walk = _again(person, body, refiners)
                except DiffAnnotError as error:
                    failures.append(f"{row.name}: {error}")
                    continue
                assert person.chosen_step is not None
                signs = signs_of(walk, person.evidence, body)
                joints = judged_joints(walk.steps, body)
                told = signs.features, signs.reach, joints
                found.append(Decided(*told, person.chosen_step, f"{path} {row.image}", number))
    return found, failures


def _again(person: Person, body: BodyModel, refiners: dict[str, Refiner]) -> Trajectory:
    """Make the trajectory again, with its trials, and see that it is the one decided on."""
    run = person.run
    if run is None or person.theta1 is None:
        raise UnreadableInput("it was accepted without being refined")
    name = run.trajectory.refiner
    if name not in refiners:
        refiners[name] = load_refiner(name, body)
    refiner = refiners[name]
    made_by = (refiner.weights_sha256, body.sha256)
    if (run.weights_sha256, run.body_sha256) != made_by:
        raise UnreadableInput("it was refined with other weights or another body")
    walk = refiner.trajectory(person.theta1, person.evidence, len(run.trajectory) - 1, run.seed)
    same = (
        np.allclose(getattr(walk.steps, key), getattr(run.trajectory.steps, key), atol=1e-3)
        for key in SHAPES
    )
    if not all(same):
        raise UnreadableInput("its keypoints or its refiner have changed since")
    return walk


def _folds(found: Sequence[Decided]) -> list[list[int]]:
    """Leave out project by project; of a single one, some of its pictures."""
    projects = sorted({one.project for one in found})
    if len(projects) > 1:
        return [[row for row, one in enumerate(found) if one.project == p] for p in projects]
    pictures = {group: number for number, group in enumerate(sorted({one.group for one in found}))}
    count = min(FOLDS, len(pictures))
    folds = [
        [row for row, one in enumerate(found) if pictures[one.group] % count == fold]
        for fold in range(count)
    ]
    return [fold for fold in folds if len(fold) < len(found)]


def learn(found: Sequence[Decided], start: Ranking, seed: int = 0) -> Ranking:
    """Return a ranking that has learnt from decisions; the one to start from stays as it is."""
    ranking = deepcopy(start)
    held = [part.detach().clone() for part in ranking.parameters()]
    optimizer = torch.optim.Adam(ranking.parameters(), lr=LEARNING_RATE)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(STEPS):
        rows = torch.randint(len(found), (AT_ONCE,), generator=generator)
        value = _surprise(ranking, [found[row] for row in rows.tolist()]).mean()
        moved = sum(
            (part - old).square().sum()
            for part, old in zip(ranking.parameters(), held, strict=True)
        )
        optimizer.zero_grad()
        loss: Tensor = value + HOLD / len(found) * moved
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return ranking


def _surprise(ranking: Ranking, some: Sequence[Decided]) -> Tensor:
    """Return minus the log likelihood (D,) of accepted steps, by each member, on average."""
    features, reach = (
        torch.from_numpy(np.concatenate([getattr(one, name) for one in some]))
        for name in ("features", "reach")
    )
    gains, _ = ranking(features, reach)
    each = (gains / SOFTNESS).split([len(one.reach) for one in some], dim=1)
    likely = [own.log_softmax(-1)[:, one.step].mean() for own, one in zip(each, some, strict=True)]
    return -torch.stack(likely)


@torch.no_grad()
def marks(ranking: Ranking, one: Decided) -> tuple[float, float, float]:
    """Tell how well a ranking foresees a decision.

    Returns
    -------
    hit : float
        1 where the suggestion is within two steps of the accepted one.
    away : float
        Mean distance of the suggested body's joints from the accepted one's, mm: what regret is
        where the truth is not known.
    likelihood : float
        Logarithm, of the accepted step.
    """
    features, reach = torch.from_numpy(one.features), torch.from_numpy(one.reach)
    gains, unsure = (each.numpy() for each in ranking.told(features, reach))
    step = pick(gains, unsure, SURE, LEAST)
    away = np.linalg.norm(one.joints[step] - one.joints[one.step], axis=-1).mean()
    return float(abs(step - one.step) <= WITHIN), float(away), -float(_surprise(ranking, [one]))


def _compared(
    before: NDArray[np.float64], after: NDArray[np.float64], groups: list[str]
) -> Iterator[str]:
    """Say what each figure was and is, with the 95 % interval of the change over pictures."""
    bootstrap = Bootstrap(groups)
    names = ("within 2 steps, %", "mm from the accepted body", "log likelihood")
    for column, (name, times) in enumerate(zip(names, (100, 1, 1), strict=True)):
        was, now = times * before[:, column], times * after[:, column]
        change = bootstrap.interval(now - was)
        yield (
            f"  {name}: {was.mean():.2f} -> {now.mean():.2f}, change {change.mean:+.2f} "
            f"[{change.low:+.2f}, {change.high:+.2f}]"
        )
