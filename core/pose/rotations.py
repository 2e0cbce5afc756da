"""Rotations on torch tensors, one name for each layout. Radians; any leading batch shape."""

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from core.pose.parameters import Parameters
from core.pose.roma_alone import roma

Rot6dLayout = Literal["columns", "interleaved_columns", "rows"]
"""How six numbers hold a rotation matrix.

`columns`: first column, then second (4D-Humans, ScoreHMR). `interleaved_columns`: the first two
columns row by row (SPIN, mmhuman3d). `rows`: first row, then second (PyTorch3D).
"""


_EYE = torch.eye(3)
_CROSS = torch.linalg.cross(_EYE[:, None], _EYE[None]).mT.flatten(1)
"""A vector times it is the matrix (9,) that crosses the vector with others."""


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Turn axis-angle (..., 3) into rotation matrices (..., 3, 3).

    By the unit quaternion (w, q): (w² - q·q) I + 2 q qᵀ + 2 w [q]ₓ. Differentiable at 0 too.
    """
    half = torch.linalg.vector_norm(axis_angle, dim=-1, keepdim=True) / 2
    w, q = half.cos(), torch.sinc(half / torch.pi) * (axis_angle / 2)
    skew = ((2 * w * q) @ _CROSS.to(q)).unflatten(-1, (3, 3))
    scale = (w.square() - q.square().sum(-1, keepdim=True))[..., None]
    matrix: Tensor = scale * _EYE.to(q) + (2 * q)[..., None] * q[..., None, :] + skew
    return matrix


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """Turn rotation matrices (..., 3, 3) into axis-angle (..., 3) of at most π."""
    axis_angle: Tensor = roma.rotmat_to_rotvec(matrix)
    return axis_angle


def matrix_to_rot6d(matrix: Tensor, layout: Rot6dLayout) -> Tensor:
    """Keep six numbers (..., 6) of rotation matrices (..., 3, 3)."""
    if layout == "columns":
        six = matrix[..., :2].mT
    elif layout == "interleaved_columns":
        six = matrix[..., :2]
    elif layout == "rows":
        six = matrix[..., :2, :]
    else:
        raise ValueError(f"no rot6d layout named {layout!r}")
    return six.flatten(-2)


def rot6d_to_matrix(six: Tensor, layout: Rot6dLayout) -> Tensor:
    """Turn any six numbers (..., 6) into the rotation matrices (..., 3, 3) they span.

    Gram-Schmidt (Zhou et al., On the Continuity of Rotation Representations, CVPR 2019).
    """
    if layout == "interleaved_columns":
        first, second = six.reshape(*six.shape[:-1], 3, 2).unbind(-1)
    elif layout in ("columns", "rows"):
        first, second = six.reshape(*six.shape[:-1], 2, 3).unbind(-2)
    else:
        raise ValueError(f"no rot6d layout named {layout!r}")
    x = torch.nn.functional.normalize(first, dim=-1)
    y = second - (x * second).sum(-1, keepdim=True) * x
    y = torch.nn.functional.normalize(y, dim=-1)
    axes = (x, y, torch.linalg.cross(x, y))
    return torch.stack(axes, dim=-2 if layout == "rows" else -1)


def project_to_so3(matrix: Tensor) -> Tensor:
    """Find the rotations nearest to any matrices (..., 3, 3), in the Frobenius norm."""
    rotation: Tensor = roma.special_procrustes(matrix)
    return rotation


def turned_between(rotations: Tensor, after: Tensor, share: Tensor) -> Tensor:
    """Turn evenly from one rotation of a row to the next, the shorter way (slerp).

    Parameters
    ----------
    rotations : Tensor, shape (..., K, J, 3, 3)
        Rows of J joints each.
    after : Tensor, shape (N,), int64
        From which row, 0 to K - 2.
    share : Tensor, shape (N,)
        How far to the next: 0 to 1.

    Returns
    -------
    Tensor, shape (..., N, J, 3)
        Axis-angle.
    """
    rows = roma.rotmat_to_unitquat(rotations)
    start, end = rows[..., after, :, :], rows[..., after + 1, :, :]
    cosine = (start * end).sum(-1, keepdim=True)
    angle = torch.acos(cosine.abs().clamp(max=1)).clamp(min=1e-4)
    share = share[:, None, None]
    end = torch.where(cosine < 0, -end, end)
    between = torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end
    axis_angle: Tensor = roma.unitquat_to_rotvec(torch.nn.functional.normalize(between, dim=-1))
    return axis_angle


def geodesic(a: Tensor, b: Tensor) -> Tensor:
    """Angle (...) in radians, 0 to π, between rotation matrices (..., 3, 3)."""
    turn = a.mT @ b
    skew = turn - turn.mT
    sine = torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], dim=-1).norm(dim=-1) / 2
    cosine = (turn.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2
    # atan2 stays exact at 0 and at π, where acos and asin do not
    return torch.atan2(sine, cosine)


def rotations_of(parameters: Parameters) -> Tensor:
    """Return the 24 local rotations (..., 24, 3, 3) of Θ, float32, the pelvis' first."""
    orient = torch.from_numpy(parameters.global_orient)[..., None, :]
    pose = torch.from_numpy(parameters.body_pose)
    return axis_angle_to_matrix(torch.cat([orient, pose], dim=-2))


def with_rotations(parameters: Parameters, rotations: Tensor) -> Parameters:
    """Return Θ with other local rotations (..., 24, 3, 3); the rest is kept.

    The batch shape of the rotations must be that of the parameters.
    """
    axis_angle = matrix_to_axis_angle(rotations.detach()).cpu().numpy()
    return replace(
        parameters, global_orient=axis_angle[..., 0, :], body_pose=axis_angle[..., 1:, :]
    )
