"""Suggestions with their reason in words."""

import numpy as np
from numpy.typing import NDArray

from core.parts import PART_NAMES
from core.suggest.misses import Misses
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
    fall, error = (float(each[step]) * misses.scale for each in misses.fall())
    reason = f"2D error falls from {percent(mean[0])} to {percent(mean[step])} of the box"
    if part := best_part(misses, step):
        name, before, after = part
        whole = f"whole body from {percent(mean[0])} to {percent(mean[step])} of the box"
        reason = f"{name}: {fall_in_words(before, after)}; {whole}"
    return Suggestion(step, fall, reason, error)


def fall_in_words(before: float | np.float32, after: float | np.float32) -> str:
    """Say what becomes of the miss of a part."""
    if after < before:
        return f"2D error falls {100 * (1 - after / before):.0f} %"
    return f"2D error goes from {percent(before)} to {percent(after)} of the box"


def best_part(misses: Misses, step: int) -> tuple[str, float, float] | None:
    """Find the part whose keypoints come nearer by most; its miss at step 0 and here."""
    found: list[tuple[float, str, float, float]] = []
    for number, name in enumerate(PART_NAMES):
        own = misses.part == number
        before, after = (
            float((misses.distance[at] * misses.weight)[own].sum()) for at in (0, step)
        )
        if own.sum() >= FEWEST_OF_PART and after < before:
            found.append((before - after, name, before, after))
    return max(found)[1:] if found else None


def millimetres(gain: float | np.float32, unsure: float | np.float32) -> str:
    """Write an expected gain and its standard deviation."""
    return f"{gain:.0f} ± {unsure:.0f} mm"


def percent(share: float | np.float32) -> str:
    """Write a share."""
    return f"{100 * share:.1f} %"
