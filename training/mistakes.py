"""Synthetic errors of rough annotations to learn from; `training.errors` has those to measure on.

No error here is one of a kind: each person gets a mixture of what networks do wrong, with a scale
of their own. Rotations are local, (B, 24, 3, 3), in the camera frame, the pelvis' first.
"""

from dataclasses import dataclass
from math import pi, radians

import torch
from torch import Tensor

from core.pose import PARENTS, PARTS
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle, project_to_so3
from training.corpora.mocap import mirror

SPREAD = torch.tensor(
    [6.0, 11, 11, 7, 13, 13, 5, 12, 12, 4, 6, 6, 10, 9, 9, 11, 17, 17, 20, 20, 14, 14, 5, 5]
)
"""Degrees by which a joint is typically missed; every person's own profile varies about it."""
PROFILE = 0.4
"""Deviation of the logarithm of each joint's spread, from person to person."""
SCALE = 0.5
"""Deviation of the logarithm of a person's scale: a bad picture is far worse than a good one."""
LARGEST = radians(160)
"""No joint is turned further."""
TO_MEAN = 0.4
"""Share of people who are drawn towards the mean pose, by at most half of the way."""
ODD_CHAIN = 0.2
"""Share of limbs that are turned as a whole, by `CHAIN`; half of it is made up for further down."""
CHAIN = radians(22)
UNSEEN_LIMB = 0.06
"""Share of limbs that stand as in the mean pose: they were out of sight."""
YAW, TILT = radians(12), radians(6)
"""How far the whole body is turned about the vertical, and about the other two axes."""
TURNED = 0.06
"""Share of people who are turned by any angle about the picture's vertical."""
BEHIND = 0.05
"""Share who are taken for seen from the other side: mirrored about the picture plane, left and
right taken for each other, so that the outline stays."""
STRANGER = 0.03
"""Share who stand as somebody else does."""

LIMBS = ("left arm", "right arm", "left leg", "right leg")
_HINGES = {"left arm": (16, 18), "right arm": (17, 19), "left leg": (1, 4), "right leg": (2, 5)}
_TILTS = torch.tensor([TILT, YAW, TILT])


def mean_pose(rotations: Tensor) -> Tensor:
    """Return the mean (24, 3, 3) of local rotations (B, 24, 3, 3), the pelvis' at rest."""
    mean = project_to_so3(rotations.mean(0))
    mean[0] = torch.eye(3)
    return mean


@dataclass(frozen=True, eq=False)
class Mistakes:
    """Makes true poses wrong.

    Parameters
    ----------
    mean : Tensor, shape (24, 3, 3)
        The pose that networks fall back to (`mean_pose`).
    """

    mean: Tensor

    def __call__(self, true: Tensor, generator: torch.Generator) -> Tensor:
        """Return rough rotations (B, 24, 3, 3) for true ones."""
        count = len(true)

        def normal(*shape: int) -> Tensor:
            return torch.randn(count, *shape, generator=generator)

        def some(share: float) -> Tensor:
            return torch.rand(count, generator=generator) < share

        scale = (SCALE * normal()).exp()
        rough = self._drawn_to_mean(true, some(TO_MEAN), generator)
        for limb in LIMBS:
            upper, lower = _HINGES[limb]
            turn = normal(3) * (CHAIN * scale * some(ODD_CHAIN))[:, None]
            rough = _follow(rough, upper, turn)
            rough = _follow(rough, lower, -0.5 * turn)
            joints = list(PARTS[limb])
            lost = some(UNSEEN_LIMB)[:, None, None, None]
            rough[:, joints] = torch.where(lost, self.mean[joints], rough[:, joints])
        profile = SPREAD.deg2rad() / 3**0.5 * (PROFILE * normal(24)).exp()
        noise = normal(24, 3) * (profile * scale[:, None])[..., None]
        rough = rough @ axis_angle_to_matrix(_bounded(noise))
        about = axis_angle_to_matrix(_bounded(normal(3) * _TILTS * scale[:, None]))
        rough[:, 0] = about @ rough[:, 0]
        return rough

    def _drawn_to_mean(self, true: Tensor, chosen: Tensor, generator: torch.Generator) -> Tensor:
        share = 0.5 * torch.rand(len(true), generator=generator) * chosen
        way = matrix_to_axis_angle(true.mT @ self.mean)
        way[:, 0] = 0
        return true @ axis_angle_to_matrix(way * share[:, None, None])


def lost(rough: Tensor, generator: torch.Generator) -> Tensor:
    """Let some of rough rotations (B, 24, 3, 3) be wrong as those of a network that is lost."""
    count = len(rough)

    def some(share: float) -> Tensor:
        return (torch.rand(count, generator=generator) < share)[:, None, None]

    vertical = torch.tensor([0.0, 1.0, 0.0])
    half = axis_angle_to_matrix(pi * vertical)
    behind = mirror(rough)
    behind[:, 0] = half @ behind[:, 0]
    rough = torch.where(some(BEHIND)[..., None], behind, rough)
    angle = 2 * pi * torch.rand(count, 1, generator=generator)
    turned = axis_angle_to_matrix(angle * vertical) @ rough[:, 0]
    rough[:, 0] = torch.where(some(TURNED), turned, rough[:, 0])
    other = rough[torch.randperm(count, generator=generator)]
    return torch.where(some(STRANGER)[..., None], other, rough)


def _follow(rotations: Tensor, joint: int, turn: Tensor) -> Tensor:
    """Turn one joint by axis-angles (B, 3) in its parent's frame."""
    assert PARENTS[joint] >= 0
    out = rotations.clone()
    out[:, joint] = axis_angle_to_matrix(_bounded(turn)) @ rotations[:, joint]
    return out


def _bounded(turns: Tensor) -> Tensor:
    """Shorten axis-angles (..., 3) to `LARGEST`."""
    length = turns.norm(dim=-1, keepdim=True)
    shorter: Tensor = turns * (LARGEST / length.clamp(min=LARGEST))
    return shorter
