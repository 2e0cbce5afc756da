"""Suggestions with their reason in words."""

import numpy as np

from core.parts import PART_NAMES
from core.suggest.misses import Misses
from core.trajectory import Suggestion

Share = float | np.float32

BY_EYE = Suggestion(0, 0.0, "No keypoints to judge by: choose by eye")
FEWEST_OF_PART = 2
"""Keypoints that a part must have to be named."""


def keep(misses: Misses) -> Suggestion:
    """Keep Θ1: no step is surely nearer to the keypoints or joints."""
    now = _amount(misses, misses.mean[0])
    if misses.in_space:
        return Suggestion(0, 0.0, f"no step is surely closer to the 3D joints: {now}")
    return Suggestion(0, 0.0, f"no step is surely closer to the keypoints: {now} of the box")


def leave(misses: Misses, step: int) -> Suggestion:
    """Leave Θ1 for a step that is nearer to keypoints or joints; name the part that gains most."""
    first, here = (_amount(misses, misses.mean[at]) for at in (0, step))
    fall, error = (float(each[step]) * misses.scale for each in misses.fall())
    if misses.in_space:
        reason = f"3D error falls from {first} to {here}"
        whole = f"whole body from {first} to {here}"
    else:
        reason = f"2D error falls from {first} to {here} of the box"
        whole = f"whole body from {first} to {here} of the box"
    if part := best_part(misses, step):
        name, before, after = part
        reason = f"{name}: {fall_in_words(misses, before, after)}; {whole}"
    return Suggestion(step, fall, reason, error)


def fall_in_words(misses: Misses, before: Share, after: Share) -> str:
    """Say what becomes of the miss of a part."""
    share = 100 * (1 - after / before) if after < before else 0
    first, here = (_amount(misses, each) for each in (before, after))
    if misses.in_space:
        if share:
            return f"3D error falls {share:.0f} %"
        return f"3D error goes from {first} to {here}"
    if share:
        return f"2D error falls {share:.0f} %"
    return f"2D error goes from {first} to {here} of the box"


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


def percent(share: Share) -> str:
    """Write a share."""
    return f"{100 * share:.1f} %"


def _amount(misses: Misses, share: Share) -> str:
    """Write a miss: as a share of the box in the picture, in mm in space."""
    return f"{misses.scale * share:.0f} mm" if misses.in_space else percent(share)
