"""What each origin of HMR's weights does around the network, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.files import SMPL_VERTICES
from core.evidence import Box
from core.frontends.hmr.camera import View, carried, turned
from core.frontends.hmr.crop import MEAN, STD, averaged, stretched, warped
from core.frontends.regions import Region
from core.pose.rotations import Rot6dLayout


@dataclass(frozen=True)
class Origin:
    """Conventions of one family of checkpoints.

    Parameters
    ----------
    name : str
        Key in `ORIGINS`.
    margin : float
        Side of the crop over the longer side of the person's box.
    cut : callable
        Picture (H, W, 3), square and size to crop (size, size, 3).
    view : callable
        Square, size, width and height of the picture to `View`.
    layout : Rot6dLayout
        Of the pose that the network gives.
    vertices : int
        Of the body that its betas are those of.
    pelvis : tuple of float
        Of that body's mean shape in the rest pose, metres: the network's camera is of it.
    """

    name: str
    margin: float
    cut: Callable[[NDArray[np.uint8], Region, int], NDArray[np.uint8]]
    view: Callable[[Region, int, int, int], View]
    layout: Rot6dLayout
    vertices: int
    pelvis: tuple[float, float, float]

    def square(self, box: Box) -> Region:
        """Return the square of the picture that the network looks at."""
        return Region(*box.centre, self.margin * box.side)

    def convention(self) -> dict[str, object]:
        """Return the conventions in words and numbers, for a manifest."""
        return {
            "rot6d": self.layout,
            "margin": self.margin,
            "crop": self.cut.__name__,
            "view": self.view.__name__,
            "mean": MEAN,
            "std": STD,
        }


_SMPL = (SMPL_VERTICES, (-0.002, -0.223, 0.028))
_OPEN = (6956, (0.0, -0.0001, 0.0002))

ORIGINS = {
    origin.name: origin
    for origin in (
        Origin("mmhuman3d", 1.25, warped, carried, "interleaved_columns", *_SMPL),
        Origin("spin", 1.2, stretched, carried, "interleaved_columns", *_SMPL),
        Origin("open", 1.2, averaged, turned, "columns", *_OPEN),
    )
}
