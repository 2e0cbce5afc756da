"""Refiners: Θ1 and evidence in, trajectory out. A new refiner is one file and one row here."""

from importlib import import_module
from pathlib import Path
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
WITH_WEIGHTS = frozenset(("paper",))
"""Refiners that run the user's own weights too: theirs is `load(body, weights) -> Refiner`."""


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


def load_refiner(name: str, body: "BodyModel", weights: Path | None = None) -> Refiner:
    """Make a refiner; its module, and torch, are imported here.

    Parameters
    ----------
    name : str
        Key of `REFINERS`.
    body : BodyModel
        What it poses.
    weights : Path or None
        The user's own, for those of `WITH_WEIGHTS`; None for those that ship.

    Raises
    ------
    UnreadableInput
        No refiner is named so, it has no use for these weights, or they are not its own.
    MissingModel
        Its weights are not on this machine.
    """
    if name not in REFINERS:
        raise UnreadableInput(
            f"There is no refiner named {name}", f"Choose one of: {', '.join(REFINERS)}"
        )
    if weights is not None and name not in WITH_WEIGHTS:
        raise UnreadableInput(
            f"The refiner {name} takes no weights", f"Those that do: {', '.join(WITH_WEIGHTS)}"
        )
    load = import_module(REFINERS[name]).load
    return cast(Refiner, load(body) if weights is None else load(body, weights))
