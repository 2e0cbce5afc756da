"""How far each joint bends: soft limits on local axis-angle.

Rounded up from the ranges of motion of the American Academy of Orthopaedic Surgeons (1965), so that
acrobats fit; a person's x points to their left, y up, z forward.
"""

import numpy as np
from numpy.typing import NDArray

from core.pose import JOINTS

_SPINE = ((-25, 40), (-25, 25), (-20, 20))
_NECK = ((-35, 35), (-40, 40), (-25, 25))
_LEFT = {
    "collar": ((-15, 15), (-25, 15), (-15, 35)),
    "shoulder": ((-130, 130), (-140, 70), (-110, 120)),
    "elbow": ((-80, 80), (-155, 2), (-8, 8)),
    "wrist": ((-60, 60), (-35, 35), (-80, 80)),
    "hand": ((-1, 1), (-1, 1), (-1, 1)),
    "hip": ((-140, 45), (-50, 50), (-40, 85)),
    "knee": ((-2, 155), (-20, 20), (-8, 8)),
    "ankle": ((-35, 55), (-30, 30), (-30, 30)),
    "foot": ((-1, 1), (-1, 1), (-1, 1)),
}
"""Degrees (least, most) about x, y, z; the right side mirrors y and z."""


def joint_limits() -> NDArray[np.float64]:
    """Return the limits (24, 3, 2) of every joint's local axis-angle, radians.

    The pelvis has none: (-inf, inf).
    """
    limits = np.full((len(JOINTS), 3, 2), (-np.inf, np.inf))
    for index, name in enumerate(JOINTS[1:], start=1):
        side, _, part = name.partition("_")
        if side not in ("left", "right"):
            limits[index] = _SPINE if name.startswith("spine") else _NECK
            continue
        limits[index] = _LEFT[part]
        if side == "right":
            limits[index, 1:] = -limits[index, 1:, ::-1]
    return np.asarray(np.deg2rad(limits))
