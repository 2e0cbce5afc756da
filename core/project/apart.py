"""How far the runs of one person lie apart."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.pose import Parameters
from core.project.blobs import unpack_parameters
from core.project.schema import RunTable

COMPARED = 8
"""Runs, the newest, that a new one is compared with."""


def disagreement(session: Session, theta1_id: int, suggested: Parameters) -> float | None:
    """Return how far a suggestion lies from those of earlier runs on the same Θ1.

    Parameters
    ----------
    suggested : Parameters
        Batch shape ().

    Returns
    -------
    float or None
        Degrees: the largest mean over the 24 local rotations; None where there is no other run.
    """
    query = select(RunTable.id, RunTable.suggested_step, RunTable.arrays)
    newest = query.where(RunTable.theta1_id == theta1_id).order_by(RunTable.id.desc())
    apart = []
    for run_id, step, arrays in session.execute(newest.limit(COMPARED)):
        steps, _ = unpack_parameters(arrays, f"run {run_id}")
        angles = angles_between(_rotations(steps[step]), _rotations(suggested))
        apart.append(float(np.degrees(angles).mean()))
    return max(apart, default=None)


def angles_between(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the angles (...), 0 to π, between rotations given as axis-angle (..., 3)."""
    cosine = np.abs((_quaternions(one) * _quaternions(other)).sum(axis=-1))
    return np.asarray(2 * np.arccos(np.clip(cosine, 0, 1)))


def _quaternions(axis_angle: NDArray[np.floating]) -> NDArray[np.float64]:
    half = np.asarray(axis_angle, dtype=np.float64) / 2
    angle = np.linalg.norm(half, axis=-1, keepdims=True)
    return np.concatenate([np.cos(angle), np.sinc(angle / np.pi) * half], axis=-1)


def _rotations(parameters: Parameters) -> NDArray[np.floating]:
    return np.concatenate([parameters.global_orient[None], parameters.body_pose])
