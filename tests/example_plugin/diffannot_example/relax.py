"""The refiner `relax`: with every step all joints bend a little less."""

from dataclasses import replace

import numpy as np

from core.evidence import Evidence
from core.pose import Parameters
from core.refiners import DEFAULT_STEPS, Refiner
from core.trajectory import Trajectory

MOST = 0.3
"""Share of its bend that a joint loses at the last step."""


class Relax(Refiner):
    """Looks at nothing but Θ1."""

    name = "relax"

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Shrink the angles step by step; step 0 is Θ1."""
        shares = np.linspace(0, MOST, steps + 1, dtype=np.float32)
        still = Parameters.stack([theta1] * (steps + 1))
        bends = np.degrees(np.linalg.norm(theta1.body_pose, axis=-1)).mean()
        poses = still.body_pose * (1 - shares[:, None, None])
        return Trajectory(replace(still, body_pose=poses), shares * np.float32(bends), self.name)


def load(body: object) -> Relax:
    """Make the refiner; it does not look at the body."""
    return Relax()
