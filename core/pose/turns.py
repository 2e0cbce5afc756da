"""By how much two poses differ, joint by joint; numpy alone, for the window."""

import numpy as np
from numpy.typing import NDArray

from core.pose.parameters import Parameters


def turns(one: Parameters, other: Parameters) -> NDArray[np.float64]:
    """Tell how far each joint's local rotation is turned from one pose to another.

    Returns
    -------
    NDArray, shape (..., 24)
        Degrees, 0 to 180; the first is the global orientation.
    """
    both = [_quaternions(pose) for pose in (one, other)]
    cosine = np.abs((both[0] * both[1]).sum(axis=-1))
    sine = np.linalg.norm(_vector_of_quotient(*both), axis=-1)
    return np.asarray(np.degrees(2 * np.arctan2(sine, cosine)), np.float64)


def _quaternions(pose: Parameters) -> NDArray[np.float64]:
    """Rotations (..., 24, 4) as unit quaternions, the real part first."""
    vectors = np.concatenate([pose.global_orient[..., None, :], pose.body_pose], axis=-2)
    vectors = vectors.astype(np.float64)
    half = np.linalg.norm(vectors, axis=-1, keepdims=True) / 2
    # sinc is sin(pi x) / (pi x): no division by an angle of 0
    imaginary = vectors / 2 * np.sinc(half / np.pi)
    return np.concatenate([np.cos(half), imaginary], axis=-1)


def _vector_of_quotient(
    one: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Imaginary part of conj(one) * other; exact where the two are close."""
    real, vector = one[..., :1], one[..., 1:]
    return np.asarray(
        real * other[..., 1:] - other[..., :1] * vector - np.cross(vector, other[..., 1:])
    )
