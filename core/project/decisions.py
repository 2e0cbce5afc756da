"""The reviewer's acts: frozen, to and from JSON, and described in words."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.camera import Camera
from core.errors import InvalidAnnotation, UnreadableInput
from core.pose import Parameters
from core.pose.parameters import SHAPES


@dataclass(frozen=True)
class Accept:
    """Accept a step of a run; step 0 keeps Θ1."""

    person_id: int
    run_id: int
    step: int

    def describe(self) -> str:
        """Say what was decided."""
        what = f"accepted step {self.step}" if self.step else "kept step 0"
        return f"{what} of person {self.person_id}"


@dataclass(frozen=True)
class AcceptTheta1:
    """Accept a rough annotation that needs no run."""

    person_id: int
    theta1_id: int

    def describe(self) -> str:
        """Say what was decided."""
        return f"accepted the rough annotation of person {self.person_id}"


@dataclass(frozen=True)
class Reject:
    """Leave a person out of the dataset."""

    person_id: int

    def describe(self) -> str:
        """Say what was decided."""
        return f"rejected person {self.person_id}"


@dataclass(frozen=True)
class Flag:
    """Put a person aside for someone else."""

    person_id: int

    def describe(self) -> str:
        """Say what was decided."""
        return f"flagged person {self.person_id}"


@dataclass(frozen=True, eq=False)
class Place:
    """Place or move the body by hand: a new Θ1; the person is undecided again."""

    person_id: int
    parameters: Parameters

    def describe(self) -> str:
        """Say what was decided."""
        return f"placed the body of person {self.person_id} by hand"


Decision = Accept | AcceptTheta1 | Reject | Flag | Place

_BY_IDS: dict[str, type[Accept | AcceptTheta1 | Reject | Flag]] = {
    "accept": Accept,
    "accept_theta1": AcceptTheta1,
    "reject": Reject,
    "flag": Flag,
}
_NAMES = {kind: name for name, kind in _BY_IDS.items()}


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as JSON values; float32 survives exactly."""
    if isinstance(decision, Place):
        parameters = _parameters_to_json(decision.parameters)
        return {"kind": "place", "person_id": decision.person_id, "parameters": parameters}
    return {"kind": _NAMES[type(decision)], **vars(decision)}


def decision_from_json(data: Any) -> Decision:
    """Rebuild a decision from `decision_to_json`.

    Raises
    ------
    UnreadableInput
        Unknown kind, or missing, surplus or impossible fields.
    """
    try:
        fields = dict(data)
        kind = fields.pop("kind")
        if kind == "place":
            return Place(int(fields["person_id"]), _parameters_from_json(fields["parameters"]))
        return _BY_IDS[kind](**{name: int(value) for name, value in fields.items()})
    except (KeyError, TypeError, ValueError, InvalidAnnotation) as error:
        raise UnreadableInput(f"Not a decision: {str(data)[:80]} ({error})") from error


def _parameters_to_json(parameters: Parameters) -> dict[str, Any]:
    arrays = {name: getattr(parameters, name).tolist() for name in SHAPES}
    return {**arrays, "camera": dict(vars(parameters.camera))}


def _parameters_from_json(data: dict[str, Any]) -> Parameters:
    arrays = {name: np.asarray(data[name], dtype=np.float32) for name in SHAPES}
    return Parameters(**arrays, camera=Camera(**data["camera"]))
