"""Errors of joints against ground truth, as mmhuman3d computes them (`eval_utils.py`)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Align = Literal["none", "scale", "procrustes"]


def mpjpe(
    pred: Floats, gt: Floats, mask: NDArray[np.bool_] | None = None, align: Align = "none"
) -> float:
    """Mean per-joint position error.

    Parameters
    ----------
    pred, gt : NDArray, shape (N, K, 3)
        Joints in one frame and one unit; align the roots first where the protocol says so.
    mask : NDArray or None, shape (N, K)
        Joints that count. The alignment uses all joints, as mmhuman3d does.
    align : str
        `none`; `scale`: least-squares scale per sample; `procrustes`: similarity per sample.

    Returns
    -------
    float
        In the unit of the inputs, pooled over samples and joints.
    """
    errors = joint_errors(pred, gt, align)
    return float(errors.mean() if mask is None else errors[mask.astype(bool)].mean())


def joint_errors(pred: Floats, gt: Floats, align: Align = "none") -> Floats:
    """Distances (N, K) of joints after the alignment; see `mpjpe`."""
    if align == "scale":
        pred = scale_align(pred, gt)
    elif align == "procrustes":
        pred = procrustes_align(pred, gt)
    return np.asarray(np.linalg.norm(pred - gt, axis=-1))


def scale_align(pred: Floats, gt: Floats) -> Floats:
    """Scale each sample of `pred` (N, K, 3) about the origin to fit `gt` best."""
    numerator = (pred * gt).sum(axis=(1, 2), keepdims=True)
    return np.asarray(pred * (numerator / np.square(pred).sum(axis=(1, 2), keepdims=True)))


def procrustes_align(pred: Floats, gt: Floats) -> Floats:
    """Move, turn and scale each sample of `pred` (N, K, 3) to fit `gt` best, without mirroring.

    Source: Umeyama, PAMI 1991.
    """
    pred_mean, gt_mean = pred.mean(axis=1, keepdims=True), gt.mean(axis=1, keepdims=True)
    centred, target = pred - pred_mean, gt - gt_mean
    u, s, vt = np.linalg.svd(np.swapaxes(target, 1, 2) @ centred)
    sign = np.ones_like(s)
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[:, None, :]) @ vt
    scale = (s * sign).sum(axis=1) / np.square(centred).sum(axis=(1, 2))
    turned = centred @ np.swapaxes(rotation, 1, 2)
    return np.asarray(scale[:, None, None] * turned + gt_mean)
