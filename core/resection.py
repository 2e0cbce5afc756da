"""Where the body stands: translation in the camera frame from 2D keypoints."""

import torch
from torch import Tensor

from core.camera import Camera

ROBUST_SCALE = 0.05
"""Residuals beyond this share of the spread of the keypoints lose their say (Geman-McClure)."""
NEARER = 0.6
"""No body is put nearer than this share of the distance at which it would look as large as its
keypoints lie apart: one that cannot match them, head down, say, fits best where it is blown up."""
NEAREST_POINT = 0.25
"""No point of it comes nearer than this share of the distance of its middle."""


def fit_translation(
    points: Tensor, pixels: Tensor, weight: Tensor, camera: Camera, iterations: int = 5
) -> Tensor:
    """Find the translation that brings body points onto keypoints, robustly.

    Solves the pinhole equations, which are linear in the translation, by weighted least squares,
    reweighted by Geman-McClure (Geman and McClure, 1987) on the pixel residual.

    Parameters
    ----------
    points : Tensor, shape (B, K, 3)
        Body points before translation, metres, turned into the camera frame.
    pixels : Tensor, shape (K, 2)
        Keypoints in pixels.
    weight : Tensor, shape (K,)
        Confidence; 0 leaves a keypoint out. At least two must be positive.
    camera : Camera
        Intrinsics.
    iterations : int
        Reweighting rounds.

    Returns
    -------
    Tensor, shape (B, 3)
        Metres, camera frame; z at least 0.1.
    """
    centre = pixels.new_tensor([camera.cx, camera.cy])
    rays = (pixels - centre) / camera.focal
    shape = points.shape[:2]
    return fit_rays(points, rays.expand(*shape, 2), weight.expand(shape), iterations)


def fit_rays(points: Tensor, rays: Tensor, weight: Tensor, iterations: int = 5) -> Tensor:
    """Do what `fit_translation` does for bodies that are seen each by their own camera.

    Parameters
    ----------
    points : Tensor, shape (B, K, 3)
        As of `fit_translation`.
    rays : Tensor, shape (B, K, 2)
        Keypoints as x / z and y / z in the camera frame.
    weight : Tensor, shape (B, K)
        Confidence; two of each body must be positive, or its translation means nothing.
    iterations : int
        Reweighting rounds.

    Returns
    -------
    Tensor, shape (B, 3)
        Metres, camera frame; z at least 0.1.
    """
    scale = ROBUST_SCALE * _spread(rays, weight)[:, None]
    robust = weight
    depth_weight = torch.ones_like(robust)
    nearest = _nearest(points, rays, weight)
    for _ in range(iterations):
        translation = _solve(points, rays, robust * depth_weight, nearest)
        placed = points + translation[:, None]
        depth = placed[..., 2].clamp(min=0.1)
        residual = placed[..., :2] / depth[..., None] - rays
        gm = (scale**2 / (scale**2 + residual.square().sum(-1))).square()
        robust = weight * gm
        depth_weight = depth.reciprocal().square() * depth.mean(dim=1, keepdim=True).square()
    return torch.cat([translation[:, :2], translation[:, 2:].clamp(min=0.1)], dim=1)


def _nearest(points: Tensor, rays: Tensor, weight: Tensor) -> Tensor:
    """Return the least tz (B,) that `NEARER` and `NEAREST_POINT` allow."""
    middle = _mean(points, weight)
    sizes = [
        (weight * (each - mean).square().sum(-1)).sum(1)
        for each, mean in ((points[..., :2], middle[..., :2]), (rays, _mean(rays, weight)))
    ]
    as_large = (sizes[0] / sizes[1].clamp(min=1e-12)).sqrt()
    depth = middle[:, 0, 2]
    first = torch.where(weight > 0, points[..., 2], torch.inf).amin(1).clamp(max=depth)
    clear = (depth - first) / (1 - NEAREST_POINT)
    return torch.maximum(NEARER * as_large, clear) - depth


def _mean(each: Tensor, weight: Tensor) -> Tensor:
    total = weight.sum(1).clamp(min=1e-9)[:, None, None]
    mean: Tensor = (weight[..., None] * each).sum(1, keepdim=True) / total
    return mean


def _spread(rays: Tensor, weight: Tensor) -> Tensor:
    """Return the longer side (B,) of the box around each body's keypoints."""
    unseen = (weight == 0)[..., None]
    low, high = rays.masked_fill(unseen, torch.inf), rays.masked_fill(unseen, -torch.inf)
    return (high.amax(1) - low.amin(1)).amax(1).clamp(min=1e-6)


def _solve(points: Tensor, rays: Tensor, weight: Tensor, nearest: Tensor) -> Tensor:
    """Least squares of (X + tx) - u (Z + tz) = 0, the same for y; weights (B, K), least tz (B,)."""
    total = weight.sum(1).clamp(min=1e-9)
    u = (weight[..., None] * rays).sum(1)
    uu = (weight * rays.square().sum(-1)).sum(1)
    offset = points[..., 2:] * rays - points[..., :2]
    b_xy = (weight[..., None] * offset).sum(1)
    b_z = -(weight * (rays * offset).sum(-1)).sum(1)
    determinant = (uu - u.square().sum(1) / total).clamp(min=1e-9)
    z = (b_z + (u * b_xy).sum(1) / total) / determinant
    z = torch.maximum(z, nearest)
    xy = (b_xy + u * z[:, None]) / total[:, None]
    return torch.cat([xy, z[:, None]], dim=1)
