"""Which step of a path to take, by its losses (P, N+1) of P people."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Steps = NDArray[np.int64]

PATIENCE = 10
"""The paper's K."""


def algorithm_1(losses: Floats, patience: int = PATIENCE) -> Steps:
    """Go from step to step until the loss has risen `patience` times in a row; keep the best.

    The loss is taken against the truth: an oracle. Source: DiffAnnot (ICIPMC 2023), Algorithm 1.

    Returns
    -------
    NDArray, shape (P,)
    """
    people = np.arange(len(losses))
    best, rises = np.zeros(len(losses), np.int64), np.zeros(len(losses), np.int64)
    for step in range(1, losses.shape[1]):
        going = rises < patience
        better = going & (losses[:, step] < losses[people, best])
        best = np.where(better, step, best)
        rising = losses[:, step] > losses[:, step - 1]
        rises = np.where(going, np.where(rising, rises + 1, 0), rises)
    return best


def oracle(losses: Floats) -> Steps:
    """Take the step of least loss (P,), the earliest of equals."""
    return np.asarray(losses.argmin(axis=1))


def fixed(losses: Floats) -> int:
    """Return the one step that is best on average."""
    return int(losses.mean(axis=0).argmin())
