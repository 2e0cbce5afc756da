"""Moving and turning a body by hand."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.pose import Parameters

NEAREST = 0.3
"""Metres."""


@dataclass(frozen=True)
class Correction:
    """What a hand does to a body: a turn about its pelvis, a shift in its picture, a distance.

    Parameters
    ----------
    right, down : float
        Shift of the body in pixels.
    nearer : float
        Factor on the distance; the pelvis stays on its ray, so the body grows or shrinks.
    yaw, pitch, roll : float
        Radians, in this order, about the camera's axes y, x and z. Positive yaw takes the side
        that faces the camera to the left, positive pitch takes it down, positive roll is clockwise.
    """

    right: float = 0.0
    down: float = 0.0
    nearer: float = 1.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    @property
    def turns(self) -> bool:
        """Whether the body is turned, not only moved."""
        return (self.yaw, self.pitch, self.roll) != (0.0, 0.0, 0.0)

    def shifted(self, right: float, down: float) -> "Correction":
        """Shift further, in pixels."""
        return replace(self, right=self.right + right, down=self.down + down)

    def turned(self, yaw: float, pitch: float) -> "Correction":
        """Turn further, in radians."""
        return replace(self, yaw=self.yaw + yaw, pitch=self.pitch + pitch)

    def view(self, pelvis: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the turn about a point (3,), metres, as a motion (4, 4)."""
        view = np.eye(4)
        view[:3, :3] = _matrix(_quaternion(self))
        view[:3, 3] = pelvis - view[:3, :3] @ pelvis
        return view

    def of(self, parameters: Parameters, pelvis: NDArray[np.floating]) -> Parameters:
        """Return a corrected annotation, batch shape (), whose pelvis (3,) is told in metres."""
        z = max(float(pelvis[2]) * self.nearer, NEAREST)
        shift = np.array([self.right, self.down, 0]) * z / parameters.camera.focal
        there = pelvis * (z / float(pelvis[2])) + shift
        orient = _product(_quaternion(self), _of_axis_angle(parameters.global_orient))
        return replace(
            parameters,
            global_orient=_axis_angle(orient) if self.turns else parameters.global_orient,
            # SMPL turns the body about the pelvis, which therefore only moves with `transl`
            transl=(parameters.transl + (there - pelvis)).astype(np.float32),
        )


def _quaternion(correction: Correction) -> NDArray[np.float64]:
    turn = np.array([1.0, 0, 0, 0])
    for axis, angle in ((1, correction.yaw), (0, correction.pitch), (2, correction.roll)):
        turn = _product(_of_axis_angle(np.eye(3)[axis] * angle), turn)
    return turn


def _of_axis_angle(vector: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return a rotation as a quaternion (w, x, y, z)."""
    angle = float(np.linalg.norm(vector))
    # sinc is sine(x)/x and goes on to 0
    return np.append(np.cos(angle / 2), np.asarray(vector) * np.sinc(angle / 2 / np.pi) / 2)


def _axis_angle(quaternion: NDArray[np.float64]) -> NDArray[np.float32]:
    w, vector = quaternion[0], quaternion[1:]
    sine = float(np.linalg.norm(vector))
    angle = 2 * np.arctan2(sine, w)
    angle -= 2 * np.pi * (angle > np.pi)
    return np.asarray(vector * (angle / max(sine, 1e-12)), dtype=np.float32)


def _product(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation that turns by b, then by a."""
    w, v = a[0] * b[0] - a[1:] @ b[1:], a[0] * b[1:] + b[0] * a[1:] + np.cross(a[1:], b[1:])
    return np.append(w, v)


def _matrix(quaternion: NDArray[np.float64]) -> NDArray[np.float64]:
    w, x, y, z = quaternion
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + 2 * (w * skew + skew @ skew))
