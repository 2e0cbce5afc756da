"""The recommender `ranker`: a small network that has seen what signs of a good step look like.

It tells for every step how many mm are gained on Θ1, and how sure that is; the step of the largest
gain that is surely one is suggested, else "keep step 0". Parts follow one by one: the torso from
the body's step, then the limbs, each judged as a body that differs in this part alone. Where signs
are missing, or there are joints in space, of which no sign tells, the rule `held-out` speaks.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from assets import RANKER_WEIGHTS
from core.evidence import Evidence
from core.parts import PART_NAMES, TORSO, composed
from core.suggest import Recommender, Score
from core.suggest.held_out import HeldOutRecommender
from core.suggest.ranking import Ranking, load_ranking
from core.suggest.signs import Signs, signs_of
from core.suggest.words import best_part, fall_in_words, millimetres
from core.trajectory import PartSuggestion, Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

Floats = NDArray[np.float32]

# Chosen on the validation subjects: `python -m training.sureness`.
SURE, SURE_BLIND = 0.6, 1.2
"""Standard deviations of the gain that it must exceed; the second where there are no keypoints."""
LEAST = 1.0
"""By so many mm at least: less nobody sees."""
SURE_OF_PART = 0.6
LEAST_OF_PART = 0.3
"""The same for a part, mm over all joints."""
STRIDE = 6
"""Every so many steps a part is tried at."""


class RankerRecommender(Recommender):
    """Reads signs (`core.suggest.signs`) and ranks by them.

    Parameters
    ----------
    body : BodyModel
        Whose joints are looked at.
    ranking : Ranking
        The network.
    sha256 : str
        Of its file.
    """

    name = "ranker"

    def __init__(self, body: "BodyModel", ranking: Ranking, sha256: str) -> None:
        self.weights_sha256 = sha256
        self._body = body
        self._ranking = ranking
        self._rule = HeldOutRecommender(body)

    def score(self, trajectory: Trajectory, evidence: Evidence, parts: bool = True) -> Score:
        """Return the mean miss of every step, NaN without keypoints, and what each would gain."""
        if evidence.joints is not None or not self._ranking.knows(trajectory.refiner):
            return self._rule.score(trajectory, evidence, parts)
        signs = signs_of(trajectory, evidence, self._body)
        if not signs.whole:
            return self._rule.score(trajectory, evidence, parts)
        gains, unsure = self._told(signs)
        values = signs.misses.mean if signs.misses else np.full(len(trajectory), np.nan, np.float32)
        score = Score(values, signs.misses, gains=gains, uncertainties=unsure)
        if not parts:
            return score
        told = self._by_part(trajectory, evidence, pick(gains, unsure, _sure(score), LEAST))
        return replace(score, parts=told)

    def suggest(self, score: Score) -> Suggestion:
        """Propose the step of the largest sure gain, or step 0."""
        if score.gains is None or score.uncertainties is None:
            told = self._rule.suggest(score)
            return replace(
                told, reason=f"{told.reason} (by rule: the ranker does not know such steps)"
            )
        step = pick(score.gains, score.uncertainties, _sure(score), LEAST)
        if step == 0:
            best = int((score.gains - _sure(score) * score.uncertainties).argmax())
            reason = "no step is surely better"
            if score.gains[best] > 0:
                words = millimetres(score.gains[best], score.uncertainties[best])
                reason += f": step {best} might gain {words}"
            return Suggestion(0, 0.0, reason, 0.0, score.parts)
        gain, unsure = float(score.gains[step]), float(score.uncertainties[step])
        reason = f"expected gain {millimetres(gain, unsure)}"
        if score.misses and (part := best_part(score.misses, step)):
            name, before, after = part
            reason = f"{name}: {fall_in_words(score.misses, before, after)}; {reason}"
        elif not score.misses:
            reason += ", without keypoints"
        return Suggestion(step, gain, reason, unsure, score.parts)

    def _told(self, signs: Signs) -> tuple[Floats, Floats]:
        told = self._ranking.told(torch.from_numpy(signs.features), torch.from_numpy(signs.reach))
        gains, unsure = (np.asarray(each.numpy(), np.float32) for each in told)
        return gains, unsure

    def _by_part(
        self, trajectory: Trajectory, evidence: Evidence, step: int
    ) -> tuple[PartSuggestion, ...]:
        """Try each part at other steps, the torso first: all else hangs on it."""
        steps = np.unique(np.append(np.arange(0, len(trajectory), STRIDE), len(trajectory) - 1))
        taken = np.full(len(PART_NAMES), step)
        found: dict[int, PartSuggestion] = {}
        limbs = [number for number in range(len(PART_NAMES)) if number != TORSO]
        for parts in ([TORSO], limbs):
            picks = np.tile(taken, (1 + len(parts) * len(steps), 1))
            for place, part in enumerate(parts):
                picks[1 + place * len(steps) : 1 + (place + 1) * len(steps), part] = steps
            signs = signs_of(composed(trajectory, picks), evidence, self._body)
            gains, unsure = self._told(signs)
            for place, part in enumerate(parts):
                rows = np.append(0, 1 + place * len(steps) + np.arange(len(steps)))
                best = rows[pick(gains[rows], unsure[rows], SURE_OF_PART, LEAST_OF_PART)]
                taken[part] = picks[best, part]
                gain = float(gains[best]) if best else 0.0
                words = _words_of_part(signs, part, best, gain, float(unsure[best]))
                found[part] = PartSuggestion(PART_NAMES[part], int(taken[part]), gain, words)
        return tuple(found[number] for number in range(len(PART_NAMES)))


def _sure(score: Score) -> float:
    return SURE if score.misses else SURE_BLIND


def _words_of_part(signs: Signs, part: int, row: int, gain: float, unsure: float) -> str:
    if row == 0:
        return "no other step of this part is surely better"
    words = f"expected gain {gain:.1f} ± {unsure:.1f} mm over all joints"
    own = signs.misses.of(part) if signs.misses else None
    if own is None or own.mean[row] >= own.mean[0]:
        return words
    return f"{fall_in_words(own, own.mean[0], own.mean[row])}; {words}"


def pick(gains: Floats, unsure: Floats, sure: float, least: float) -> int:
    """Return the row of the largest gain less so many of its standard deviations, or 0."""
    lower = gains - sure * unsure
    best = int(lower.argmax())
    return best if lower[best] >= 0 and gains[best] >= least else 0


def load(body: "BodyModel", weights: Path = RANKER_WEIGHTS) -> RankerRecommender:
    """Make the recommender."""
    return RankerRecommender(body, *load_ranking(weights))
