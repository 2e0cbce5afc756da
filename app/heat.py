"""Distances as colours: from dark blue to pale yellow on a straight line in Oklab.

A straight line there has equal steps for the eye, and blue to yellow is told apart with every kind
of colour blindness. Source: Ottosson, "A perceptual color space for image processing", 2020.
"""

import numpy as np
from numpy.typing import NDArray

DARK, PALE = (0.42, -0.03, -0.13), (0.93, -0.03, 0.14)
"""Ends of the scale in Oklab: lightness, green to red, blue to yellow."""

SCALES = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)
"""Ends of the scale in centimetres."""

_LMS = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def heat(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return the colours (..., 3) of shares of the scale, 0 to 1; what is beyond is cut."""
    at = np.clip(np.asarray(share, np.float64), 0, 1)[..., None]
    lab = np.array(DARK) + at * (np.array(PALE) - np.array(DARK))
    linear = np.clip(((lab @ _LMS.T) ** 3) @ _RGB.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(255 * encoded), np.uint8)


def scale_for(largest: float) -> int:
    """Return the end of the scale in centimetres that holds a distance in metres."""
    return next((end for end in SCALES if 100 * largest <= end), SCALES[-1])
