"""Where poses have to stand for their body points to fall on the keypoints."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from core.evidence import Keypoints2D
from core.keypoints import body_points
from core.pose import Parameters
from core.pose.rotations import rotations_of
from core.resection import fit_translation

if TYPE_CHECKING:
    from core.body import BodyModel

FEWEST_KEYPOINTS = 3
"""With fewer, a translation is not told from the keypoints."""


@dataclass(frozen=True, eq=False)
class Placement:
    """A batch (S,) of poses moved onto K keypoints.

    Parameters
    ----------
    transl : Tensor, shape (S, 3)
        `Parameters.transl` of each, metres, camera frame.
    body_points : Tensor, shape (S, 45, 3)
        `core.keypoints.BODY_POINTS`, placed; metres, camera frame.
    points : Tensor, shape (S, K, 3)
        Those of them that the keypoints look at.
    pixels : Tensor, shape (K, 2)
        The keypoints that have a place on the body.
    confidence : Tensor, shape (K,)
        Theirs, above 0.
    """

    transl: Tensor
    body_points: Tensor
    points: Tensor
    pixels: Tensor
    confidence: Tensor


@torch.no_grad()
def place(steps: Parameters, keypoints: Keypoints2D | None, body: "BodyModel") -> Placement | None:
    """Find where each of a batch (S,) of poses fits the keypoints best, robustly.

    Returns
    -------
    Placement or None
        None where fewer than three keypoints have a place on the body.
    """
    if keypoints is None:
        return None
    index = body_points(keypoints.convention)
    used = (index >= 0) & (keypoints.confidence > 0)
    if used.sum() < FEWEST_KEYPOINTS:
        return None
    pixels = torch.from_numpy(keypoints.points[used])
    confidence = torch.from_numpy(keypoints.confidence[used])
    given = rotations_of(steps), torch.from_numpy(steps.betas), torch.zeros(len(steps), 3)
    points = body.points(*(each.to(body.device) for each in given)).cpu()
    transl = fit_translation(points[:, index[used]], pixels, confidence, steps.camera)
    placed = points + transl[:, None]
    return Placement(transl, placed, placed[:, index[used]], pixels, confidence)
