"""Where the body alone is seen from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSizeF

from app.poses import Poses
from core.camera import Camera
from core.parts import PART_NAMES
from core.render import crop, orbit

MARGIN = 1.08
LARGEST_FRAME = 900
STRIDE = 8


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the bodies to look at, the same at every step.

    Parameters
    ----------
    offset : NDArray, shape (3,)
        Its middle from that of the body, metres.
    reach : float
        How far the part comes from there at any step, metres.
    """

    offset: NDArray[np.floating]
    reach: float


def region_of(poses: Poses, part: str) -> Region | None:
    """Find where a part is, by some of its vertices; None for the whole body (empty)."""
    number = PART_NAMES.index(part) if part else -1
    own = np.flatnonzero(poses.vertex_part == number)[::STRIDE]
    if not len(own):  # nor has every body every part
        return None
    there = poses.vertices[:, own] - poses.centres[:, None]
    offset = (there.min(axis=(0, 1)) + there.max(axis=(0, 1))) / 2
    return Region(offset, float(np.linalg.norm(there - offset, axis=-1).max()))


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

    def on(
        self, poses: Poses, step: int, size: QSizeF, region: Region | None = None
    ) -> tuple[Camera, tuple[float, ...]]:
        """Return the camera that fills a frame with a body, or a part, and the turn before it.

        Parameters
        ----------
        size : QSizeF
            Of the frame in device pixels; larger ones than `LARGEST_FRAME` are drawn coarser.
        """
        reach, height_m = poses.breadth, poses.half_height
        metres_y = height_m * np.cos(self.pitch) + reach * np.sin(abs(self.pitch))
        centre = poses.centres[step]
        if region is not None:
            reach = metres_y = region.reach
            centre = centre + region.offset
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
