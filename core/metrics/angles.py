"""Errors of joint rotations, in degrees."""

import numpy as np
from numpy.typing import NDArray

from core.metrics.alignment import Floats
from core.metrics.joints import Mask, counted
from core.pose import PARENTS


def mpjae(pred: Floats, gt: Floats, mask: Mask | None = None) -> float:
    """Mean per-joint angle error of rotations, local or global as given.

    Parameters
    ----------
    pred, gt : NDArray, shape (N, J, 3, 3)
        Rotation matrices.
    mask : NDArray or None, shape (N, J)
        Joints that count.

    Returns
    -------
    float
        Degrees, pooled over samples and joints.

    Raises
    ------
    InvalidAnnotation
        Nothing counts.
    """
    return float(counted(angle_errors(pred, gt), mask).mean())


def angle_errors(pred: Floats, gt: Floats) -> Floats:
    """Return the angles (..., ) in degrees, 0 to 180, between rotation matrices (..., 3, 3)."""
    turn = np.swapaxes(np.asarray(pred, dtype=np.float64), -1, -2) @ gt
    skew = np.stack(
        [
            turn[..., 2, 1] - turn[..., 1, 2],
            turn[..., 0, 2] - turn[..., 2, 0],
            turn[..., 1, 0] - turn[..., 0, 1],
        ],
        axis=-1,
    )
    trace = np.trace(turn, axis1=-2, axis2=-1)
    # atan2 stays exact at 0 and 180 degrees, where acos does not
    return np.asarray(np.degrees(np.arctan2(np.linalg.norm(skew, axis=-1), trace - 1)))


def global_rotations(local: Floats) -> Floats:
    """Chain rotations (N, 24, 3, 3) relative to the parents along SMPL's tree."""
    chained: list[NDArray[np.floating]] = []
    for joint, parent in enumerate(PARENTS):
        own = local[:, joint]
        chained.append(own if parent < 0 else chained[parent] @ own)
    return np.stack(chained, axis=1)
