"""What keypoints refiners are given: the projected truth in sight, made wrong in stated ways."""

from dataclasses import dataclass

import numpy as np

from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import COCO, CONVENTIONS
from core.metrics.picture import CROP
from training.bench.crowd import random_of
from training.bench.rows import CLICKING
from training.corpora.records import Sample


@dataclass(frozen=True)
class Condition:
    """How wrong the keypoints are.

    Parameters
    ----------
    noise : float
        Spread in each direction, pixels of a crop of 224.
    missing : float
        Share of the keypoints in sight that are not given.
    outliers : float
        Share that lies anywhere in the box.
    """

    noise: float
    missing: float = 0.0
    outliers: float = 0.0


CONDITIONS: dict[str, Condition | None] = {
    "clean": Condition(0),
    "2 px": Condition(2),
    "4 px": Condition(CLICKING),
    "8 px": Condition(8),
    "16 px": Condition(16),
    "4 px, 30 % missing": Condition(CLICKING, missing=0.3),
    "4 px, 10 % outliers": Condition(CLICKING, outliers=0.1),
    "none": None,
}
"""By name; None gives no keypoints at all."""
CLICKED, NONE = "4 px", "none"
MAIN = (CLICKED, NONE)
"""Measured on everybody, and by families; steps are chosen on the validation split under these."""
NOISES = ("clean", "2 px", "4 px", "8 px", "16 px", "none")
"""From the best keypoints to none."""


def true_keypoints(sample: Sample) -> Keypoints2D | None:
    """Return COCO's keypoints of a person, those out of sight with no confidence."""
    keypoints = sample.keypoints
    if keypoints is None:
        return None
    names = CONVENTIONS[keypoints.convention]
    index = [names.index(name) for name in COCO]
    return Keypoints2D("coco", keypoints.points[index], keypoints.confidence[index])


def evidence_of(sample: Sample, box: Box, condition: Condition | None) -> Evidence:
    """Make a person's evidence; draws follow from the name, and all conditions share them."""
    keypoints = true_keypoints(sample)
    if condition is None or keypoints is None:
        return Evidence(box)
    draws, count = random_of(sample), len(COCO)
    noise = draws.normal(0, 1, (count, 2)) * (condition.noise / CROP * box.side)
    missing, wrong = draws.uniform(size=(2, count))
    anywhere = np.array([box.x, box.y]) + draws.uniform(size=(count, 2)) * (box.width, box.height)
    points = np.where((wrong < condition.outliers)[:, None], anywhere, keypoints.points + noise)
    given = np.where(missing < condition.missing, 0, keypoints.confidence)
    return Evidence(box, Keypoints2D("coco", points.astype(np.float32), given.astype(np.float32)))
