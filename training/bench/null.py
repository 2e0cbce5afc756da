"""The null control: a random path as long as the refiner's."""

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import normalize

from core.evidence import Evidence
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix, geodesic, rotations_of, with_rotations
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


def null_path(
    path: Trajectory, evidence: Evidence, body: "BodyModel", generator: torch.Generator
) -> Trajectory:
    """Turn each joint as far as a path does at every step, about axes that wander at random.

    What choosing by the truth gains on it is not evidence of anything learnt. Step 0 is Θ1 to the
    bit, and later ones are moved onto the keypoints, as refiners do.
    """
    theta1, rotations = path.steps[0], rotations_of(path.steps)
    first, second = normalize(torch.randn(2, 24, 3, generator=generator), dim=-1)
    bend = torch.linspace(0, torch.pi / 2, len(path))[1:, None, None]
    axes = normalize(first * bend.cos() + second * bend.sin(), dim=-1)
    lengths = geodesic(rotations[0], rotations[1:])[..., None]
    turned = with_rotations(path.steps[1:], rotations[0] @ axis_angle_to_matrix(axes * lengths))
    if placed := place(turned, evidence.keypoints, body):
        turned = replace(turned, transl=placed.transl.numpy())
    steps = Parameters.stack([theta1, *(turned[step] for step in range(len(turned)))])
    return Trajectory(steps, path.levels, "null")
