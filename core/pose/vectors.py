"""Flat vectors of Θ: global orientation first, then body pose, then betas.

| width | holds |
| --- | --- |
| 82 | 24 axis-angle (72), betas (10) |
| 226 | 24 rotation matrices row by row (216), betas (10): the paper's |
| 154 | 24 rot6d `columns` (144), betas (10) |

Translation and camera are not part of them. Any leading batch shape.
"""

import torch
from torch import Tensor

from core.pose.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    matrix_to_rot6d,
    project_to_so3,
    rot6d_to_matrix,
)

BETAS = 10
AXIS_ANGLE, ROT6D, MATRIX = 82, 154, 226


def to_vector(rotations: Tensor, betas: Tensor, width: int) -> Tensor:
    """Flatten rotations (..., 24, 3, 3) and betas (..., 10) into a vector (..., width).

    Raises
    ------
    ValueError
        The width is not 82, 154 or 226.
    """
    if width == AXIS_ANGLE:
        pose = matrix_to_axis_angle(rotations)
    elif width == ROT6D:
        pose = matrix_to_rot6d(rotations, "columns")
    elif width == MATRIX:
        pose = rotations.flatten(-2)
    else:
        raise ValueError(f"no vector of Θ is {width} wide; 82, 154 and 226 are")
    return torch.cat([pose.flatten(-2), betas], dim=-1)


def from_vector(vector: Tensor) -> tuple[Tensor, Tensor]:
    """Split a vector (..., 82 | 154 | 226), told by its width, into valid Θ.

    Matrices and rot6d need not be rotations: the nearest ones (Gram-Schmidt for rot6d) are taken.

    Returns
    -------
    rotations : Tensor, shape (..., 24, 3, 3)
    betas : Tensor, shape (..., 10)

    Raises
    ------
    ValueError
        The width is not 82, 154 or 226.
    """
    pose, betas = vector[..., :-BETAS], vector[..., -BETAS:]
    batch, width = vector.shape[:-1], vector.shape[-1]
    if width == AXIS_ANGLE:
        return axis_angle_to_matrix(pose.reshape(*batch, 24, 3)), betas
    if width == ROT6D:
        return rot6d_to_matrix(pose.reshape(*batch, 24, 6), "columns"), betas
    if width == MATRIX:
        return project_to_so3(pose.reshape(*batch, 24, 3, 3)), betas
    raise ValueError(f"no vector of Θ is {width} wide; 82, 154 and 226 are")
