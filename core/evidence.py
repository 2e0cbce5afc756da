"""What is known of a person besides Θ1."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation

BOX_MARGIN = 1.2
"""Boxes around keypoints are this much larger than them, and published evaluations crop people by
just these boxes (SPIN, mmhuman3d)."""
SAME_SQUARE = 1e-3
"""How far apart two squares may be that are the same, as a share of the side."""


@dataclass(frozen=True)
class Box:
    """Axis-aligned box in pixels: top-left corner, width, height."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        values = (self.x, self.y, self.width, self.height)
        if not np.isfinite(values).all() or self.width <= 0 or self.height <= 0:
            raise InvalidAnnotation(
                f"A person box of {values} is empty or not finite",
                "Draw or import a box with positive width and height",
            )

    @property
    def side(self) -> float:
        """Longer side in pixels; errors in the picture are stated as a share of it."""
        return max(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    def scaled(self, factor: float) -> "Box":
        """Return a box so many times as large about the same centre."""
        x, y = self.centre
        width, height = factor * self.width, factor * self.height
        return Box(x - width / 2, y - height / 2, width, height)


def overlap(one: Box, other: Box) -> float:
    """Return the intersection over union of two boxes."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def box_around(points: NDArray[np.floating], margin: float = BOX_MARGIN) -> Box | None:
    """Return the box around points (K, 2), larger by a margin; None where it is empty."""
    if not len(points):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = map(float, margin * (high - low))
    x, y = map(float, (low + high) / 2)
    if width <= 0 or height <= 0:
        return None
    return Box(x - width / 2, y - height / 2, width, height)


@dataclass(frozen=True, eq=False)
class Known:
    """Points of one person in a named convention (`core.keypoints.CONVENTIONS`).

    A point or confidence that is not finite is a missing point.
    """

    convention: str
    points: NDArray[np.float32]
    confidence: NDArray[np.float32]

    axes: ClassVar[int]

    def __post_init__(self) -> None:
        points = np.asarray(self.points, dtype=np.float32)
        confidence = np.asarray(self.confidence, dtype=np.float32)
        if points.shape != (*confidence.shape, self.axes) or confidence.ndim != 1:
            raise InvalidAnnotation(
                f"Keypoints need points (K, {self.axes}) and confidence (K,), "
                f"got {points.shape} and {confidence.shape}"
            )
        seen = np.isfinite(points).all(axis=1) & np.isfinite(confidence)
        object.__setattr__(self, "points", np.where(seen[:, None], points, np.float32(0)))
        clipped = np.clip(np.where(seen, confidence, 0), 0, 1).astype(np.float32)
        object.__setattr__(self, "confidence", clipped)


@dataclass(frozen=True, eq=False)
class Keypoints2D(Known):
    """Keypoints of one person in the picture.

    Parameters
    ----------
    convention : str
        Name of the keypoint order.
    points : NDArray, shape (K, 2)
        Pixels, origin at the corner of the top-left pixel.
    confidence : NDArray, shape (K,)
        0 (missing) to 1.
    """

    axes = 2

    def with_point(self, index: int, x: float, y: float) -> "Keypoints2D":
        """Return the same keypoints with one of them at another pixel, and sure."""
        points, confidence = self.points.copy(), self.confidence.copy()
        points[index], confidence[index] = (x, y), 1
        return Keypoints2D(self.convention, points, confidence)


@dataclass(frozen=True, eq=False)
class Joints3D(Known):
    """Joints of one person in space, as triangulation, markers or a depth camera give them.

    Parameters
    ----------
    convention : str
        Name of the keypoint order.
    points : NDArray, shape (K, 3)
        Metres, along the axes of the camera; from any origin, only differences count.
    confidence : NDArray, shape (K,)
        0 (missing) to 1.
    """

    axes = 3


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything a refiner or a score may look at, besides Θ1."""

    box: Box
    keypoints: Keypoints2D | None = None
    joints: Joints3D | None = None

    @property
    def padded(self) -> bool:
        """Whether the box is that around the keypoints, and so has `BOX_MARGIN` already.

        Middle and longer side are compared: some files know nothing but this square.
        """
        if self.keypoints is None:
            return False
        around = box_around(self.keypoints.points[self.keypoints.confidence > 0])
        if around is None:
            return False
        apart = np.subtract((*self.box.centre, self.box.side), (*around.centre, around.side))
        return bool(np.abs(apart).max() <= SAME_SQUARE * around.side)
