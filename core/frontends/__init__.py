"""Frontends: a picture and a box in, evidence and Θ1 out. A new one is a file and a row here."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.evidence import Box, Keypoints2D
from core.pose import Parameters


@dataclass(frozen=True, eq=False)
class RoughAnnotation:
    """What a frontend says of one person.

    Parameters
    ----------
    theta1 : Parameters
        Θ1, batch shape ().
    keypoints : Keypoints2D or None
        Evidence that the frontend saw itself.
    """

    theta1: Parameters
    keypoints: Keypoints2D | None


class Frontend(Protocol):
    """What every frontend offers."""

    name: str
    weights_sha256: str

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Find people in a picture (H, W, 3) RGB; boxes in pixels, best first, may be empty."""
        ...

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        """Annotate one person.

        Parameters
        ----------
        image : NDArray, shape (H, W, 3), uint8
            RGB.
        box : Box
            The person, in pixels.
        keypoints : Keypoints2D or None
            Given evidence (drawn, imported); preferred to the frontend's own where present.

        Raises
        ------
        NoPersonFound
            Nobody is in the box.
        """
        ...
