"""Recommenders: a trajectory and evidence in, a score per step and a suggestion out, no truth.

A new recommender is one file and one row here; other packages add theirs by the entry point
`diffannot.recommenders`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.evidence import Evidence
from core.plugins import Registry
from core.trajectory import PartSuggestion, Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel
    from core.suggest.misses import Misses

_RECOMMENDERS = {
    "ranker": "core.suggest.ranker:load",
    "held-out": "core.suggest.held_out:load",
    "nearest": "core.suggest.nearest:load",
}
RECOMMENDERS = Registry("diffannot.recommenders", _RECOMMENDERS)
"""Where each recommender is made, by name, the default first; called with the body."""

DEFAULT_RECOMMENDER = next(iter(RECOMMENDERS))
WITH_WEIGHTS = frozenset(("ranker",))
"""Those of ours that run the user's own weights too: theirs is `load(body, weights)`."""


@dataclass(frozen=True, eq=False)
class Score:
    """How well each step agrees with what is known.

    Parameters
    ----------
    values : NDArray, shape (N+1,), float32
        Mean distance of the keypoints, share of the box side, lower is better; of joints in space
        where no keypoints are known, share of 2 m (`core.refiners.space.SIDE`). NaN where there
        are neither.
    misses : Misses or None
        By which a step is suggested: what they are the mean of, or of joints in space where those
        are known too. None without either.
    unlikeliness : NDArray or None, shape (N+1,)
        Logarithm of how far the pose prior would move each step; None where it is not asked.
    gains, uncertainties : NDArray or None, shape (N+1,), float32
        Expected fall of the mean joint error against step 0, and its standard deviation, mm; None
        from recommenders that tell of keypoints only.
    parts : tuple of PartSuggestion
        What is suggested for parts, where that took more than the misses.
    """

    values: NDArray[np.float32]
    misses: "Misses | None" = None
    unlikeliness: NDArray[np.float32] | None = None
    gains: NDArray[np.float32] | None = None
    uncertainties: NDArray[np.float32] | None = None
    parts: tuple[PartSuggestion, ...] = ()


class Recommender(ABC):
    """What every recommender offers.

    Attributes
    ----------
    name : str
        Key of `RECOMMENDERS`.
    weights_sha256 : str
        Of its weights; empty where it has none.
    """

    name: str
    weights_sha256 = ""

    @property
    def made_by(self) -> str:
        """Name and start of the weights' hash, for the provenance record."""
        return f"{self.name} {self.weights_sha256[:12]}".strip()

    @abstractmethod
    def score(self, trajectory: Trajectory, evidence: Evidence, parts: bool = True) -> Score:
        """Score every step without ground truth.

        Parameters
        ----------
        trajectory, evidence
            What is scored, and by what.
        parts : bool
            Whether steps for parts are asked for, where telling them takes longer.
        """

    @abstractmethod
    def suggest(self, score: Score) -> Suggestion:
        """Propose a step, 0 unless another is surely better, and say why."""


def load_recommender(name: str, body: "BodyModel", weights: Path | None = None) -> Recommender:
    """Make a recommender; its module, and torch, are imported here.

    Parameters
    ----------
    name : str
        Key of `RECOMMENDERS`.
    body : BodyModel
        What it looks at.
    weights : Path or None
        The user's own, for those of `WITH_WEIGHTS`; None for those that ship.

    Raises
    ------
    UnreadableInput
        There is no such recommender, it has no use for these weights, or they are not its own.
    MissingModel
        Its weights are not on this machine.
    BrokenPlugin
        It is a plug-in's, and fails.
    """
    if name not in RECOMMENDERS:
        raise UnreadableInput(
            f"There is no recommender named {name}", f"Choose one of: {', '.join(RECOMMENDERS)}"
        )
    if weights is not None and name not in {*WITH_WEIGHTS, *RECOMMENDERS.plugins}:
        raise UnreadableInput(
            f"The recommender {name} takes no weights", f"Those that do: {', '.join(WITH_WEIGHTS)}"
        )
    given = (body,) if weights is None else (body, weights)
    return cast(Recommender, RECOMMENDERS.make(name, *given))
