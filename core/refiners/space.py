"""Joints in space as equations for the turns of a body's joints, beside those of the keypoints."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.evidence import Joints3D
from core.keypoints import BODY_POINTS, on_body

SIDE = 2.0
"""Metres that a box side stands for: in its shares misses in space are told beside those in the
picture."""
SIGMA = 0.01
"""Error of a joint, share of that: 2 cm."""
TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Space:
    """Where joints of B persons are in space; who has none has weight 0 throughout.

    Parameters
    ----------
    points : Tensor, shape (B, 45, 3)
        Of `BODY_POINTS`; metres, along the axes of the camera, from any origin.
    weight : Tensor, shape (B, 45)
        0 (unknown) to 1.
    """

    points: Tensor
    weight: Tensor

    @classmethod
    def of(
        cls, joints: Sequence[Joints3D | None], device: torch.device | None = None
    ) -> "Space | None":
        """Put joints, in any convention, on the body's points; None where nobody has any."""
        shape = len(joints), len(BODY_POINTS)
        points, weight = np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32)
        for row, one in enumerate(joints):
            if one is not None:
                points[row], weight[row] = on_body(one.convention, one.points, one.confidence)
        if not weight.any():
            return None
        return cls(torch.from_numpy(points).to(device), torch.from_numpy(weight).to(device))

    def miss(self, points: Tensor) -> Tensor:
        """Return how far points (B, 45, 3) are off, moved as a whole: shares of `SIDE`.

        Half of the joints may be wrong: it is the median that is moved onto theirs.
        """
        off = (points - self.points) / SIDE
        seen = torch.where(self.weight[..., None] > 0, off, torch.nan)
        return off - seen.nanmedian(dim=1, keepdim=True).values.nan_to_num()

    def rows(
        self, points: Tensor, swung: Callable[[Tensor, Tensor], Tensor], robust: float
    ) -> tuple[Tensor, Tensor]:
        """Return misses and their derivatives, in their errors, as `solve_turns` weighs them.

        The place is no matter: what of them is the same for all joints, by their weights, is what
        the best shift takes away, and is taken out of both.

        Parameters
        ----------
        points : Tensor, shape (B, 45, 3)
            The body's, metres.
        swung : callable
            `core.refiners.reprojection.swing` of these bodies, given points and slope.
        robust : float
            Misses beyond this share of `SIDE` lose their say.

        Returns
        -------
        misses : Tensor, shape (B, R)
        derivatives : Tensor, shape (B, R, 75)
            By turns and shifts; those by shifts are 0.
        """
        used = (self.weight > 0).any(0).nonzero()[:, 0]
        miss = self.miss(points)[:, used]
        trust = (1 + (miss / robust).square().sum(-1)).reciprocal()
        root = (self.weight[:, used].sqrt() * trust)[..., None]
        share = root.square() / root.square().sum(1, keepdim=True).clamp(min=TINY)
        with torch.no_grad():
            slope = (torch.eye(3).to(points) / SIDE).expand(*miss.shape, 3)
            jacobian = swung(used, slope)
        miss = miss - (share * miss).sum(1, keepdim=True)
        jacobian = jacobian - (share[..., None] * jacobian).sum(1, keepdim=True)
        jacobian = (jacobian * root[..., None] / SIGMA).flatten(1, 2)
        still = jacobian.new_zeros(*jacobian.shape[:2], 3)
        return (miss * root / SIGMA).flatten(1), torch.cat([jacobian, still], dim=-1)
