"""Errors of joints and vertices in space, as mmhuman3d computes them (`eval_utils.py`).

Points are in one frame, with the roots aligned where the protocol says so (`protocols`), and in
one unit, which is that of the result; millimetres where a default threshold is used.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation
from core.metrics.alignment import Align, Floats, fitted

Mask = NDArray[np.bool_]

PCK_THRESHOLD = 150.0
"""Millimetres (Mehta et al., MPI-INF-3DHP, 3DV 2017)."""
AUC_THRESHOLDS = tuple(np.linspace(0, 150, 31).tolist())
"""Millimetres; 0, where nothing is correct, counts too."""


def joint_errors(pred: Floats, gt: Floats, align: Align = "none") -> Floats:
    """Return the distances (N, K) of points (N, K, D) after the alignment; see `mpjpe`.

    Raises
    ------
    InvalidAnnotation
        The shapes differ, or a number is not finite.
    """
    pred, gt = _checked(pred, gt)
    return np.asarray(np.linalg.norm(fitted(pred, gt, align) - gt, axis=-1))


def _checked(pred: Floats, gt: Floats) -> tuple[Floats, Floats]:
    pred, gt = np.asarray(pred, dtype=np.float64), np.asarray(gt, dtype=np.float64)
    if pred.shape != gt.shape or pred.ndim != 3:
        raise InvalidAnnotation(
            f"Points to compare have the shapes {pred.shape} and {gt.shape}",
            "Give two arrays (samples, points, dimensions) of one shape",
        )
    if not (np.isfinite(pred).all() and np.isfinite(gt).all()):
        raise InvalidAnnotation(
            "Points to compare hold NaN or infinite values",
            "Give points that are not known any finite place, and mask them",
        )
    return pred, gt


def counted(errors: Floats, mask: Mask | None) -> Floats:
    """Return those of errors (N, K) that count, (M,).

    Raises
    ------
    InvalidAnnotation
        None counts, or the mask has another shape.
    """
    chosen = np.ones(errors.shape, dtype=bool) if mask is None else np.asarray(mask).astype(bool)
    if chosen.shape != errors.shape or not chosen.any():
        raise InvalidAnnotation(
            f"A mask of shape {chosen.shape} chooses none of the errors {errors.shape}"
        )
    return np.asarray(errors[chosen])


def mpjpe(pred: Floats, gt: Floats, mask: Mask | None = None, align: Align = "none") -> float:
    """Mean per-joint position error.

    Parameters
    ----------
    pred, gt : NDArray, shape (N, K, 3)
        Joints.
    mask : NDArray or None, shape (N, K)
        Joints that count. The alignment uses all joints, as mmhuman3d does.
    align : str
        `none`; `scale`: least-squares scale per sample; `procrustes`: similarity per sample.

    Returns
    -------
    float
        In the unit of the inputs, pooled over samples and joints.

    Raises
    ------
    InvalidAnnotation
        The shapes do not fit, a number is not finite, or nothing counts.
    """
    return float(counted(joint_errors(pred, gt, align), mask).mean())


def pve(pred: Floats, gt: Floats, mask: Mask | None = None, align: Align = "none") -> float:
    """Mean per-vertex error of vertices (N, V, 3); roots are as the caller leaves them.

    Parameters, result and errors are those of `mpjpe`.
    """
    return mpjpe(pred, gt, mask, align)


def pck(
    pred: Floats,
    gt: Floats,
    mask: Mask | None = None,
    align: Align = "none",
    threshold: float = PCK_THRESHOLD,
) -> float:
    """Percentage of joints (N, K, 3) whose error is below the threshold.

    Parameters and errors are those of `mpjpe`.
    """
    errors = counted(joint_errors(pred, gt, align), mask)
    return float(100 * (errors < threshold).mean())


def auc(
    pred: Floats,
    gt: Floats,
    mask: Mask | None = None,
    align: Align = "none",
    thresholds: Sequence[float] = AUC_THRESHOLDS,
) -> float:
    """Mean percentage of correct joints over the thresholds (MPI-INF-3DHP's area under the curve).

    Parameters and errors are those of `mpjpe`.
    """
    errors = np.sort(counted(joint_errors(pred, gt, align), mask))
    below = np.searchsorted(errors, thresholds, side="left")
    return float(100 * below.mean() / len(errors))


def accel_error(
    pred: Floats, gt: Floats, mask: Mask | None = None, align: Align = "none"
) -> Floats:
    """Error of the second differences of one sequence, mean over joints.

    Parameters
    ----------
    pred, gt : NDArray, shape (N, K, 3)
        Joints of N frames in a row.
    mask : NDArray or None, shape (N,)
        Frames that count; one that does not takes away the three windows that it lies in.
    align : str
        As in `mpjpe`.

    Returns
    -------
    NDArray, shape (windows that count,)
        In the unit of the inputs per frame squared; times fps² for seconds (WHAM, GVHMR).

    Raises
    ------
    InvalidAnnotation
        The shapes do not fit or a number is not finite.
    """
    pred, gt = _checked(pred, gt)
    difference = fitted(pred, gt, align) - gt
    bends = difference[:-2] - 2 * difference[1:-1] + difference[2:]
    errors = np.linalg.norm(bends, axis=-1).mean(axis=-1)
    if mask is None:
        return np.asarray(errors)
    seen = np.asarray(mask).astype(bool)
    return np.asarray(errors[seen[:-2] & seen[1:-1] & seen[2:]])
