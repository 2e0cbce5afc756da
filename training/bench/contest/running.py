"""The contest: every arm on every source of errors under every condition, on all cores."""

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from time import monotonic

import numpy as np

from core.progress import CancelToken, Progress
from core.refiners import DEFAULT_REFINER, REFINERS
from training.bench.choices import fixed
from training.bench.contest.conditions import CLICKED, CONDITIONS, MAIN, NONE
from training.bench.contest.crew import Crew, usable_cores
from training.bench.contest.judging import Arm, Judged, Judging, Task
from training.bench.contest.people import (
    BATCH,
    FRONTENDS,
    SUBSET,
    Person,
    Sources,
    gather,
    open_body,
    spread,
)
from training.errors import STRANGE

CHOOSING = 60
"""People of the choosing split that a frontend's fixed steps are chosen on, evenly spread."""
CHOOSING_STRANGE = 12
"""And those of each family of errors."""

ASIDE = frozenset(("identity", "random-4", "random-16"))
"""Refiners that run on the frontends' people under the main conditions alone: they know nothing,
and `random-8` stands for them elsewhere."""

Key = tuple[str, str, str]
"""Source, condition, name of the arm."""


@dataclass
class Contest:
    """What was found.

    Parameters
    ----------
    arms : list of Arm
        Who took part; ours is `DEFAULT_REFINER`.
    sources : Sources
        Who was refined.
    cells : dict of list of Judged
        By source, condition and arm.
    fixed : dict of int
        The fixed steps, by source, with or without keypoints (`MAIN`), and arm.
    failures : list of str
        Who could not be measured, and why.
    seconds : dict of float
        How long looking, choosing and measuring took.
    processes : int
        In how many processes, of one thread each.
    """

    arms: list[Arm]
    sources: Sources
    cells: dict[Key, list[Judged]] = field(default_factory=dict)
    fixed: dict[Key, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    processes: int = 1


def run(
    folder: Path,
    frontends: Sequence[str] = FRONTENDS,
    checkpoint: Path | None = None,
    seeds: Sequence[Path] = (),
    limit: int | None = None,
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, Contest]:
    """Measure every arm.

    Parameters
    ----------
    folder : Path
        The open bench.
    frontends : sequence of str
        Which.
    checkpoint : Path or None
        Weights of `hmr-open`.
    seeds : sequence of Path
        Weights of our refiner from other training seeds.
    limit : int or None
        At most so many people of each split.
    cancel : CancelToken or None
        Looked at between batches.

    Raises
    ------
    UnreadableInput
        The corpus or weights are missing or torn, or nobody is left.
    Cancelled
        Someone asked to stop.
    DiffAnnotError
        A process died.
    """
    cancel, start = cancel or CancelToken(), monotonic()
    with Crew(usable_cores()) as crew:
        sources = yield from gather(folder, frontends, checkpoint, limit, crew, cancel)
        contest = Contest(arms_of(seeds), sources, processes=crew.count)
        contest.seconds["frontends"] = monotonic() - start
        for stage, made in (("choosing", choosing), ("measuring", measuring)):
            begun, tasks = monotonic(), made(contest)
            results = yield from crew.work(_judge, tasks, cancel)
            for task, (found, failed) in zip(tasks, results, strict=True):
                contest.cells.setdefault(_key(task), []).extend(found)
                contest.failures += failed
            if stage == "choosing":
                _fix(contest)
            contest.seconds[stage] = monotonic() - begun
    return contest


def arms_of(seeds: Sequence[Path]) -> list[Arm]:
    """Return every refiner, ours from other seeds, and ours with keypoints that only choose."""
    ours = [
        Arm(f"{DEFAULT_REFINER}, seed {number}", DEFAULT_REFINER, weights)
        for number, weights in enumerate(seeds, start=2)
    ]
    blind = Arm(f"{DEFAULT_REFINER}, keypoints only choose", DEFAULT_REFINER, blind=True)
    return [*(Arm(name, name) for name in REFINERS), *ours, blind]


def choosing(contest: Contest) -> list[Task]:
    """Return what must be known to choose the fixed steps."""
    tasks: list[Task] = []
    for source, people in contest.sources.choosing.items():
        some = spread(people, CHOOSING_STRANGE if source in STRANGE else CHOOSING)
        for condition in MAIN:
            tasks += _tasks(contest, source, condition, some)
    return tasks


def measuring(contest: Contest) -> list[Task]:
    """Return what is reported: everybody under the main conditions, fewer under the others."""
    tasks: list[Task] = []
    for source, people in contest.sources.test.items():
        few = spread(people, SUBSET)
        for condition in MAIN if source in STRANGE else CONDITIONS:
            some = people if condition in MAIN else few
            for task in _tasks(contest, source, condition, some):
                chosen = contest.fixed.get(fixed_key(*_key(task)), 0)
                ours = task.arm.refiner == DEFAULT_REFINER and not task.arm.blind
                tasks.append(replace(task, fixed=chosen, ours=ours))
    return tasks


def fixed_key(source: str, condition: str, arm: str) -> Key:
    """Tell which fixed step holds: of the families together, and by whether there are keypoints."""
    return (
        "strange" if source in STRANGE else source,
        NONE if condition == NONE else CLICKED,
        arm,
    )


def _tasks(
    contest: Contest, source: str, condition: str, people: Sequence[Person]
) -> Iterator[Task]:
    usual = condition in MAIN and source not in STRANGE
    for arm in contest.arms:
        aside = arm.blind or arm.weights is not None or arm.refiner in ASIDE
        if (aside and not usual) or (arm.blind and condition == NONE):
            continue
        for start in range(0, len(people), BATCH):
            yield Task(arm, source, condition, tuple(people[start : start + BATCH]))


def _fix(contest: Contest) -> None:
    """Choose the fixed steps by what was measured, and forget that."""
    curves: dict[Key, list[np.ndarray]] = defaultdict(list)
    for key, found in contest.cells.items():
        curves[fixed_key(*key)] += [one.curve for one in found]
    contest.fixed = {key: fixed(np.stack(some)) for key, some in curves.items() if some}
    contest.cells = {}


def _key(task: Task) -> Key:
    return task.source, task.condition, task.arm.name


@cache
def _judging() -> Judging:
    return Judging(open_body())


def _judge(task: Task) -> tuple[list[Judged], list[str]]:
    return _judging()(task)
