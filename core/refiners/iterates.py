"""Refiners whose steps are the iterates of one search: start, move on, lay out as trajectories."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.evidence import Evidence
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import rotations_of, with_rotations
from core.refiners.paths import degrees_from, path
from core.refiners.reprojection import Pose
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


def start_of(theta1: Sequence[Parameters], evidence: Sequence[Evidence], body: "BodyModel") -> Pose:
    """Start from Θ1, moved onto the keypoints where there are any."""
    transl = []
    for one, seen in zip(theta1, evidence, strict=True):
        placed = place(Parameters.stack([one]), seen.keypoints, body)
        transl.append(placed.transl[0] if placed else torch.from_numpy(one.transl))
    return Pose(
        torch.stack([rotations_of(one) for one in theta1]),
        torch.from_numpy(np.stack([one.betas for one in theta1])),
        torch.stack(transl),
    )


def paths_of(
    name: str, theta1: Sequence[Parameters], iterates: Sequence[Pose], steps: int
) -> list[Trajectory]:
    """Spread the iterates evenly over the steps 1..N of one trajectory a person."""
    chosen = np.rint(np.arange(1, steps + 1) * (len(iterates) / steps)).astype(np.int64) - 1
    kept = [iterates[index] for index in chosen.clip(min=0)]
    rotations = torch.stack([pose.rotations for pose in kept], dim=1)
    transl = torch.stack([pose.transl for pose in kept], dim=1).numpy()
    made = []
    for row, one in enumerate(theta1):
        refined = with_rotations(Parameters.stack([one] * steps), rotations[row])
        refined = replace(refined, transl=transl[row])
        made.append(path(name, one, refined, degrees_from(one, rotations[row])))
    return made
