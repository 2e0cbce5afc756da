"""Refiners: Θ1 and evidence in, trajectory out. A new refiner is one file and one row here."""

from typing import Protocol

from core.evidence import Evidence
from core.pose import Parameters
from core.trajectory import Trajectory

DEFAULT_STEPS = 57


class Refiner(Protocol):
    """What every refiner offers."""

    name: str
    weights_sha256: str

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Refine one annotation.

        Parameters
        ----------
        theta1 : Parameters
            Rough annotation, batch shape ().
        evidence : Evidence
            What else is known of the person.
        steps : int
            N; the trajectory has N+1 steps.
        seed : int
            Seed of every random draw; the same seed gives the same bytes.
        """
        ...
