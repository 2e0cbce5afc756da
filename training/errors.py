"""Synthetic errors of rough annotations, by family, for measuring refiners.

No refiner is trained on them. Each takes local rotations (B, 24, 3, 3) in the camera frame, the
pelvis' first, and returns wrong ones.
"""

from collections.abc import Callable
from math import pi, radians

import torch
from torch import Tensor

from core.pose import PARENTS, PARTS
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle, project_to_so3

Family = Callable[[Tensor, torch.Generator], Tensor]

JOINT_SPREAD = torch.tensor(
    [8.0, 12, 12, 6, 12, 12, 6, 14, 14, 6, 8, 8, 10, 8, 8, 12, 18, 18, 22, 22, 16, 16, 4, 4]
)
"""Degrees by which regressors typically miss each joint; feet, hands and elbows most."""
ARMS = ((16, 18), (17, 19))
LEGS = ((1, 4), (2, 5))


def regressor(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Like a network's: every joint off, a bad picture worse than a good one, shrunk to rest."""
    count = len(rotations)
    scale = torch.exp(0.5 * torch.randn(count, 1, 1, generator=generator))
    noise = torch.randn(count, 24, 3, generator=generator)
    noise = noise * (JOINT_SPREAD[:, None] / 3**0.5).deg2rad() * scale
    shrink = 0.15 * torch.rand(count, 1, 1, generator=generator).expand(-1, 24, 1).clone()
    shrink[:, 0] = 0
    body = matrix_to_axis_angle(rotations) * (1 - shrink)
    return axis_angle_to_matrix(body) @ axis_angle_to_matrix(noise)


def even(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Every joint off by about 15 degrees: the noise that the prior was trained to remove."""
    noise = torch.randn(len(rotations), 24, 3, generator=generator) * (radians(15) / 3**0.5)
    return rotations @ axis_angle_to_matrix(noise)


def depth_flip(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """One limb bent to the wrong side of the picture plane, which the picture cannot tell."""
    out = rotations.clone()
    limbs = (*ARMS, *LEGS)
    chosen = torch.randint(len(limbs), (len(rotations),), generator=generator)
    for row, limb in enumerate(chosen.tolist()):
        for joint in limbs[limb]:
            out[row] = _flip(out[row], joint)
    return _slight(out, generator)


def lost_legs(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Legs cut off by the picture's edge: straight and at rest."""
    out = rotations.clone()
    out[:, [*PARTS["left leg"], *PARTS["right leg"]]] = torch.eye(3)
    return _slight(out, generator)


def swapped_legs(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Left and right leg taken for each other."""
    out = rotations.clone()
    left, right = list(PARTS["left leg"]), list(PARTS["right leg"])
    out[:, left], out[:, right] = _mirrored(rotations[:, right]), _mirrored(rotations[:, left])
    return _slight(out, generator)


def good(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Nearly right already, about 4 degrees: a refiner should keep its hands off."""
    return _slight(rotations, generator)


FAMILIES: dict[str, Family] = {
    "regressor": regressor,
    "even 15 deg": even,
    "depth flip": depth_flip,
    "lost legs": lost_legs,
    "swapped legs": swapped_legs,
    "good": good,
}


def swapped_limbs(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Left and right taken for each other, of the arms or of the legs."""
    out = rotations.clone()
    arms = torch.rand(len(rotations), generator=generator) < 0.5
    for chosen, limb in ((arms, "arm"), (~arms, "leg")):
        left, right = list(PARTS[f"left {limb}"]), list(PARTS[f"right {limb}"])
        rows = chosen.nonzero()
        out[rows, left] = _mirrored(rotations[rows, right])
        out[rows, right] = _mirrored(rotations[rows, left])
    return _slight(out, generator)


def truncated(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Legs cut off by the picture's edge and made up: those of the next person."""
    out = rotations.clone()
    legs = [*PARTS["left leg"], *PARTS["right leg"]]
    out[:, legs] = rotations.roll(1, dims=0)[:, legs]
    return _slight(out, generator)


def collapsed(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Everybody in nearly the mean pose, turned as they are: what a network says when lost."""
    mean = project_to_so3(rotations.mean(0, keepdim=True))
    left = 0.4 * torch.rand(len(rotations), 1, 1, generator=generator)
    away = matrix_to_axis_angle(mean.mT @ rotations) * left
    out = mean @ axis_angle_to_matrix(away)
    out[:, 0] = rotations[:, 0]
    return _slight(out, generator)


def drift(rotations: Tensor, generator: torch.Generator) -> Tensor:
    """Errors of about 15 degrees a joint that change slowly from each person to the next."""
    waves, place = 3, torch.linspace(0, 1, len(rotations))[:, None, None, None]
    speed = 1 + 3 * torch.rand(waves, 24, 3, generator=generator)
    phase = torch.rand(waves, 24, 3, generator=generator)
    curve = torch.sin(2 * pi * (speed * place + phase)).sum(1) * (2 / waves) ** 0.5
    return rotations @ axis_angle_to_matrix(curve * (radians(15) / 3**0.5))


STRANGE: dict[str, Family] = {
    "limb swap": swapped_limbs,
    "depth flip": depth_flip,
    "truncation": truncated,
    "mean-pose collapse": collapsed,
    "drift": drift,
}
"""Of the open bench: nothing was trained on them, and no constant was chosen on them."""


def _mirrored(rotations: Tensor) -> Tensor:
    flip = torch.tensor([-1.0, 1.0, 1.0])
    return rotations * flip[:, None] * flip


def _slight(rotations: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(len(rotations), 24, 3, generator=generator) * (radians(4) / 3**0.5)
    return rotations @ axis_angle_to_matrix(noise)


def _flip(rotations: Tensor, joint: int) -> Tensor:
    """Mirror the bone below a joint about the picture plane; rotations (24, 3, 3) of one body.

    The bone is taken along the T-pose axis that leads to the child: x for arms, y for legs.
    """
    chain, parent = torch.eye(3), PARENTS[joint]
    while parent >= 0:
        chain, parent = rotations[parent] @ chain, PARENTS[parent]
    sideways = joint in (16, 17, 18, 19)
    rest = torch.tensor([1.0 if joint % 2 == 0 else -1.0, 0, 0] if sideways else [0, -1.0, 0])
    bone = chain @ rotations[joint] @ rest
    target = bone * torch.tensor([1.0, 1.0, -1.0])
    axis = torch.linalg.cross(bone, target)
    angle = torch.atan2(axis.norm(), bone @ target)
    turn = axis_angle_to_matrix(axis / axis.norm().clamp(min=1e-6) * angle)
    out = rotations.clone()
    out[joint] = chain.T @ turn @ chain @ rotations[joint]
    return out
