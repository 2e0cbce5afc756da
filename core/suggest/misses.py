"""How far the keypoints, or joints in space, are missed, each by each step."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from core.evidence import Evidence, Joints3D, Keypoints2D
from core.keypoints import BODY_POINTS, body_points
from core.parts import PART_NAMES
from core.placement import FEWEST_KEYPOINTS, place
from core.pose import PARTS, Parameters
from core.pose.rotations import rotations_of
from core.refiners.held_out import less
from core.refiners.space import SIDE
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

LARGEST_MISS = 0.15
"""A keypoint farther off than this share of the box counts as this far: it may be wrong itself."""


@dataclass(frozen=True, eq=False)
class Misses:
    """Distances of the K usable keypoints, or of the joints in space where there are none.

    Parameters
    ----------
    distance : NDArray, shape (N+1, K), float32
        Of every keypoint at every step, share of the box side, at most `LARGEST_MISS`.
    weight : NDArray, shape (K,)
        Confidence, 1 in total.
    part : NDArray, shape (K,)
        Index into `core.parts.PART_NAMES` of the body part each is on.
    scale : float
        Millimetres at the body's depth, across the line of sight, of a whole box side.
    in_space : bool
        Whether joints are missed: a box side is then `SIDE`, wherever the body stands.
    """

    distance: NDArray[np.float32]
    weight: NDArray[np.float32]
    part: NDArray[np.int64]
    scale: float = 1000.0
    in_space: bool = False

    @property
    def mean(self) -> NDArray[np.float32]:
        """Weighted mean (N+1,) over the keypoints."""
        return np.asarray(self.distance @ self.weight, np.float32)

    def fall(self, against: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Fall (N+1,) of the mean against a step, and its standard error (N+1,).

        The keypoints are taken for independent draws of the person's; it is what a bootstrap of
        them gives, in closed form.
        """
        fall = self.distance[against] - self.distance
        mean = fall @ self.weight
        draws = 1 / np.square(self.weight).sum()
        variance = np.square(fall - mean[:, None]) @ self.weight / max(draws - 1, 1)
        return np.asarray(mean, np.float32), np.asarray(np.sqrt(variance), np.float32)

    def sure_fall(self, errors: float, against: int = 0) -> NDArray[np.float32]:
        """Fall (N+1,) of the mean against a step, less so many of its standard errors."""
        mean, error = self.fall(against)
        return np.asarray(mean - errors * error, np.float32)

    def of(self, part: int) -> "Misses | None":
        """Return the misses of one part's keypoints alone; None where it has none."""
        own = self.part == part
        if not own.any():
            return None
        weight = self.weight[own] / self.weight[own].sum()
        return replace(self, distance=self.distance[:, own], weight=weight, part=self.part[own])


def misses_of(
    trajectory: Trajectory, evidence: Evidence, body: "BodyModel", trials: bool = True
) -> Misses | None:
    """Measure how far every step misses every keypoint, or joint in space where there are none.

    Each step, 0 included, is first moved to where it fits the keypoints best: the pose is judged,
    not where it stands. With trials, each keypoint is missed by the trial that did not know it,
    placed by the keypoints that it knew.

    Parameters
    ----------
    trajectory : Trajectory
        The steps, and their trials if they have any.
    evidence : Evidence
        With keypoints or joints.
    body : BodyModel
        Gives the points that they look at.
    trials : bool
        Whether to look at trials.

    Returns
    -------
    Misses or None
        None where fewer than three of either have a place on the body.
    """
    seen = trajectory if trials else replace(trajectory, trials=())
    return misses_either_way(seen, evidence, body)[0]


def misses_either_way(
    trajectory: Trajectory, evidence: Evidence, body: "BodyModel"
) -> tuple[Misses | None, Misses | None]:
    """Return what `misses_of` measures with the trials and without them, for the price of one."""
    for given in (evidence.keypoints, evidence.joints):
        if given is not None and (used := _used(given)).sum() >= FEWEST_KEYPOINTS:
            break
    else:
        return None, None
    point, confidence = body_points(given.convention), given.confidence[used]
    weight, part = confidence / confidence.sum(), _PART[point[used]]
    side, scale = evidence.box.side, scale_of(trajectory.steps[0], evidence)
    if in_space := isinstance(given, Joints3D):
        side, scale = SIDE, 1000 * SIDE

    def capped(distance: NDArray[np.float32]) -> Misses:
        shares = np.minimum(distance[:, used] / side, LARGEST_MISS)
        return Misses(shares.astype(np.float32), weight, part, scale, in_space)

    distance = _distances(trajectory.steps, given, given, body)
    plain = capped(distance)
    for trial in trajectory.trials:
        hidden, known = used & trial.hidden[point], less(given, trial.hidden)
        distance[:, hidden] = _distances(trial.steps, known, given, body)[:, hidden]
    return capped(distance), plain


def _used(known: Keypoints2D | Joints3D) -> NDArray[np.bool_]:
    used: NDArray[np.bool_] = (body_points(known.convention) >= 0) & (known.confidence > 0)
    return used


def scale_of(theta: Parameters, evidence: Evidence) -> float:
    """Return how many millimetres a box side is at the body's depth: side · z / focal."""
    return 1000 * evidence.box.side * float(theta.transl[2]) / theta.camera.focal


@torch.no_grad()
def _distances(
    steps: Parameters,
    known: Keypoints2D | Joints3D,
    given: Keypoints2D | Joints3D,
    body: "BodyModel",
) -> NDArray[np.float32]:
    """Distances (N+1, K) of all points, pixels or metres, from steps placed by those known."""
    placed = place(steps, known, body) if isinstance(known, Keypoints2D) else None
    if placed:
        points = placed.body_points
    else:
        points = body.points(
            rotations_of(steps), torch.from_numpy(steps.betas), torch.from_numpy(steps.transl)
        )
    if isinstance(given, Keypoints2D):
        off = steps.camera.project(points.numpy())[:, body_points(given.convention)] - given.points
    else:
        off = points.numpy()[:, body_points(given.convention)] - given.points
        told = _used(known) if _used(known).any() else _used(given)
        off -= np.median(off[:, told], axis=1, keepdims=True)
    return np.asarray(np.linalg.norm(off, axis=-1), np.float32)


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
