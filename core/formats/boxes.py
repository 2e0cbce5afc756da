"""Boxes of persons, from the many ways in which files state them. Pixels throughout."""

import numpy as np
from numpy.typing import ArrayLike

from core.evidence import Box


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
