"""Refiners whose steps are the iterates of one search: start, move on, lay out as trajectories."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.evidence import Evidence
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle, rotations_of
from core.refiners.paths import degrees_from, path
from core.refiners.reprojection import Pose, Sight
from core.resection import fit_rays
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


def start_of(theta1: Sequence[Parameters], evidence: Sequence[Evidence], body: "BodyModel") -> Pose:
    """Start from Θ1, moved onto the keypoints where there are any."""
    return placed(standing(theta1, body), Sight.of(theta1, evidence, body.device), body)


def standing(theta1: Sequence[Parameters], body: "BodyModel") -> Pose:
    """Return how B persons stand by Θ1."""
    turns = np.stack([np.vstack([one.global_orient, one.body_pose]) for one in theta1])
    return Pose(
        axis_angle_to_matrix(torch.from_numpy(turns)).to(body.device),
        torch.from_numpy(np.stack([one.betas for one in theta1])).to(body.device),
        torch.from_numpy(np.stack([one.transl for one in theta1])).to(body.device),
    )


def placed(pose: Pose, sight: Sight, body: "BodyModel") -> Pose:
    """Move B bodies onto their keypoints; who has none stays."""
    points = body.points(pose.rotations, pose.betas, torch.zeros_like(pose.transl))
    rays = (sight.pixels - sight.centre[:, None]) / sight.focal[:, None, None]
    found = fit_rays(points, rays, sight.weight)
    seen = (sight.weight > 0).any(1, keepdim=True)
    return replace(pose, transl=torch.where(seen, found, pose.transl))


def paths_of(
    name: str, theta1: Sequence[Parameters], iterates: Sequence[Pose], steps: int
) -> list[Trajectory]:
    """Spread the iterates evenly over the steps 1..N of one trajectory a person."""
    chosen = np.rint(np.arange(1, steps + 1) * (len(iterates) / steps)).astype(np.int64) - 1
    kept = [iterates[index] for index in chosen.clip(min=0)]
    rotations = torch.stack([pose.rotations for pose in kept], dim=1).cpu()
    transl = torch.stack([pose.transl for pose in kept], dim=1).cpu().numpy()
    start = torch.stack([rotations_of(one) for one in theta1])
    levels = degrees_from(start[:, None], rotations)
    turns = matrix_to_axis_angle(rotations).numpy()
    betas = np.stack([one.betas for one in theta1])[:, None].repeat(steps, axis=1)
    refined = [
        Parameters(turned[:, 0], turned[:, 1:], shape, place, one.camera)
        for one, turned, shape, place in zip(theta1, turns, betas, transl, strict=True)
    ]
    rows = zip(theta1, refined, levels, strict=True)
    return [path(name, one, steps_of, level) for one, steps_of, level in rows]
