"""Refiners: Θ1 and evidence in, trajectory out. A new refiner is one file and one row here."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from core.errors import UnreadableInput
from core.evidence import Evidence
from core.pose import Parameters
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

DEFAULT_STEPS = 57

REFINERS = {
    "paper": "core.refiners.paper",
    "identity": "core.refiners.identity",
}
"""Module of each refiner by name, the default first; each has `load(body) -> Refiner`."""


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


def load_refiner(name: str, body: "BodyModel") -> Refiner:
    """Make a refiner by name (`REFINERS`); its module, and torch, are imported here.

    Raises
    ------
    UnreadableInput
        There is no such refiner.
    MissingModel
        Its weights are not on this machine.
    """
    if name not in REFINERS:
        raise UnreadableInput(
            f"There is no refiner named {name}", f"Choose one of: {', '.join(REFINERS)}"
        )
    return cast(Refiner, import_module(REFINERS[name]).load(body))
