"""Which step to take, judged without ground truth: by the 2D keypoints."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from core.evidence import Evidence
from core.placement import place
from core.trajectory import Suggestion, Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

LARGEST_RESIDUAL = 0.15
"""A keypoint farther off than this share of the box counts as this far: it may be wrong itself."""
MIN_GAIN = 0.002
"""Falls of the score below this share of the box are not worth leaving Θ1 for."""
TOLERANCE = 0.05
"""Of the steps that give up no more than this share of the possible fall, the earliest is taken."""


def score(trajectory: Trajectory, evidence: Evidence, body: "BodyModel") -> NDArray[np.float32]:
    """Score every step by its distance from the 2D keypoints.

    Each step, 0 included, is first moved to where it fits the keypoints best: the pose is judged,
    not where it stands. The score is the mean distance, weighed by confidence, of the projected
    body points from the keypoints, none counted beyond `LARGEST_RESIDUAL`.

    Returns
    -------
    NDArray, shape (N+1,), float32
        Share of the box side, lower is better; NaN where there are no keypoints to judge by.
    """
    placed = place(trajectory.steps, evidence.keypoints, body)
    if placed is None:
        return np.full(len(trajectory), np.nan, np.float32)
    projected = torch.from_numpy(trajectory.steps.camera.project(placed.points.numpy()))
    residual = (projected - placed.pixels).norm(dim=-1) / evidence.box.side
    weight = placed.confidence / placed.confidence.sum()
    mean = (residual.clamp(max=LARGEST_RESIDUAL) * weight).sum(dim=1)
    return np.asarray(mean.numpy(), np.float32)


def suggest(scores: NDArray[np.float32]) -> Suggestion:
    """Propose a step: about the lowest score, or step 0 where leaving it gains too little.

    Returns
    -------
    Suggestion
        Its expected gain is the fall of the score against step 0.
    """
    if np.isnan(scores).any():
        return Suggestion(0, 0.0, "No keypoints to judge by: choose by eye")
    fall = scores[0] - scores
    best = float(fall.max())
    now = _percent(scores[0])
    if best < MIN_GAIN:
        reason = f"no step is closer to the keypoints than the rough annotation: {now} of the box"
        return Suggestion(0, 0.0, reason)
    step = int(np.argmax(fall >= (1 - TOLERANCE) * best))
    reason = f"2D error falls from {now} to {_percent(scores[step])} of the box"
    return Suggestion(step, float(fall[step]), reason)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
