"""What readers of dataset files yield: one record a person, or one failure."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import InvalidAnnotation
from core.evidence import Box, Keypoints2D
from core.pose import Parameters

SMALLEST_BOX, LARGEST_PIXEL = 1.0, 1e5
"""Pixels: a smaller box, or a place farther away, is a mistake."""


@dataclass(frozen=True, eq=False)
class Record:
    """One person of a dataset file.

    Parameters
    ----------
    name : str
        Where in the file, for messages.
    image : Path
        The picture.
    box : Box
        Pixels.
    keypoints : Keypoints2D or None
        2D evidence.
    theta1 : Parameters or None
        Rough annotation, batch shape ().
    placed : bool
        Whether `theta1.transl` and its camera are the file's; else they are to be found.
    track : str or None
        Identity over a video.

    Raises
    ------
    InvalidAnnotation
        Box or keypoints are of an absurd size, or absurdly far away.
    """

    name: str
    image: Path
    box: Box
    keypoints: Keypoints2D | None = None
    theta1: Parameters | None = None
    placed: bool = True
    track: str | None = None

    def __post_init__(self) -> None:
        box = self.box
        if box.side < SMALLEST_BOX or max(abs(box.x), abs(box.y), box.side) > LARGEST_PIXEL:
            raise InvalidAnnotation(f"the box {box.x, box.y, box.width, box.height} is absurd")
        if self.keypoints is not None:
            seen = self.keypoints.points[self.keypoints.confidence > 0]
            if (np.abs(seen) > LARGEST_PIXEL).any():
                raise InvalidAnnotation("keypoints lie absurdly far outside the picture")


@dataclass(frozen=True)
class Failure:
    """One item of a dataset file that cannot be used.

    Parameters
    ----------
    name : str
        Where in the file.
    why : str
        What is wrong with it.
    """

    name: str
    why: str
