"""A step for each part of the body, told from the keypoints on it."""

import numpy as np

from core.parts import PART_NAMES
from core.pose import JOINTS, PARTS
from core.suggest.misses import Misses
from core.suggest.words import FEWEST_OF_PART, fall_in_words
from core.trajectory import PartSuggestion


def by_part(misses: Misses, step: int, errors: float, least: float) -> tuple[PartSuggestion, ...]:
    """Let each part leave the step of the whole body for one surely nearer to its own keypoints.

    Parameters
    ----------
    misses : Misses
        Of the whole body.
    step : int
        Suggested for it.
    errors : float
        Standard errors that the fall of a part's mean miss must exceed.
    least : float
        And by how much, share of the box side.
    """
    return tuple(_of_part(misses, number, step, errors, least) for number in range(len(PART_NAMES)))


def _of_part(misses: Misses, number: int, step: int, errors: float, least: float) -> PartSuggestion:
    name, own = PART_NAMES[number], misses.of(number)
    if own is None or own.distance.shape[1] < FEWEST_OF_PART:
        return PartSuggestion(name, step, 0.0, "too few keypoints to judge it alone")
    sure = own.sure_fall(errors, step)
    best = int(sure.argmax())
    if sure[best] < least:
        best = step
    share = len(PARTS[name]) / len(JOINTS)
    gain = float(np.subtract(*own.mean[[step, best]])) * misses.scale * share
    return PartSuggestion(name, best, gain, fall_in_words(own, own.mean[0], own.mean[best]))
