"""What the contest is to show: ours against every other arm, and the targets of the project."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.refiners import DEFAULT_REFINER, REFINERS
from training.bench.contest.conditions import CLICKED, MAIN, NONE
from training.bench.contest.judging import SUGGESTED, THETA1
from training.bench.contest.running import Contest
from training.bench.contest.summary import Cell, Facts
from training.errors import STRANGE

MOST = {CLICKED: 0.60, NONE: 0.88}
"""Of Θ1's MPJPE may be left at the suggestion."""
MOST_WORSE = {CLICKED: 0.03, NONE: 0.08}
MOST_REGRET = 5.0
LEAST_SHARE = 0.85


def differences(contest: Contest) -> list[Facts]:
    """Return our error less every other arm's, person by person, at the suggestion."""
    made = []
    for (source, condition, arm), found in contest.cells.items():
        ours = contest.cells.get((source, condition, DEFAULT_REFINER))
        if arm == DEFAULT_REFINER or not found or not ours:
            continue
        theirs, mine = Cell(found), Cell(ours)
        names = [name for name in mine.names if name in set(theirs.names)]
        theirs, mine = theirs.some(names), mine.some(names)
        change = mine.mean(mine.at(SUGGESTED) - theirs.at(SUGGESTED))
        verdict = "ahead" if change["high"] < 0 else "behind" if change["low"] > 0 else "not apart"
        made.append(
            {
                "source": source,
                "condition": condition,
                "arm": arm,
                "people": len(names),
                **change,
                "verdict": verdict,
            }
        )
    return made


def never_worse(contest: Contest) -> list[Facts]:
    """Return, for each arm, the family and condition where its suggestion fares worst."""
    worst: dict[str, Facts] = {}
    for (source, condition, arm), found in contest.cells.items():
        if source not in STRANGE or not found:
            continue
        cell = Cell(found)
        change = cell.mean(cell.at(SUGGESTED) - cell.at(THETA1))
        if arm not in worst or change["mean"] > worst[arm]["mean"]:
            where = {"arm": arm, "family": source, "condition": condition}
            worst[arm] = {**where, **change, "never_worse": change["mean"] <= 0}
    return list(worst.values())


def seeds(contest: Contest) -> list[Facts]:
    """Return mean and spread of our error over the trained seeds."""
    ours = [one.name for one in contest.arms if one.refiner == DEFAULT_REFINER and not one.blind]
    made = []
    for source in contest.sources.test:
        for condition in MAIN:
            each = [
                float(Cell(found).at(SUGGESTED).mean())
                for name in ours
                if (found := contest.cells.get((source, condition, name)))
            ]
            if len(each) > 1:
                made.append(
                    {
                        "source": source,
                        "condition": condition,
                        "seeds": len(each),
                        "mean": round(float(np.mean(each)), 2),
                        "spread": round(float(np.std(each, ddof=1)), 2),
                        "each": [round(one, 2) for one in each],
                    }
                )
    return made


def targets(facts: Facts) -> list[Facts]:
    """Set what was found beside what was aimed at; `facts` has `cells` and the rest."""
    made: list[Facts] = []
    for cell in facts["cells"]:
        ours = cell["arm"] == DEFAULT_REFINER
        if ours and cell["source"] not in STRANGE and cell["condition"] in MAIN:
            made += _of_cell(cell)
    others = [
        each
        for each in facts["differences"]
        if each["arm"] in REFINERS and each["source"] not in STRANGE
    ]
    ahead = sum(each["verdict"] == "ahead" for each in others)
    what, where = "ahead of other arms, intervals apart", "both frontends, every condition"
    found = f"{ahead} of {len(others)}"
    made.append(_target(what, where, found, "all", met=ahead == len(others)))
    for each in facts["never_worse"]:
        if each["arm"] == DEFAULT_REFINER:
            what = "worst mean change on a strange family, mm"
            where = f"{each['family']}, {each['condition']}"
            made.append(_target(what, where, each["mean"], "at most 0", met=each["never_worse"]))
    return made


def _of_cell(cell: Facts) -> list[Facts]:
    """Return the targets of our refiner under one condition."""
    condition, made = cell["condition"], []
    where = f"{cell['source']}, {condition}"
    rows: tuple[tuple[str, str, str, float, Callable[[float, float], bool]], ...] = (
        ("MPJPE of Θ1's", "ratio", "at most", MOST[condition], _at_most),
        ("made worse", "worse", "at most", MOST_WORSE[condition], _at_most),
        ("regret mm", "regret", "at most", MOST_REGRET, _at_most),
        ("share of oracle gain", "share_of_oracle_gain", "at least", LEAST_SHARE, _at_least),
    )
    for what, key, side, aim, reached in rows:
        value = cell[key]["mean"]
        met = value is not None and reached(value, aim)
        made.append(_target(what, where, value, f"{side} {aim:g}", met=met))
    what, by_part = "by part less whole body, mm", cell["by_part"]
    met = by_part["high"] < 0
    return [*made, _target(what, where, by_part["mean"], "interval below 0", met=met)]


def _target(what: str, where: str, value: Any, target: str, *, met: bool) -> Facts:
    return {"what": what, "where": where, "value": value, "target": target, "met": met}


def _at_most(value: float, aim: float) -> bool:
    return value <= aim


def _at_least(value: float, aim: float) -> bool:
    return value >= aim
