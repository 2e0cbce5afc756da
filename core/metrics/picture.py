"""Errors of projected joints in the picture.

No published protocol agrees on one: pixels of the full picture depend on its size, so the same
error is given in pixels of the square crop that HMR looks at too.
"""

import numpy as np

from core.errors import InvalidAnnotation
from core.metrics.alignment import Floats
from core.metrics.joints import Mask, counted, joint_errors

CROP = 224
"""Side in pixels of the crop that HMR and SPIN see."""
PCK_SHARE = 0.05
"""Of the longer side of the person's box (4D-Humans)."""


def reprojection_px(pred: Floats, gt: Floats, mask: Mask | None = None) -> float:
    """Mean distance in pixels of the full picture.

    Parameters
    ----------
    pred, gt : NDArray, shape (N, K, 2)
        Pixels.
    mask : NDArray or None, shape (N, K)
        Keypoints that count.

    Raises
    ------
    InvalidAnnotation
        The shapes do not fit, a number is not finite, or nothing counts.
    """
    return float(counted(joint_errors(pred, gt), mask).mean())


def reprojection_normalised(
    pred: Floats, gt: Floats, sides: Floats, mask: Mask | None = None
) -> float:
    """Mean distance in pixels of a crop of 224 that just holds the person's box.

    Parameters
    ----------
    sides : NDArray, shape (N,)
        Longer sides of the boxes, pixels.
    pred, gt, mask
        As in `reprojection_px`.

    Raises
    ------
    InvalidAnnotation
        As `reprojection_px`; or a side is not positive.
    """
    return float(CROP * counted(_shares(pred, gt, sides), mask).mean())


def pck_2d(
    pred: Floats,
    gt: Floats,
    sides: Floats,
    mask: Mask | None = None,
    threshold: float = PCK_SHARE,
) -> float:
    """Percentage of keypoints nearer than a share of the longer side of the box (PCK@0.05).

    Parameters and errors are those of `reprojection_normalised`.
    """
    return float(100 * (counted(_shares(pred, gt, sides), mask) < threshold).mean())


def _shares(pred: Floats, gt: Floats, sides: Floats) -> Floats:
    """Return distances (N, K) as shares of the sides (N,)."""
    sides = np.asarray(sides, dtype=np.float64)
    errors = joint_errors(pred, gt)
    if sides.shape != errors.shape[:1] or not (sides > 0).all():
        raise InvalidAnnotation(f"{len(errors)} persons need as many boxes with positive sides")
    return np.asarray(errors / sides[:, None])
