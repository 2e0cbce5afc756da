"""Square, turned regions of a picture, and their pixels as network input."""

from dataclasses import dataclass
from math import atan2, cos, hypot, sin
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.evidence import Box

REGION_MARGIN = 1.25
"""How much longer the side of a region is than the person in it (BlazePose's own)."""


@dataclass(frozen=True)
class Region:
    """A square of a picture, turned about its centre.

    Parameters
    ----------
    x, y : float
        Centre in pixels.
    side : float
        Pixels.
    angle : float
        Radians, clockwise in the picture; 0 is upright.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    @classmethod
    def of_box(cls, box: Box) -> Self:
        """Return the upright region around a person's box."""
        return cls(*box.centre, REGION_MARGIN * box.side)

    @classmethod
    def of_alignment(cls, centre: NDArray[np.floating], top: NDArray[np.floating]) -> Self:
        """Return the region around the circle that BlazePose sees a person in.

        Parameters
        ----------
        centre, top : NDArray, shape (2,)
            Middle of the hips, and the point of the circle above the head, pixels.
        """
        dx, dy = (float(value) for value in top - centre)
        side = 2 * REGION_MARGIN * hypot(dx, dy)
        return cls(float(centre[0]), float(centre[1]), side, atan2(dx, -dy))

    @property
    def rotation(self) -> NDArray[np.float64]:
        """The turn from the region's axes to the picture's, shape (2, 2)."""
        c, s = cos(self.angle), sin(self.angle)
        return np.array([[c, -s], [s, c]])

    def to_pixels(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map points (..., 2), as shares of the side from the top-left corner, to pixels."""
        return (points - 0.5) * self.side @ self.rotation.T + (self.x, self.y)

    def crop(self, image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
        """Cut the region out, (size, size, 3); black where it leaves the picture.

        Only the rows and columns that the region touches are read, and they are averaged down
        before sampling, so that a huge picture costs little and does not alias.
        """
        corners = self.to_pixels(np.array([[0, 0], [1, 0], [0, 1], [1, 1]]))
        height, width = image.shape[:2]
        low = np.clip(np.floor(corners.min(0)) - 1, 0, (width, height)).astype(int)
        high = np.clip(np.ceil(corners.max(0)) + 1, 0, (width, height)).astype(int)
        if not (high > low).all():
            return np.zeros((size, size, 3), dtype=np.uint8)
        patch = Image.fromarray(image[low[1] : high[1], low[0] : high[0]])
        factor = max(1, int(self.side / size))
        patch = patch.reduce(factor)
        across = self.rotation * (self.side / size / factor)
        start = (self.to_pixels(np.zeros(2)) - low) / factor
        affine = (*across[0], start[0], *across[1], start[1])
        crop = patch.transform(
            (size, size), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
        )
        return np.asarray(crop)
