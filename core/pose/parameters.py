"""Θ: the SMPL parameters of one person, or of all steps of a trajectory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import InvalidAnnotation

Array = NDArray[np.float32]

SHAPES = {"global_orient": (3,), "body_pose": (23, 3), "betas": (10,), "transl": (3,)}


@dataclass(frozen=True, eq=False)
class Parameters:
    """SMPL parameters with any leading batch shape, and the camera they are seen by.

    Arrays are float32. `global_orient` turns the body into the camera frame (x right, y down,
    z forward), so a person who stands upright and faces the camera has a half turn about x.

    Parameters
    ----------
    global_orient : NDArray, shape (..., 3)
        Axis-angle, radians.
    body_pose : NDArray, shape (..., 23, 3)
        Axis-angle relative to the parent joint, radians.
    betas : NDArray, shape (..., 10)
        Shape components in standard deviations.
    transl : NDArray, shape (..., 3)
        Translation in metres, camera frame, added after posing (as `smplx`).
    camera : Camera
        Shared by the batch.
    """

    global_orient: Array
    body_pose: Array
    betas: Array
    transl: Array
    camera: Camera

    def __post_init__(self) -> None:
        batch = np.shape(self.global_orient)[:-1]
        for name, shape in SHAPES.items():
            array = np.asarray(getattr(self, name), dtype=np.float32)
            if array.shape != batch + shape:
                raise InvalidAnnotation(f"{name} has shape {array.shape}, expected {batch + shape}")
            if not np.isfinite(array).all():
                raise InvalidAnnotation(f"{name} holds NaN or infinite values")
            object.__setattr__(self, name, array)

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading batch shape; `()` for one annotation."""
        return self.global_orient.shape[:-1]

    def __len__(self) -> int:
        return self.batch[0]

    def __getitem__(self, index: int | slice | NDArray[np.int64]) -> "Parameters":
        arrays = {name: getattr(self, name)[index] for name in SHAPES}
        return replace(self, **arrays)

    @classmethod
    def stack(cls, items: Sequence["Parameters"]) -> "Parameters":
        """Stack annotations that share a camera along a new first axis."""
        arrays = {name: np.stack([getattr(item, name) for item in items]) for name in SHAPES}
        return cls(**arrays, camera=items[0].camera)
