"""Suggestions with their reason in words."""

import numpy as np
from numpy.typing import NDArray

from core.suggest.misses import PART_NAMES, Misses
from core.trajectory import Suggestion

BY_EYE = Suggestion(0, 0.0, "No keypoints to judge by: choose by eye")
FEWEST_OF_PART = 2
"""Keypoints that a part must have to be named."""


def keep(values: NDArray[np.float32]) -> Suggestion:
    """Keep Θ1: no step (N+1,) is surely nearer to the keypoints."""
    now = percent(values[0])
    return Suggestion(0, 0.0, f"no step is surely closer to the keypoints: {now} of the box")


def leave(misses: Misses, step: int) -> Suggestion:
    """Leave Θ1 for a step that is nearer to the keypoints; name the part that gains most."""
    mean = misses.mean
    fall = float(mean[0] - mean[step])
    reason = f"2D error falls from {percent(mean[0])} to {percent(mean[step])} of the box"
    if part := _best_part(misses, step):
        reason = f"{part[0]}: 2D error falls {part[1]:.0%}".replace("%", " %") + (
            f"; whole body from {percent(mean[0])} to {percent(mean[step])} of the box"
        )
    return Suggestion(step, fall, reason)


def _best_part(misses: Misses, step: int) -> tuple[str, float] | None:
    """Find the part whose keypoints come nearer by most, and the share of its miss that goes."""
    found: list[tuple[float, str, float]] = []
    for number, name in enumerate(PART_NAMES):
        own = misses.part == number
        before, after = (
            float((misses.distance[at] * misses.weight)[own].sum()) for at in (0, step)
        )
        if own.sum() >= FEWEST_OF_PART and after < before:
            found.append((before - after, name, 1 - after / before))
    return max(found)[1:] if found else None


def percent(share: float | np.float32) -> str:
    """Write a share."""
    return f"{100 * share:.1f} %"
