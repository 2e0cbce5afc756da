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
    ours = [cell for cell in facts["cells"] if cell["arm"] == DEFAULT_REFINER]
    for cell in ours:
        if cell["source"] in STRANGE or cell["condition"] not in MAIN:
            continue
        where = f"{cell['source']}, {cell['condition']}"
        limit = cell["condition"]
        rows: tuple[tuple[str, Any, str, float, Callable[[float, float], bool]], ...] = (
            ("MPJPE of Θ1's", cell["ratio"]["mean"], "at most", MOST[limit], _at_most),
            ("made worse", cell["worse"]["mean"], "at most", MOST_WORSE[limit], _at_most),
            ("regret mm", cell["regret"]["mean"], "at most", MOST_REGRET, _at_most),
            (
                "share of oracle gain",
                cell["share_of_oracle_gain"]["mean"],
                "at least",
                LEAST_SHARE,
                _at_least,
            ),
        )
        for what, value, side, aim, reached in rows:
            made.append(
                {
                    "what": what,
                    "where": where,
                    "value": value,
                    "target": f"{side} {aim:g}",
                    "met": value is not None and reached(value, aim),
                }
            )
        by_part = cell["by_part"]
        made.append(
            {
                "what": "by part less whole body, mm",
                "where": where,
                "value": by_part["mean"],
                "target": "interval below 0",
                "met": by_part["high"] < 0,
            }
        )
    others = [
        each
        for each in facts["differences"]
        if each["arm"] in REFINERS and each["source"] not in STRANGE
    ]
    behind = [each for each in others if each["verdict"] != "ahead"]
    made.append(
        {
            "what": "ahead of other arms, intervals apart",
            "where": "both frontends, every condition",
            "value": f"{len(others) - len(behind)} of {len(others)}",
            "target": "all",
            "met": not behind,
        }
    )
    for each in facts["never_worse"]:
        if each["arm"] == DEFAULT_REFINER:
            made.append(
                {
                    "what": "worst mean change on a strange family, mm",
                    "where": f"{each['family']}, {each['condition']}",
                    "value": each["mean"],
                    "target": "at most 0",
                    "met": each["never_worse"],
                }
            )
    return made


def _at_most(value: float, aim: float) -> bool:
    return value <= aim


def _at_least(value: float, aim: float) -> bool:
    return value >= aim
