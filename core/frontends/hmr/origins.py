"""What each origin of HMR's weights does around the network, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evidence import Box
from core.frontends.hmr.camera import FOCAL
from core.frontends.hmr.crop import MEAN, SIZE, STD, stretched, warped
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
        Picture (H, W, 3) and square to crop (224, 224, 3).
    layout : Rot6dLayout
        Of the pose that the network gives.
    """

    name: str
    margin: float
    cut: Callable[[NDArray[np.uint8], Region], NDArray[np.uint8]]
    layout: Rot6dLayout

    def square(self, box: Box) -> Region:
        """Return the square of the picture that the network looks at."""
        return Region(*box.centre, self.margin * box.side)

    def convention(self) -> dict[str, object]:
        """Return the conventions in words and numbers, for a manifest."""
        return {
            "rot6d": self.layout,
            "margin": self.margin,
            "crop": self.cut.__name__,
            "size": SIZE,
            "focal": FOCAL,
            "mean": MEAN,
            "std": STD,
        }


ORIGINS = {
    origin.name: origin
    for origin in (
        Origin("mmhuman3d", 1.25, warped, "interleaved_columns"),
        Origin("spin", 1.2, stretched, "interleaved_columns"),
    )
}
