"""From landmarks to boxes of people, each person once."""

import numpy as np
from numpy.typing import NDArray

from core.evidence import Box
from core.frontends.landmarks import Landmarks
from core.keypoints import BLAZEPOSE

MIN_VISIBILITY = 0.5
SAME_PERSON = 0.1
"""Landmarks that lie this near on average, as a share of the box side, are of one person."""
PADDING = 0.05
"""Share of the side that a box reaches beyond the landmarks: flesh, fingers, soles."""
CROWN = 2.8
"""From mouth to crown over from mouth to eyes, in a face seen from the front."""

_EYES = [BLAZEPOSE.index("left_eye"), BLAZEPOSE.index("right_eye")]
_MOUTH = [BLAZEPOSE.index("mouth_left"), BLAZEPOSE.index("mouth_right")]


def distinct(people: list[Landmarks]) -> list[Landmarks]:
    """Drop those who are found a second time; keeps the order."""
    kept: list[Landmarks] = []
    for person in people:
        side = box_of(person).side
        distances = [np.linalg.norm(person.points - other.points, axis=1).mean() for other in kept]
        if min(distances, default=side) > SAME_PERSON * side:
            kept.append(person)
    return kept


def box_of(person: Landmarks, width: float = np.inf, height: float = np.inf) -> Box:
    """Return the box around what is visible of a person, cut at the picture's edges, in pixels."""
    points = np.concatenate([person.points, _crown(person.points)])
    visible = np.append(person.visibility, person.visibility[0]) >= MIN_VISIBILITY
    points = points[visible] if visible.sum() > 1 else points
    low, high = points.min(0), points.max(0)
    margin = PADDING * max(high - low)
    x, y = np.clip(low - margin, 0, (width, height))
    right, bottom = np.clip(high + margin, 0, (width, height))
    return Box(float(x), float(y), float(max(right - x, 1)), float(max(bottom - y, 1)))


def _crown(points: NDArray[np.float32]) -> NDArray[np.float32]:
    eyes, mouth = points[_EYES].mean(0), points[_MOUTH].mean(0)
    return np.asarray(mouth + CROWN * (eyes - mouth))[None]
