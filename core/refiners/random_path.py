"""The refiners `random-4`, `-8` and `-16`: the null control. They know nothing.

Every joint wanders from Θ1 along a random smooth curve, as far at the last step as the name says
in degrees. What an oracle or a score gains on them is not evidence of anything learnt.
"""

from typing import TYPE_CHECKING

import torch

from core.evidence import Evidence
from core.pose import Parameters
from core.pose.rotations import rotations_of
from core.refiners import DEFAULT_STEPS, Refiner
from core.refiners.paths import generator_of, placed_path, random_turns
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class RandomRefiner(Refiner):
    """Turns every joint the same way at every step, a little further each.

    Parameters
    ----------
    degrees : int
        How far each joint is turned at the last step.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    def __init__(self, degrees: int, body: "BodyModel") -> None:
        self.name = f"random-{degrees}"
        self._degrees = degrees
        self._body = body

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Walk away from Θ1; the way follows from the seed and Θ1."""
        levels = torch.linspace(0, self._degrees, steps + 1)
        turns = random_turns(levels.deg2rad()[:, None], generator_of(theta1, seed))
        rotations = rotations_of(theta1) @ turns[1:]
        return placed_path(self.name, theta1, rotations, levels[1:].numpy(), evidence, self._body)


def load_4(body: "BodyModel") -> RandomRefiner:
    """Make the one of 4 degrees."""
    return RandomRefiner(4, body)


def load_8(body: "BodyModel") -> RandomRefiner:
    """Make the one of 8 degrees."""
    return RandomRefiner(8, body)


def load_16(body: "BodyModel") -> RandomRefiner:
    """Make the one of 16 degrees."""
    return RandomRefiner(16, body)
