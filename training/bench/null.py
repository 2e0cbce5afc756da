"""The null control: a random path as long as the refiner's."""

from typing import TYPE_CHECKING

import torch

from core.evidence import Evidence
from core.pose.rotations import geodesic, rotations_of
from core.refiners.paths import placed_path, random_turns
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


def null_path(
    path: Trajectory, evidence: Evidence, body: "BodyModel", generator: torch.Generator
) -> Trajectory:
    """Turn each joint as far as a path does at every step, about axes that wander at random.

    What choosing by the truth gains on it is not evidence of anything learnt.
    """
    theta1, rotations = path.steps[0], rotations_of(path.steps)
    turns = random_turns(geodesic(rotations[:1], rotations), generator)
    levels = path.levels[1:]
    return placed_path("null", theta1, rotations[0] @ turns[1:], levels, evidence, body)
