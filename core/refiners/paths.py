"""From refined rotations to a trajectory."""

from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from core.evidence import Evidence
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix, geodesic, with_rotations
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


def placed_path(
    name: str,
    theta1: Parameters,
    rotations: Tensor,
    levels: NDArray[np.float32],
    evidence: Evidence,
    body: "BodyModel",
) -> Trajectory:
    """Make a trajectory whose steps are moved onto the keypoints; without any, the pelvis stays.

    Parameters
    ----------
    name : str
        The refiner's.
    theta1 : Parameters
        Step 0, batch shape ().
    rotations : Tensor, shape (N, 24, 3, 3)
        Of the steps 1..N. The shape is locked: their betas are Θ1's.
    levels : NDArray, shape (N,)
        Theirs, degrees.
    evidence : Evidence
        With the keypoints.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """
    refined = with_rotations(Parameters.stack([theta1] * len(rotations)), rotations)
    if placed := place(refined, evidence.keypoints, body):
        refined = replace(refined, transl=placed.transl.numpy())
    return path(name, theta1, refined, levels)


def path(
    name: str, theta1: Parameters, refined: Parameters, levels: NDArray[np.float32]
) -> Trajectory:
    """Put Θ1, to the bit, before the refined steps (N,) and their levels (N,)."""

    def join(field: str) -> NDArray[np.float32]:
        return np.concatenate([getattr(theta1, field)[None], getattr(refined, field)])

    steps = Parameters(
        join("global_orient"), join("body_pose"), join("betas"), join("transl"), theta1.camera
    )
    return Trajectory(steps, np.append(np.float32(0), levels).astype(np.float32), name)


def degrees_from(start: Tensor, rotations: Tensor) -> NDArray[np.float32]:
    """Return how far rotations (..., 24, 3, 3) are from those of Θ1: degrees, rms of joints.

    It is the level of a step whose refiner assumes none: so wrong is Θ1 if the step is right.
    """
    turned = geodesic(start, rotations)
    return np.asarray(torch.rad2deg(turned.square().mean(-1).sqrt()).numpy(), np.float32)


def generator_of(theta1: Parameters, seed: int) -> torch.Generator:
    """Return the source of a person's random draws: no two persons get the same ones."""
    digest = crc32(theta1.global_orient.tobytes() + theta1.body_pose.tobytes())
    return torch.Generator().manual_seed(seed ^ digest)


def random_turns(lengths: Tensor, generator: torch.Generator) -> Tensor:
    """Draw turns (N, 24, 3, 3) of given angles about axes that wander over a quarter circle.

    Parameters
    ----------
    lengths : Tensor, shape (N, 24) or (N, 1)
        Angles in radians.
    generator : torch.Generator
        Source of the draws.
    """
    first, second = normalize(torch.randn(2, 24, 3, generator=generator), dim=-1)
    bend = torch.linspace(0, torch.pi / 2, len(lengths))[:, None, None]
    axes = normalize(first * bend.cos() + second * bend.sin(), dim=-1)
    return axis_angle_to_matrix(axes * lengths[..., None])
