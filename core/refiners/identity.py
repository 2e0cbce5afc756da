"""The refiner `identity`: every step is Θ1. The floor of every comparison."""

from typing import TYPE_CHECKING

import numpy as np

from core.evidence import Evidence
from core.pose import Parameters
from core.refiners import DEFAULT_STEPS, Refiner
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class IdentityRefiner(Refiner):
    """Changes nothing."""

    name = "identity"

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Repeat Θ1, at the level of 0 degrees."""
        levels = np.zeros(steps + 1, np.float32)
        return Trajectory(Parameters.stack([theta1] * (steps + 1)), levels, self.name)


def load(body: "BodyModel") -> IdentityRefiner:
    """Make the refiner; the body is not looked at."""
    return IdentityRefiner()
