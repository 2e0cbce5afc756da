"""Refiners that follow the keypoints, or joints in space, made again with some of them hidden.

What drove a refinement cannot judge it. So such a refiner also makes trials: K trajectories, each
without what is known of one fold of the body's points, which then tells how good its steps are
where nobody told it (cross-validation; Stone, 1974).
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.evidence import Evidence, Known
from core.keypoints import BODY_POINTS, body_points
from core.pose import PARTS, Parameters
from core.refiners import DEFAULT_STEPS, BatchRefiner
from core.trajectory import Trajectory, Trial

Points = TypeVar("Points", bound=Known)

FOLDS = 3


def _fold_of_points() -> NDArray[np.int64]:
    """Deal the 45 body points out: neighbours on a limb, and left and right, to different folds."""
    folds = np.zeros(len(BODY_POINTS), dtype=np.int64)
    for part, joints in enumerate(PARTS.values()):
        folds[list(joints)] = (np.arange(len(joints)) + part) % FOLDS
    rest = BODY_POINTS[sum(map(len, PARTS.values())) :]
    for index, name in enumerate(rest, start=len(BODY_POINTS) - len(rest)):
        side, _, tip = name.partition("_")
        if tip in ("thumb", "index", "middle", "ring", "pinky"):  # told by the hand they sit on
            folds[index] = folds[BODY_POINTS.index(f"{side}_hand")]
        else:
            folds[index] = index % FOLDS
    return folds


_FOLDS = _fold_of_points()


def hidden_folds(evidence: Evidence) -> list[NDArray[np.bool_]]:
    """Return the body points to hide, one mask (45,) a fold of which any is known."""
    used = np.zeros(len(BODY_POINTS), bool)
    for known in (evidence.keypoints, evidence.joints):
        if known is not None:
            point = body_points(known.convention)
            used[point[(point >= 0) & (known.confidence > 0)]] = True
    masks = [used & (fold == _FOLDS) for fold in range(FOLDS)]
    return [mask for mask in masks if mask.any()]


def without(evidence: Evidence, hidden: NDArray[np.bool_]) -> Evidence:
    """Take body points (45,) out of the evidence: in the picture and in space."""
    return replace(
        evidence,
        keypoints=evidence.keypoints and less(evidence.keypoints, hidden),
        joints=evidence.joints and less(evidence.joints, hidden),
    )


def less(known: Points, hidden: NDArray[np.bool_]) -> Points:
    """Take body points (45,) out of the keypoints or joints."""
    point = body_points(known.convention)
    gone = (point >= 0) & hidden[point]
    return replace(known, confidence=np.where(gone, np.float32(0), known.confidence))


class KeypointRefiner(BatchRefiner):
    """A refiner that follows keypoints and joints; its trajectories come with trials."""

    def trajectories(
        self,
        theta1: Sequence[Parameters],
        evidence: Sequence[Evidence],
        steps: int = DEFAULT_STEPS,
        seed: int = 0,
    ) -> list[Trajectory]:
        """Refine persons by all that is known, and with each fold hidden, in one batch."""
        folds = [hidden_folds(seen) for seen in evidence]
        rough = [one for one, own in zip(theta1, folds, strict=True) for _ in range(1 + len(own))]
        shown = [
            each
            for seen, own in zip(evidence, folds, strict=True)
            for each in (seen, *(without(seen, hidden) for hidden in own))
        ]
        paths = iter(self.refine(rough, shown, steps, seed))
        made = []
        for own in folds:
            whole = next(paths)
            trials = tuple(Trial(next(paths).steps, hidden) for hidden in own)
            made.append(replace(whole, trials=trials))
        return made

    @abstractmethod
    def refine(
        self, theta1: Sequence[Parameters], evidence: Sequence[Evidence], steps: int, seed: int
    ) -> list[Trajectory]:
        """Refine persons in one batch, by the evidence that they are given."""
