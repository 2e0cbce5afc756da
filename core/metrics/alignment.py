"""Fitting predicted points to the truth before their errors are measured."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Align = Literal["none", "scale", "procrustes"]


@dataclass(frozen=True, eq=False)
class Similarity:
    """Scale, rotation and translation of each sample: `scale * rotation @ x + translation`.

    Parameters
    ----------
    scale : NDArray, shape (N,)
    rotation : NDArray, shape (N, 3, 3)
    translation : NDArray, shape (N, 3)
        In the unit of the points.
    """

    scale: Floats
    rotation: Floats
    translation: Floats

    def __call__(self, points: Floats) -> Floats:
        """Move points (N, K, 3)."""
        turned = points @ np.swapaxes(self.rotation, 1, 2)
        return np.asarray(self.scale[:, None, None] * turned + self.translation[:, None])


def fitted(pred: Floats, gt: Floats, align: Align) -> Floats:
    """Return `pred` (N, K, 3) fitted to `gt` sample by sample.

    Parameters
    ----------
    pred, gt : NDArray, shape (N, K, 3)
        In one frame and one unit. All points count; masks are for averaging (mmhuman3d).
    align : str
        `none`; `scale`: the least-squares scale about the origin; `procrustes`: `similarity`.

    Raises
    ------
    ValueError
        There is no such alignment.
    """
    if align == "none":
        return pred
    if align == "scale":
        return np.asarray(pred * _ratio((pred * gt).sum((1, 2)), np.square(pred).sum((1, 2))))
    if align == "procrustes":
        return similarity(pred, gt)(pred)
    raise ValueError(f"no alignment named {align!r}; none, scale and procrustes are")


def similarity(pred: Floats, gt: Floats) -> Similarity:
    """Find what moves, turns and scales `pred` (N, K, 3) onto `gt` best, without mirroring.

    Points that all coincide go to the centre of the truth (as in 3dpw-eval).

    Source: Umeyama, PAMI 1991.
    """
    pred_mean, gt_mean = pred.mean(axis=1), gt.mean(axis=1)
    centred, target = pred - pred_mean[:, None], gt - gt_mean[:, None]
    u, s, vt = np.linalg.svd(np.swapaxes(target, 1, 2) @ centred)
    sign = np.ones_like(s)
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[:, None, :]) @ vt
    scale = _ratio((s * sign).sum(axis=1), np.square(centred).sum((1, 2))).ravel()
    moved = scale[:, None] * np.einsum("nij,nj->ni", rotation, pred_mean)
    return Similarity(scale, rotation, gt_mean - moved)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide (N,) by (N,), 0 where there is nothing to divide by; shape (N, 1, 1)."""
    ratio = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.asarray(ratio[:, None, None])
