"""Decisions to and from JSON; float32 survives exactly."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from core.camera import Camera
from core.errors import InvalidAnnotation, UnreadableInput
from core.evidence import Box
from core.pose import Parameters
from core.pose.parameters import SHAPES
from core.project.decisions import KINDS, Bulk, Decision, Single

BULK = "bulk"
"""Kind of the decisions that hold others."""

_NAMES = {kind: name for name, kind in KINDS.items()}


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as JSON values."""
    if isinstance(decision, Bulk):
        return {"kind": BULK, "decisions": [decision_to_json(one) for one in decision.decisions]}
    data: dict[str, Any] = {"kind": kind_of(decision)}
    for name, value in ((each.name, getattr(decision, each.name)) for each in fields(decision)):
        if name in _MAY_LACK and not value:
            continue
        data[name] = _WRITE.get(name, _as_it_is)(value)
    return data


def decision_from_json(data: Any) -> Decision:
    """Rebuild a decision from `decision_to_json`.

    Raises
    ------
    UnreadableInput
        Unknown kind, or missing, surplus or impossible fields.
    """
    try:
        if data["kind"] == BULK:
            return Bulk(tuple(single_from_json(one) for one in data["decisions"]))
    except (KeyError, TypeError, InvalidAnnotation) as error:
        raise UnreadableInput(f"Not a decision: {str(data)[:80]} ({error})") from error
    return single_from_json(data)


def single_from_json(data: Any) -> Single:
    """Rebuild a decision on one person."""
    try:
        given = dict(data)
        kind = KINDS[given.pop("kind")]
        return kind(**{name: _READ.get(name, int)(value) for name, value in given.items()})
    except (KeyError, TypeError, ValueError, InvalidAnnotation) as error:
        raise UnreadableInput(f"Not a decision: {str(data)[:80]} ({error})") from error


def kind_of(decision: Single) -> str:
    """Return the name of a decision's kind."""
    return _NAMES[type(decision)]


def box_to_json(box: Box) -> list[float]:
    """Return x, y, width and height."""
    return [box.x, box.y, box.width, box.height]


def box_from_json(data: Any) -> Box:
    """Rebuild a box from `box_to_json`."""
    return Box(*map(float, data))


def _as_it_is(value: Any) -> Any:
    return value


def _parameters_to_json(parameters: Parameters) -> dict[str, Any]:
    arrays = {name: getattr(parameters, name).tolist() for name in SHAPES}
    return {**arrays, "camera": dict(vars(parameters.camera))}


def _parameters_from_json(data: dict[str, Any]) -> Parameters:
    arrays = {name: np.asarray(data[name], dtype=np.float32) for name in SHAPES}
    return Parameters(**arrays, camera=Camera(**data["camera"]))


def _parts_from_json(data: dict[str, Any]) -> dict[str, int]:
    return {part: int(step) for part, step in data.items()}


def _tags_from_json(data: list[Any]) -> tuple[str, ...]:
    return tuple(map(str, data))


_MAY_LACK = {"parts"}
_WRITE: dict[str, Callable[[Any], Any]] = {
    "parameters": _parameters_to_json,
    "parts": dict,
    "tags": list,
    "box": box_to_json,
}
_READ: dict[str, Callable[[Any], Any]] = {
    "parameters": _parameters_from_json,
    "parts": _parts_from_json,
    "tags": _tags_from_json,
    "box": box_from_json,
    "text": str,
    "track": str,
    "x": float,
    "y": float,
}
"""Other fields are whole numbers."""
