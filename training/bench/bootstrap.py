"""Intervals of means, by drawing takes with replacement."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.bench.crowd import SEED

Floats = NDArray[np.floating]

DRAWS = 2000
AT_ONCE = 100
"""Draws in one array: tens of thousands of pictures make it large."""


@dataclass(frozen=True)
class Interval:
    """A mean, and where 95 % of the bootstrap's means lie."""

    mean: float
    low: float
    high: float


class Bootstrap:
    """Draws takes, not people: those of one take are alike.

    Parameters
    ----------
    groups : list of str
        The take of each of P people.
    """

    def __init__(self, groups: list[str]) -> None:
        names, self._place = np.unique(groups, return_inverse=True)
        self.count = len(names)
        self._sizes = np.bincount(self._place)

    def __call__(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the ends of the 95 % interval of the mean of values (P, ...) over people."""
        low, high = np.percentile(self.means(values), (2.5, 97.5), axis=0)
        return low, high

    def means(self, values: Floats) -> Floats:
        """Return the means (DRAWS, ...) of values (P, ...) over the people of each draw."""
        sums = np.zeros((self.count, values[0].size))
        np.add.at(sums, self._place, values.reshape(len(values), -1))
        rng, means = np.random.default_rng(SEED), []
        for _ in range(DRAWS // AT_ONCE):
            taken = rng.integers(self.count, size=(AT_ONCE, self.count))
            taken += self.count * np.arange(AT_ONCE)[:, None]
            drawn = np.bincount(taken.ravel(), minlength=taken.size).reshape(taken.shape)
            means.append(drawn @ sums / (drawn @ self._sizes)[:, None])
        return np.concatenate(means).reshape(DRAWS, *values.shape[1:])

    def interval(self, values: Floats) -> Interval:
        """Average values (P,)."""
        low, high = self(values)
        return Interval(float(values.mean()), float(low), float(high))
