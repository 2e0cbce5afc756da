"""The recommender `nearest`: the step nearest to the keypoints, whatever they drove. The control.

What followed the keypoints is near to them by construction: METHOD calls it a criterion that was
optimised and so cannot select. It is here to be compared with.
"""

from typing import TYPE_CHECKING

import numpy as np

from core.evidence import Evidence
from core.suggest import Recommender, Score
from core.suggest.misses import misses_of
from core.suggest.words import BY_EYE, keep, leave
from core.trajectory import Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class NearestRecommender(Recommender):
    """Takes the step of least mean miss."""

    name = "nearest"

    def __init__(self, body: "BodyModel") -> None:
        self._body = body

    def score(self, trajectory: Trajectory, evidence: Evidence, parts: bool = True) -> Score:
        """Return the mean miss of every step."""
        misses = misses_of(trajectory, evidence, self._body, trials=False)
        if misses is None:
            return Score(np.full(len(trajectory), np.nan, np.float32))
        return Score(misses.mean, misses)

    def suggest(self, score: Score) -> Suggestion:
        """Propose the step of the lowest score."""
        if score.misses is None:
            return BY_EYE
        step = int(score.values.argmin())
        return leave(score.misses, step) if step else keep(score.misses)


def load(body: "BodyModel") -> NearestRecommender:
    """Make the recommender."""
    return NearestRecommender(body)
