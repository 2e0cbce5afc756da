"""Where the body alone is seen from."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QSizeF

from app.poses import Poses
from core.camera import Camera
from core.render import crop, orbit

MARGIN = 1.08
LARGEST_FRAME = 900


@dataclass(frozen=True)
class Eye:
    """An orbiting camera.

    Parameters
    ----------
    yaw, pitch : float
        Radians, see `core.render.orbit`; both 0 is the photograph's own camera.
    zoom : float
        1 shows all of a body.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    zoom: float = 1.0

    def on(self, poses: Poses, step: int, size: QSizeF) -> tuple[Camera, tuple[float, ...]]:
        """Return the camera that fills a frame with a body, and the turn before it.

        Parameters
        ----------
        size : QSizeF
            Of the frame in device pixels; larger ones than `LARGEST_FRAME` are drawn coarser.
        """
        reach, height_m = poses.breadth, poses.half_height
        metres_y = height_m * np.cos(self.pitch) + reach * np.sin(abs(self.pitch))
        centre = poses.centres[step]
        nearest = max(float(centre[2]) - reach, 0.3)
        pixels_a_metre = poses.camera.focal / nearest * MARGIN / self.zoom
        x, y = poses.camera.project(centre)
        pixels = min(1.0, LARGEST_FRAME / max(size.width(), size.height()))
        width, height = size.width() * pixels, size.height() * pixels
        scale = min(width / reach, height / metres_y) / (2 * pixels_a_metre)
        span_x, span_y = width / scale, height / scale
        camera = crop(
            poses.camera, float(x) - span_x / 2, float(y) - span_y / 2, span_x, span_y, scale
        )
        return camera, tuple(orbit(centre, self.yaw, self.pitch).ravel().tolist())
