"""Boxes of persons, from the many ways in which files state them. Pixels throughout."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.evidence import Box

BOX_MARGIN = 1.2
"""Boxes around keypoints are this much larger than them (SPIN, mmhuman3d)."""


def box_around(points: NDArray[np.floating], margin: float = BOX_MARGIN) -> Box | None:
    """Return the box around points (K, 2), larger by a margin; None where it is empty."""
    if not len(points):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = map(float, margin * (high - low))
    x, y = map(float, (low + high) / 2)
    if width <= 0 or height <= 0:
        return None
    return Box(x - width / 2, y - height / 2, width, height)


def square_box(centre: ArrayLike, side: ArrayLike) -> Box:
    """Return the box of a square crop: centre (2,), side or sides."""
    x, y = (float(value) for value in np.asarray(centre, dtype=np.float64).ravel()[:2])
    length = float(np.asarray(side, dtype=np.float64).max())
    return Box(x - length / 2, y - length / 2, length, length)


def centred_box(numbers: ArrayLike) -> Box:
    """Return the box of centre x, y, width and height."""
    x, y, width, height = map(float, np.asarray(numbers, dtype=np.float64).ravel()[:4])
    return Box(x - width / 2, y - height / 2, width, height)


def corners_box(numbers: ArrayLike) -> Box:
    """Return the box of two corners x0, y0, x1, y1."""
    x0, y0, x1, y1 = map(float, np.asarray(numbers, dtype=np.float64).ravel()[:4])
    return Box(x0, y0, x1 - x0, y1 - y0)
