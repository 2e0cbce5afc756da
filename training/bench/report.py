"""Tables II and III of the paper, with the columns that it lacks, out of what a bench found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.keypoints import COCO
from training.bench.bootstrap import DRAWS, Bootstrap, Interval
from training.bench.choices import PATIENCE, Steps, algorithm_1, oracle
from training.bench.crowd import SEED
from training.bench.running import Findings, Walk

Floats = NDArray[np.floating]

WORSE = 2.0
"""Who loses more than this, in mm or in pixels of a crop of 224, got worse."""


@dataclass(frozen=True)
class Column:
    """What one way to choose steps gives.

    Parameters
    ----------
    name : str
        The way.
    by_truth : bool
        Whether it asks the truth: an oracle, no result.
    null : bool
        Whether the path is the random one.
    mean_step : float
        Of the steps taken.
    errors, changes : dict of Interval
        By measure; the changes are those from Θ1, person by person.
    improved : Interval
        Share of people whose loss fell.
    worse : Interval
        Share of people who got worse.
    """

    name: str
    by_truth: bool
    null: bool
    mean_step: float
    errors: dict[str, Interval]
    changes: dict[str, Interval]
    improved: Interval
    worse: Interval


@dataclass(frozen=True, eq=False)
class Curve:
    """Mean over people at every step (N+1,), and the 95 % interval of its change from step 0."""

    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Report:
    """The table, and what the figures show.

    Parameters
    ----------
    findings : Findings
        What it was made of.
    columns : list of Column
        Θ1 first.
    losses, null_losses : NDArray, shape (P, N+1)
        By person and step, of the refiner's path and of the random one.
    choices : dict of NDArray, each (P,)
        Steps taken, by column.
    """

    findings: Findings
    columns: list[Column]
    losses: Floats
    null_losses: Floats
    choices: dict[str, Steps]
    mean_over: Bootstrap

    def curve(self, values: Floats) -> Curve:
        """Average values (P, N+1) over people; the band is that of the change from step 0."""
        start = values[:, 0].mean()
        low, high = self.mean_over(values - values[:, :1])
        return Curve(values.mean(axis=0), start + low, start + high)


def report(findings: Findings) -> Report:
    """Choose steps in every way, and average."""
    bench = findings.bench
    errors, null = (_stacked(walks) for walks in (findings.walks, findings.nulls))
    losses, null_losses = errors[..., bench.loss], null[..., bench.loss]
    bootstrap = Bootstrap(findings.groups)
    ways = _ways(findings, losses, null_losses)
    columns = [
        _column(name, way, null if way.null else errors, errors[:, 0], findings, bootstrap)
        for name, way in ways.items()
    ]
    choices = {name: way.steps for name, way in ways.items()}
    return Report(findings, columns, losses, null_losses, choices, bootstrap)


@dataclass(frozen=True, eq=False)
class _Way:
    steps: Steps
    by_truth: bool = False
    null: bool = False


THETA1, SUGGESTED = "Θ1", "suggested"
PAPER, PAPER_NULL = "Algorithm 1", "null, Algorithm 1"
ORACLE, ORACLE_NULL = "oracle", "null, oracle"
"""Names of columns."""


def _ways(findings: Findings, losses: Floats, null_losses: Floats) -> dict[str, _Way]:
    """Return the steps that each way to choose takes; an oracle is followed by its null."""
    count = len(losses)
    ways = {THETA1: _Way(np.zeros(count, np.int64))}
    if findings.chosen_step is not None:
        step = findings.chosen_step
        ways[f"fixed step {step}"] = _Way(np.full(count, step))
    suggested, null_suggested = (
        np.array([walk.suggested for walk in walks]) for walks in (findings.walks, findings.nulls)
    )
    ways[SUGGESTED] = _Way(suggested)
    ways[f"null, {SUGGESTED}"] = _Way(null_suggested, null=True)
    choices: tuple[tuple[str, str, Callable[[Floats], Steps]], ...] = (
        (PAPER, PAPER_NULL, algorithm_1),
        (ORACLE, ORACLE_NULL, oracle),
    )
    for name, null_name, choose in choices:
        ways[name] = _Way(choose(losses), by_truth=True)
        ways[null_name] = _Way(choose(null_losses), by_truth=True, null=True)
    return ways


def _column(
    name: str, way: _Way, errors: Floats, before: Floats, findings: Findings, over: Bootstrap
) -> Column:
    bench = findings.bench
    after = errors[np.arange(len(errors)), way.steps]
    change = after - before
    return Column(
        name,
        way.by_truth,
        way.null,
        float(way.steps.mean()),
        {m: over.interval(after[:, i]) for i, m in enumerate(bench.measures)},
        {m: over.interval(change[:, i]) for i, m in enumerate(bench.measures)},
        over.interval((change[:, bench.loss] < 0).astype(float)),
        over.interval((change[:, bench.strict] > WORSE).astype(float)),
    )


def _stacked(walks: list[Walk]) -> Floats:
    return np.stack([walk.errors for walk in walks]).astype(np.float64)


def to_json(made: Report, about: dict[str, Any]) -> dict[str, Any]:
    """Return everything that a reader of the numbers must know; `about` is of the run."""
    findings, bench = made.findings, made.findings.bench
    measure = bench.measures[bench.loss]
    return {
        "bench": bench.name,
        "corpus": bench.corpus,
        "split": bench.split,
        "people": len(findings.walks),
        "not_measured": len(findings.failures),
        bench.groups: made.mean_over.count,
        **(_IN_THE_PICTURE if bench.protocol is None else bench.protocol.to_json()),
        "chosen_by": measure,
        "patience": PATIENCE,
        "improved": f"{measure} fell",
        "worse": f"{bench.measures[bench.strict]} rose by more than {WORSE:g}",
        "evidence": bench.evidence,
        "interval": f"95 % of {DRAWS} bootstrap means over {bench.groups}",
        "seed": SEED,
        "fixed_step": {
            "split": bench.choosing,
            "people": findings.chosen_on,
            "step": findings.chosen_step,
            "remark": findings.not_chosen,
        },
        "published_by_the_paper": bench.published,
        "seconds": round(findings.seconds, 1),
        **about,
        "columns": [_plain(column) for column in made.columns],
        "curves": {
            name: {key: np.round(array, 3).tolist() for key, array in vars(curve).items()}
            for name, curve in (
                (measure, made.curve(made.losses)),
                (f"null, {measure}", made.curve(made.null_losses)),
            )
        },
    }


_IN_THE_PICTURE = {
    "protocol": "picture",
    "truth": "the corpus' keypoints that are marked",
    "joints": list(COCO),
    "averaging": "per sample",
}


def _plain(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "by_truth": column.by_truth,
        "null": column.null,
        "mean_step": round(column.mean_step, 2),
        "errors": {name: vars(each) for name, each in column.errors.items()},
        "changes": {name: vars(each) for name, each in column.changes.items()},
        "improved": vars(column.improved),
        "worse": vars(column.worse),
    }
