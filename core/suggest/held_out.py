"""The recommender `held-out`: leave Θ1 only for a step that is surely nearer to the keypoints.

Keypoints that drove a refinement do not judge it: each is judged by the trial that was made without
it (`Trajectory.trials`). A step is taken where the fall of the mean miss exceeds its own standard
error over the keypoints; else Θ1 is kept.

Where joints in space are known they judge instead, by the same rule, in mm: they tell of depth too
(`python -m training.measure_joints`). What the curve shows stays the distance of the keypoints.

Where Θ1 was itself fitted to the keypoints they have nothing left to tell: Θ1 is as near as their
noise allows, and every other step is farther. Then the pose prior is asked: if it finds a step far
likelier than Θ1 that the keypoints do not contradict, that step is proposed, with no gain promised.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.evidence import Evidence
from core.pose import Parameters
from core.suggest import Recommender, Score
from core.suggest.by_part import by_part
from core.suggest.likely import moved_by_prior
from core.suggest.misses import Misses, misses_of
from core.suggest.words import BY_EYE, keep, leave, percent
from core.trajectory import Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

# Chosen on the validation subjects: `python -m training.compare --split validation`.
SURE = 1.0
"""Standard errors that the fall of the mean miss must exceed."""
MIN_GAIN = 0.0005
"""By so much of the box at least: less nobody sees."""
TOLERANCE = 0.05
"""Of the steps that give up no more than this share of the sure fall, the earliest is taken."""
FITTED = 0.015
"""A Θ1 nearer to the keypoints than this share of the box is as near as their noise allows."""
ALLOWED_RISE = 0.006
"""A step that misses them by so much more of the box is not contradicted."""
LIKELIER = 1.2
"""How far the logarithm of what the prior would move must fall: to 30 %."""
TIMESTEP = 100
"""Where the prior takes a step to be when it is asked (METHOD 3.7: 10 and 36 tell less)."""


class HeldOutRecommender(Recommender):
    """Judges by keypoints that did not drive the step, and by the prior where those are silent.

    Parameters
    ----------
    body : BodyModel
        Gives the points that the keypoints look at.
    """

    name = "held-out"

    def __init__(self, body: "BodyModel") -> None:
        self._body = body

    def score(self, trajectory: Trajectory, evidence: Evidence, parts: bool = True) -> Score:
        """Return the mean miss of every step; ask the prior where Θ1 is fitted."""
        misses = misses_of(trajectory, evidence, self._body)
        if misses is None:
            return Score(np.full(len(trajectory), np.nan, np.float32))
        values = misses.mean
        in_space = misses_of(trajectory, replace(evidence, keypoints=None), self._body)
        fitted = in_space is None and values[0] <= FITTED
        return Score(values, in_space or misses, unlikeliness(trajectory.steps) if fitted else None)

    def suggest(self, score: Score) -> Suggestion:
        """Propose the step of the largest sure fall, or a far likelier one, or step 0."""
        if score.misses is None:
            return BY_EYE
        whole = self._whole(score, score.misses)
        return replace(whole, parts=by_part(score.misses, whole.step, SURE, MIN_GAIN))

    def _whole(self, score: Score, misses: Misses) -> Suggestion:
        sure = misses.sure_fall(SURE)
        best = float(sure.max())
        if best >= MIN_GAIN:
            return leave(misses, int(np.argmax(sure >= (1 - TOLERANCE) * best)))
        if score.unlikeliness is None:
            return keep(misses)
        allowed = np.flatnonzero(score.values <= score.values[0] + ALLOWED_RISE)
        step = int(allowed[-1])
        if score.unlikeliness[0] - score.unlikeliness[step] < LIKELIER:
            return keep(misses)
        there = percent(score.values[step])
        reason = f"a far likelier pose, still within {there} of the box of the keypoints"
        return Suggestion(step, 0.0, f"{reason}; look from the side")


def unlikeliness(steps: Parameters) -> NDArray[np.float32]:
    """Tell how far the prior that ships would move each step (N+1,), as a logarithm."""
    return np.asarray(np.log(moved_by_prior(steps, (TIMESTEP,)).mean((1, 2))), np.float32)


def load(body: "BodyModel") -> HeldOutRecommender:
    """Make the recommender."""
    return HeldOutRecommender(body)
