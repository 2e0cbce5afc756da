"""Running a bench: people are streamed through frontend, refiner and judge; errors are kept."""

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation, UnreadableInput
from core.evidence import Evidence
from core.formats.records import Failure
from core.progress import CancelToken, Progress
from core.suggest import Recommender
from core.trajectory import Trajectory
from training.bench.arms import Arms
from training.bench.choices import fixed
from training.bench.crowd import Crowd, generator_of
from training.bench.judges import Judge
from training.bench.null import null_path
from training.bench.rows import Bench
from training.corpora.records import Sample

Floats = NDArray[np.floating]

MOST_TO_CHOOSE_ON = 1000
"""People of the choosing split that the fixed step is chosen on."""


@dataclass(frozen=True, eq=False)
class Walk:
    """How wrong every step of a path is.

    Parameters
    ----------
    errors : NDArray, shape (N+1, M)
        By step and measure.
    suggested : int
        The step proposed without the truth.
    """

    errors: Floats
    suggested: int


@dataclass
class Findings:
    """Errors of everybody, P people.

    Parameters
    ----------
    bench : Bench
        What was measured.
    frontend, refiner, recommender : str
        By whom.
    groups : list of str
        Take or sequence of each.
    walks, nulls : list of Walk
        By the refiner, and by a random path as long.
    failures : list of str
        Who could not be measured and why.
    chosen_step : int or None
        The fixed step; None where there was nobody to choose on, `not_chosen` says why.
    chosen_on : int
        People that it was chosen on.
    seconds : float
        How long everything took.
    """

    bench: Bench
    frontend: str
    refiner: str
    recommender: str
    groups: list[str] = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)
    nulls: list[Walk] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    chosen_step: int | None = None
    chosen_on: int = 0
    not_chosen: str = ""
    seconds: float = 0.0


def run(
    bench: Bench,
    folder: Path,
    arms: Arms,
    judge: Judge,
    limit: int | None = None,
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, Findings]:
    """Measure a frontend and a refiner on a bench.

    Parameters
    ----------
    bench : Bench
        Of `BENCHES`.
    folder : Path
        Its corpus.
    arms : Arms
        Who is measured.
    judge : Judge
        By what.
    limit : int or None
        At most so many people of each split, spread evenly over it.
    cancel : CancelToken or None
        Looked at before each person.

    Raises
    ------
    UnreadableInput
        The data set is missing, incomplete or torn, or nobody of it could be measured.
    Cancelled
        Someone asked to stop.
    """
    start, names = monotonic(), (arms.frontend.name, arms.refiner.name, arms.recommender.name)
    found = Findings(bench, *names)
    yield Progress(0, 1, f"reading {bench.corpus}")
    people = Crowd(bench, folder, bench.split, limit)
    before = yield from _choose(found, folder, arms, judge, limit, cancel, len(people))
    total = before + len(people)
    for number, one in enumerate(people.pairs(arms.frontend, cancel), start=before + 1):
        if isinstance(one, Failure):
            found.failures.append(f"{one.name}: {one.why}")
            continue
        sample, pair = one
        yield Progress(number, total, sample.name)
        try:
            path = arms.refiner.trajectory(pair.theta1, pair.evidence)
            null = null_path(path, pair.evidence, arms.body, generator_of(sample))
            walks = [
                judged(each, sample, pair.evidence, arms.recommender, judge)
                for each in (path, null)
            ]
        except InvalidAnnotation as error:
            found.failures.append(f"{sample.name}: {error}")
            continue
        found.groups.append(bench.grouped(sample))
        found.walks.append(walks[0])
        found.nulls.append(walks[1])
    if not found.walks:
        why = found.failures[0] if found.failures else "nobody is there"
        raise UnreadableInput(f"Nobody of {bench.name} could be measured: {why}")
    found.seconds = monotonic() - start
    return found


def judged(
    path: Trajectory, sample: Sample, evidence: Evidence, recommender: Recommender, judge: Judge
) -> Walk:
    """Measure every step of a path, and let one be suggested without the truth."""
    errors = judge(path.steps, sample).astype(np.float32)
    return Walk(errors, recommender.suggest(recommender.score(path, evidence)).step)


def _choose(
    found: Findings,
    folder: Path,
    arms: Arms,
    judge: Judge,
    limit: int | None,
    cancel: CancelToken | None,
    after: int,
) -> Generator[Progress, None, int]:
    """Find the step that is best on average on the choosing split; return how many were tried."""
    bench, losses = found.bench, []
    most = min(limit or MOST_TO_CHOOSE_ON, MOST_TO_CHOOSE_ON)
    try:
        people = Crowd(bench, folder, bench.choosing, most)
    except UnreadableInput as missing:
        found.not_chosen = str(missing)
        return 0
    for number, one in enumerate(people.pairs(arms.frontend, cancel), start=1):
        if isinstance(one, Failure):
            found.not_chosen = f"{one.name}: {one.why}"
            continue
        sample, pair = one
        yield Progress(number, len(people) + after, sample.name)
        try:
            path = arms.refiner.trajectory(pair.theta1, pair.evidence)
            losses.append(judge(path.steps, sample)[:, bench.loss])
        except InvalidAnnotation as error:
            found.not_chosen = f"{sample.name}: {error}"
    if losses:
        found.chosen_step, found.chosen_on = fixed(np.stack(losses)), len(losses)
        found.not_chosen = ""
    return len(people)
