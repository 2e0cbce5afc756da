"""How often two reviewers agree on whether the same persons are good enough."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FEW_PAIRS = 20
"""From so many persons on kappa is said; of fewer it says nothing."""

Z = 1.96
"""Standard errors on each side of an interval of 95 %."""

GOOD = {"accept": True, "accept_theta1": True, "reject": False}
"""Verdicts that say whether a person is good enough."""


class Verdict(NamedTuple):
    """The last verdict of a reviewer on a person that is on."""

    who: str
    person_id: int
    kind: str
    step: int | None
    time: str
    seen: bool


@dataclass(frozen=True)
class Agreement:
    """How two reviewers judge the same persons: good enough, or not.

    Parameters
    ----------
    who, other : str
        User names.
    both_accept, both_reject, differ : int
        Persons.
    share : tuple of float
        Of persons judged alike, and its 95 % interval (Wilson 1927).
    kappa : tuple of float or None
        Cohen's (1960) and its 95 % interval; None for few persons, or where both always say one
        and the same.
    same_step, stepped : int
        Of those whom both accepted by a step, how many by steps at most 1 apart.
    """

    who: str
    other: str
    both_accept: int
    both_reject: int
    differ: int
    share: tuple[float, float, float]
    kappa: tuple[float, float, float] | None
    same_step: int
    stepped: int

    @property
    def persons(self) -> int:
        """How many both judged."""
        return self.both_accept + self.both_reject + self.differ


def agreements(verdicts: Iterable[Verdict]) -> list[Agreement]:
    """Compare every two reviewers on the persons whom both looked at and accepted or rejected."""
    judged: dict[int, dict[str, Verdict]] = defaultdict(dict)
    for each in verdicts:
        if each.seen and each.kind in GOOD:
            judged[each.person_id][each.who] = each
    pairs: dict[tuple[str, str], list[tuple[Verdict, Verdict]]] = defaultdict(list)
    for by in judged.values():
        for who, other in combinations(sorted(by), 2):
            pairs[who, other].append((by[who], by[other]))
    return [_agreement(*names, both) for names, both in sorted(pairs.items())]


def wilson(hits: int, of: int) -> tuple[float, float, float]:
    """Return a share and its 95 % interval (Wilson, JASA 1927), right for small numbers too."""
    share = hits / of
    middle = (share + Z**2 / (2 * of)) / (1 + Z**2 / of)
    reach = Z * np.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2)) / (1 + Z**2 / of)
    return share, max(float(middle - reach), 0.0), min(float(middle + reach), 1.0)


def cohen(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> tuple[float, float, float] | None:
    """Return Cohen's kappa of two raters (N,) and its 95 % interval; None where it is undefined.

    Educational and Psychological Measurement 20 (1960): (p_o - p_e) / (1 - p_e), with standard
    error sqrt(p_o (1 - p_o) / N) / (1 - p_e).
    """
    alike = float(np.mean(one == two))
    chance = float(one.mean() * two.mean() + (1 - one.mean()) * (1 - two.mean()))
    if chance == 1:
        return None
    kappa = (alike - chance) / (1 - chance)
    error = np.sqrt(alike * (1 - alike) / len(one)) / (1 - chance)
    return kappa, max(kappa - Z * error, -1.0), min(kappa + Z * error, 1.0)


def _agreement(who: str, other: str, both: list[tuple[Verdict, Verdict]]) -> Agreement:
    good = np.array([[GOOD[each.kind] for each in pair] for pair in both])
    alike = good[:, 0] == good[:, 1]
    steps = [(one.step, two.step) for one, two in both if "accept" == one.kind == two.kind]
    near = sum(abs((one or 0) - (two or 0)) <= 1 for one, two in steps)
    return Agreement(
        who,
        other,
        int(good.all(axis=1).sum()),
        int((~good).all(axis=1).sum()),
        int((~alike).sum()),
        wilson(int(alike.sum()), len(both)),
        cohen(good[:, 0], good[:, 1]) if len(both) >= FEW_PAIRS else None,
        near,
        len(steps),
    )
