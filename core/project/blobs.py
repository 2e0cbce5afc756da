"""Values of a project as they are stored: arrays as safetensors, the rest as JSON; no code runs."""

import json
from dataclasses import astuple
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from core.camera import Camera
from core.errors import DiffAnnotError, ProjectError
from core.evidence import Known
from core.pose import Parameters
from core.pose.parameters import SHAPES
from core.trajectory import PartSuggestion

Extra = dict[str, NDArray[np.float32]]
Seen = TypeVar("Seen", bound=Known)


def pack_parameters(parameters: Parameters, extra: Extra | None = None) -> bytes:
    """Return parameters, their camera and further arrays as bytes."""
    camera = parameters.camera
    arrays: dict[str, NDArray[np.generic]] = {
        # safetensors writes the buffer as it lies: it must be contiguous
        name: np.ascontiguousarray(getattr(parameters, name))
        for name in SHAPES
    }
    arrays["camera"] = np.array(
        [camera.focal, camera.cx, camera.cy, camera.width, camera.height], dtype=np.float64
    )
    for name, array in (extra or {}).items():
        arrays[name] = np.ascontiguousarray(array, dtype=np.float32)
    return save(arrays)


def unpack_parameters(blob: bytes, what: str) -> tuple[Parameters, Extra]:
    """Rebuild what `pack_parameters` stored; `what` names it in errors.

    Raises
    ------
    ProjectError
        The bytes are damaged.
    """
    try:
        arrays = load(blob)
        focal, cx, cy, width, height = arrays.pop("camera").tolist()
        camera = Camera(focal, cx, cy, int(width), int(height))
        theta = {name: arrays.pop(name) for name in SHAPES}
        return Parameters(**theta, camera=camera), arrays
    except (SafetensorError, KeyError, ValueError, DiffAnnotError) as error:
        raise ProjectError(f"The stored arrays of {what} are damaged: {error}") from error


def pack_known(known: Known) -> bytes:
    """Return coordinates and confidence of keypoints or joints as (K, D + 1) float32 bytes."""
    return np.column_stack([known.points, known.confidence]).astype("<f4").tobytes()


def unpack_known(kind: type[Seen], convention: str, blob: bytes, what: str) -> Seen:
    """Rebuild keypoints or joints from `pack_known`."""
    if len(blob) % (4 * (kind.axes + 1)):
        raise ProjectError(f"The stored keypoints of {what} are damaged")
    table = np.frombuffer(blob, dtype="<f4").reshape(-1, kind.axes + 1)
    return kind(convention, table[:, :-1], table[:, -1])


def pack_parts(parts: tuple[PartSuggestion, ...]) -> str:
    """Return what is suggested for parts as JSON."""
    return json.dumps([astuple(each) for each in parts])


def unpack_parts(text: str, what: str) -> tuple[PartSuggestion, ...]:
    """Rebuild what `pack_parts` stored; `what` names it in errors."""
    try:
        return tuple(PartSuggestion(*each) for each in json.loads(text))
    except (ValueError, TypeError) as error:
        raise ProjectError(f"The suggestions for parts of {what} are damaged: {error}") from error
