"""How far the keypoints are missed, each by each step."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from core.evidence import Evidence, Keypoints2D
from core.keypoints import BODY_POINTS, body_points
from core.placement import FEWEST_KEYPOINTS, place
from core.pose import PARTS, Parameters
from core.pose.rotations import rotations_of
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

LARGEST_MISS = 0.15
"""A keypoint farther off than this share of the box counts as this far: it may be wrong itself."""

PART_NAMES = tuple(PARTS)


@dataclass(frozen=True, eq=False)
class Misses:
    """Distances of the K usable keypoints.

    Parameters
    ----------
    distance : NDArray, shape (N+1, K), float32
        Of every keypoint at every step, share of the box side, at most `LARGEST_MISS`.
    weight : NDArray, shape (K,)
        Confidence, 1 in total.
    part : NDArray, shape (K,)
        Index into `PART_NAMES` of the body part each is on.
    """

    distance: NDArray[np.float32]
    weight: NDArray[np.float32]
    part: NDArray[np.int64]

    @property
    def mean(self) -> NDArray[np.float32]:
        """Weighted mean (N+1,) over the keypoints."""
        return np.asarray(self.distance @ self.weight, np.float32)

    def sure_fall(self, errors: float) -> NDArray[np.float32]:
        """Fall (N+1,) of the mean against step 0, less so many of its standard errors.

        The keypoints are taken for independent draws of the person's; it is what a bootstrap of
        them gives, in closed form.
        """
        fall = self.distance[:1] - self.distance
        mean = fall @ self.weight
        draws = 1 / np.square(self.weight).sum()
        variance = np.square(fall - mean[:, None]) @ self.weight / max(draws - 1, 1)
        return np.asarray(mean - errors * np.sqrt(variance), np.float32)


def misses_of(
    trajectory: Trajectory, evidence: Evidence, body: "BodyModel", trials: bool = True
) -> Misses | None:
    """Measure how far every step misses every keypoint.

    Each step, 0 included, is first moved to where it fits the keypoints best: the pose is judged,
    not where it stands. With trials, each keypoint is missed by the trial that did not know it,
    placed by the keypoints that it knew.

    Parameters
    ----------
    trajectory : Trajectory
        The steps, and their trials if they have any.
    evidence : Evidence
        With the keypoints.
    body : BodyModel
        Gives the points that they look at.
    trials : bool
        Whether to look at trials.

    Returns
    -------
    Misses or None
        None where fewer than three keypoints have a place on the body.
    """
    keypoints = evidence.keypoints
    if keypoints is None:
        return None
    point = body_points(keypoints.convention)
    used = (point >= 0) & (keypoints.confidence > 0)
    if used.sum() < FEWEST_KEYPOINTS:
        return None
    distance = _distances(trajectory.steps, keypoints, keypoints, body)
    for trial in trajectory.trials if trials else ():
        known = replace(
            keypoints, confidence=np.where(trial.hidden, np.float32(0), keypoints.confidence)
        )
        distance[:, trial.hidden] = _distances(trial.steps, known, keypoints, body)[:, trial.hidden]
    capped = np.minimum(distance[:, used] / evidence.box.side, LARGEST_MISS)
    confidence = keypoints.confidence[used]
    return Misses(capped.astype(np.float32), confidence / confidence.sum(), _PART[point[used]])


def _distances(
    steps: Parameters, known: Keypoints2D, keypoints: Keypoints2D, body: "BodyModel"
) -> NDArray[np.float32]:
    """Distances (N+1, K) in pixels of all keypoints from steps placed by those that are known."""
    if placed := place(steps, known, body):
        transl = placed.transl
    else:
        transl = torch.from_numpy(steps.transl)
    with torch.no_grad():
        points = body.points(rotations_of(steps), torch.from_numpy(steps.betas), transl)
    pixels = steps.camera.project(points.numpy())[:, body_points(keypoints.convention)]
    return np.asarray(np.linalg.norm(pixels - keypoints.points, axis=-1), np.float32)


def _parts() -> NDArray[np.int64]:
    """Tell the part of each of the 45 body points."""
    part = np.zeros(len(BODY_POINTS), np.int64)
    for number, joints in enumerate(PARTS.values()):
        part[list(joints)] = number
    for index, name in enumerate(BODY_POINTS):
        side, _, end = name.partition("_")
        if end in ("bigtoe", "smalltoe", "heel"):
            part[index] = PART_NAMES.index(f"{side} leg")
        elif end in ("thumb", "index", "middle", "ring", "pinky"):
            part[index] = PART_NAMES.index(f"{side} arm")
    return part


_PART = _parts()
