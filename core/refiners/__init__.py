"""Refiners: Θ1 and evidence in, trajectory out. A new refiner is one file and one row here.

Other packages add theirs by the entry point `diffannot.refiners`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.errors import UnreadableInput
from core.evidence import Evidence
from core.plugins import Registry
from core.pose import Parameters
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

DEFAULT_STEPS = 57

_REFINERS = {
    "level": "core.refiners.level:load",
    "paper": "core.refiners.paper:load",
    "guided": "core.refiners.guided:load",
    "fit": "core.refiners.fit:load",
    "sdedit": "core.refiners.sdedit:load",
    "bridge": "core.refiners.bridge:load",
    "one-shot": "core.refiners.one_shot:load",
    "random-4": "core.refiners.random_path:load_4",
    "random-8": "core.refiners.random_path:load_8",
    "random-16": "core.refiners.random_path:load_16",
    "as-published": "core.refiners.as_published:load",
    "identity": "core.refiners.identity:load",
}
REFINERS = Registry("diffannot.refiners", _REFINERS)
"""Where each refiner is made, by name, the default first; called with the body."""
DEFAULT_REFINER = next(iter(REFINERS))
WITH_WEIGHTS = frozenset(
    ("level", "paper", "guided", "fit", "sdedit", "bridge", "one-shot", "as-published")
)
"""Those of ours that run the user's own weights too: theirs is `load(body, weights) -> Refiner`."""


class Refiner(ABC):
    """What every refiner offers: persons one by one, or many in one call.

    Attributes
    ----------
    name : str
        Key of `REFINERS`.
    weights_sha256 : str
        Of its weights; empty where it has none.
    """

    name: str
    weights_sha256 = ""

    @abstractmethod
    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Refine one annotation.

        Parameters
        ----------
        theta1 : Parameters
            Rough annotation, batch shape ().
        evidence : Evidence
            What else is known of the person; every part of it may be missing.
        steps : int
            N; the trajectory has N+1 steps.
        seed : int
            Seed of every random draw; the same seed gives the same bytes.
        """

    def trajectories(
        self,
        theta1: Sequence[Parameters],
        evidence: Sequence[Evidence],
        steps: int = DEFAULT_STEPS,
        seed: int = 0,
    ) -> list[Trajectory]:
        """Refine persons; each gets what `trajectory` would give, but for rounding."""
        return [
            self.trajectory(one, seen, steps, seed)
            for one, seen in zip(theta1, evidence, strict=True)
        ]


class BatchRefiner(Refiner):
    """A refiner to which many persons at once are natural: `trajectories` is what it has."""

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Refine one annotation: a batch of one."""
        return self.trajectories([theta1], [evidence], steps, seed)[0]

    @abstractmethod
    def trajectories(
        self,
        theta1: Sequence[Parameters],
        evidence: Sequence[Evidence],
        steps: int = DEFAULT_STEPS,
        seed: int = 0,
    ) -> list[Trajectory]:
        """Refine persons in one batch; parameters as of `trajectory`, one entry a person."""


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
    BrokenPlugin
        It is a plug-in's, and fails.
    """
    if name not in REFINERS:
        raise UnreadableInput(
            f"There is no refiner named {name}", f"Choose one of: {', '.join(REFINERS)}"
        )
    if weights is not None and name not in {*WITH_WEIGHTS, *REFINERS.plugins}:
        raise UnreadableInput(
            f"The refiner {name} takes no weights", f"Those that do: {', '.join(WITH_WEIGHTS)}"
        )
    given = (body,) if weights is None else (body, weights)
    return cast(Refiner, REFINERS.make(name, *given))
