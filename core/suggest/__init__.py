"""Recommenders: a trajectory and evidence in, a score per step and a suggestion out, no truth.

A new recommender is one file and one row here.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.evidence import Evidence
from core.trajectory import Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel
    from core.suggest.misses import Misses

RECOMMENDERS = {
    "held-out": "core.suggest.held_out:load",
    "nearest": "core.suggest.nearest:load",
}
"""Where each recommender is made, `module:function`, by name, the default first; called with the
body."""

DEFAULT_RECOMMENDER = next(iter(RECOMMENDERS))


@dataclass(frozen=True, eq=False)
class Score:
    """How well each step agrees with what is known.

    Parameters
    ----------
    values : NDArray, shape (N+1,), float32
        Mean distance of the keypoints, share of the box side, lower is better; NaN where there are
        no keypoints to judge by.
    misses : Misses or None
        What they are the mean of; None without keypoints.
    unlikeliness : NDArray or None, shape (N+1,)
        Logarithm of how far the pose prior would move each step; None where it is not asked.
    """

    values: NDArray[np.float32]
    misses: "Misses | None" = None
    unlikeliness: NDArray[np.float32] | None = None


class Recommender(ABC):
    """What every recommender offers.

    Attributes
    ----------
    name : str
        Key of `RECOMMENDERS`.
    """

    name: str

    @abstractmethod
    def score(self, trajectory: Trajectory, evidence: Evidence) -> Score:
        """Score every step without ground truth."""

    @abstractmethod
    def suggest(self, score: Score) -> Suggestion:
        """Propose a step, 0 unless another is surely better, and say why."""


def load_recommender(name: str, body: "BodyModel") -> Recommender:
    """Make a recommender by name (`RECOMMENDERS`); its module, and torch, are imported here.

    Raises
    ------
    UnreadableInput
        There is no such recommender.
    """
    if name not in RECOMMENDERS:
        raise UnreadableInput(
            f"There is no recommender named {name}", f"Choose one of: {', '.join(RECOMMENDERS)}"
        )
    module, _, function = RECOMMENDERS[name].partition(":")
    return cast(Recommender, getattr(import_module(module), function)(body))
