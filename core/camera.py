"""Full-perspective pinhole camera.

Camera frame as OpenCV's: x right, y down, z forward, metres. Pixels have their origin at the
corner of the top-left pixel, x right, y down.
"""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Camera:
    """Intrinsics of the picture that a person is seen in.

    Parameters
    ----------
    focal : float
        Focal length in pixels, the same along x and y.
    cx, cy : float
        Principal point in pixels.
    width, height : int
        Size of the picture in pixels.
    """

    focal: float
    cx: float
    cy: float
    width: int
    height: int

    @classmethod
    def assumed(cls, width: int, height: int) -> "Camera":
        """Return the camera assumed where none is known: focal length = image diagonal.

        Source: CLIFF (ECCV 2022), about 55 degrees across the diagonal.
        """
        return cls(hypot(width, height), width / 2, height / 2, width, height)

    def project(self, points: Floats) -> Floats:
        """Project points (..., 3) in metres, camera frame, to pixels (..., 2).

        Points at or behind the camera plane are taken 1 mm in front of it.
        """
        depth = np.maximum(points[..., 2:3], 1e-3)
        centre = np.array([self.cx, self.cy], dtype=points.dtype)
        return np.asarray(points[..., :2] / depth * self.focal + centre)
