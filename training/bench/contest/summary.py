"""Numbers of the contest, as facts that go into the JSON and make table and figures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.refiners import DEFAULT_REFINER
from training.bench.bootstrap import Bootstrap
from training.bench.contest.conditions import CLICKED, MAIN, NOISES
from training.bench.contest.judging import (
    BY_PART,
    MEASURES,
    ORACLE,
    PICKS,
    SUGGESTED,
    THETA1,
    Judged,
)
from training.bench.contest.running import Contest, Key, fixed_key
from training.bench.report import WORSE
from training.errors import STRANGE

Floats = NDArray[np.floating]
Facts = dict[str, Any]

DIGITS = 3
BINS = 8
"""Of promised gains, as many people in each."""


class Cell:
    """What one arm does for P people of a source under a condition.

    Parameters
    ----------
    found : sequence of Judged
        The people.
    """

    def __init__(self, found: Sequence[Judged]) -> None:
        self.found = list(found)
        self.names = [one.name for one in found]
        self.over = Bootstrap([one.group for one in found])
        self._errors = np.stack([one.errors for one in found])

    def at(self, pick: str, measure: int = 0) -> Floats:
        """Return everybody's error (P,) at a pick."""
        return np.asarray(self._errors[:, PICKS.index(pick), measure])

    def some(self, names: Sequence[str]) -> "Cell":
        """Return the cell of these people alone, in this order."""
        by_name = {one.name: one for one in self.found}
        return Cell([by_name[name] for name in names])

    def mean(self, values: Floats) -> Facts:
        """Average values (P,), with the interval."""
        low, high = self.over(values)
        return _rounded(mean=values.mean(), low=low, high=high)

    def ratio(self, above: Floats, below: Floats) -> Facts:
        """Divide the means of values (P,), with the interval of that."""
        both = np.stack([above, below], axis=1)
        if abs(below.mean()) < 1e-9:
            return {"mean": None, "low": None, "high": None}
        drawn = self.over.means(both)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = drawn[:, 0] / drawn[:, 1]
        low, high = np.percentile(each[np.isfinite(each)], (2.5, 97.5))
        return _rounded(mean=above.mean() / below.mean(), low=low, high=high)


def cell_facts(key: Key, contest: Contest) -> Facts:
    """Return one row of the table."""
    source, condition, arm = key
    cell = Cell(contest.cells[key])
    first, suggested, best = (cell.at(pick) for pick in (THETA1, SUGGESTED, ORACLE))
    regret, left = suggested - best, [one for one in cell.found if one.steps[SUGGESTED] > 0]
    shown = np.array([one.curve[list(one.shown)].min() for one in cell.found])
    return {
        "source": source,
        "condition": condition,
        "arm": arm,
        "people": len(cell.found),
        "takes": cell.over.count,
        "fixed_step": contest.fixed.get(fixed_key(*key)),
        "mean_step": {
            pick: round(float(np.mean([one.steps[pick] for one in cell.found])), 1)
            for pick in cell.found[0].steps
        },
        "errors": {
            pick: {name: cell.mean(cell.at(pick, i)) for i, name in enumerate(MEASURES)}
            for pick in PICKS
        },
        "change": cell.mean(suggested - first),
        "by_part": cell.mean(cell.at(BY_PART) - suggested),
        "ratio": cell.ratio(suggested, first),
        "regret": {**cell.mean(regret), **_rounded(p90=np.percentile(regret, 90))},
        "share_of_oracle_gain": cell.ratio(first - suggested, first - best),
        "worse": cell.mean((suggested > first + WORSE).astype(float)),
        "kept": round(float(np.mean([one.steps[SUGGESTED] == 0 for one in cell.found])), DIGITS),
        "best_of_shown": cell.mean(shown),
        "correlation": _correlation(left),
    }


def _correlation(found: Sequence[Judged]) -> Facts:
    """Correlate promised and true gains of those who were told to leave Θ1."""
    promised = np.array([one.promised for one in found])
    true = np.array([one.curve[0] - one.curve[one.steps[SUGGESTED]] for one in found])
    if len(found) < 3 or promised.std() == 0 or true.std() == 0:
        return {"value": None, "people": len(found)}
    return {"value": round(float(np.corrcoef(promised, true)[0, 1]), DIGITS), "people": len(found)}


def curves(contest: Contest, condition: str = CLICKED) -> list[Facts]:
    """Return the mean MPJPE at every step by source and arm, beside its null."""
    return [
        {
            "source": source,
            "arm": arm,
            "mean": _plain(np.mean([one.curve for one in found], axis=0)),
            "null": _plain(np.mean([one.null for one in found], axis=0)),
        }
        for (source, held, arm), found in contest.cells.items()
        if held == condition and source not in STRANGE and found
    ]


def by_noise(contest: Contest) -> list[Facts]:
    """Return the change at the suggestion at each noise level, of the same people at all."""
    made = []
    for source, arm in {(source, arm) for source, _, arm in contest.cells}:
        cells = {
            noise: Cell(found)
            for noise in NOISES
            if (found := contest.cells.get((source, noise, arm)))
        }
        if len(cells) < len(NOISES):
            continue
        names = set.intersection(*(set(cell.names) for cell in cells.values()))
        same = [name for name in next(iter(cells.values())).names if name in names]
        few = {noise: cell.some(same) for noise, cell in cells.items()}
        made.append(
            {
                "source": source,
                "arm": arm,
                "people": len(same),
                "theta1": round(float(few[NOISES[0]].at(THETA1).mean()), DIGITS),
                "levels": {
                    noise: cell.mean(cell.at(SUGGESTED) - cell.at(THETA1))
                    for noise, cell in few.items()
                },
            }
        )
    return sorted(made, key=lambda one: (one["source"], one["arm"]))


def rivals(contest: Contest) -> list[Facts]:
    """Return what other recommenders would have chosen on our paths."""
    made = []
    for (source, condition, arm), found in contest.cells.items():
        if arm != DEFAULT_REFINER or condition not in MAIN or not found:
            continue
        cell = Cell(found)
        chosen = {"default": [one.steps[SUGGESTED] for one in found]}
        for name in found[0].rivals:
            chosen[name] = [one.rivals[name] for one in found]
        for name, steps in chosen.items():
            after = np.array([one.curve[step] for one, step in zip(found, steps, strict=True)])
            worse = (after > cell.at(THETA1) + WORSE).astype(float)
            made.append(
                {
                    "source": source,
                    "condition": condition,
                    "recommender": name,
                    "error": cell.mean(after),
                    "regret": cell.mean(after - cell.at(ORACLE)),
                    "worse": cell.mean(worse),
                }
            )
    return made


def reliability(contest: Contest) -> list[Facts]:
    """Return true gains beside promised ones, for people of both frontends sorted into bins."""
    made = []
    for condition in MAIN:
        found = [
            one
            for (source, held, arm), some in contest.cells.items()
            if held == condition and arm == DEFAULT_REFINER and source not in STRANGE
            for one in some
            if one.steps[SUGGESTED] > 0
        ]
        order = np.argsort([one.promised for one in found], kind="stable")
        for rows in np.array_split(order, min(BINS, max(len(found) // 5, 1))):
            if len(rows) < 2:
                continue
            cell = Cell([found[row] for row in rows])
            made.append(
                {
                    "condition": condition,
                    "people": len(rows),
                    "promised": round(float(np.mean([one.promised for one in cell.found])), DIGITS),
                    "true": cell.mean(cell.at(THETA1) - cell.at(SUGGESTED)),
                }
            )
    return made


def _plain(values: Floats) -> list[float]:
    return [round(float(value), DIGITS) for value in values]


def _rounded(**values: Any) -> Facts:
    return {name: round(float(value), DIGITS) for name, value in values.items()}
