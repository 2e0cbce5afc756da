"""Trajectories, their scores, and what is suggested from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.pose import Parameters
from core.pose.parameters import SHAPES


@dataclass(frozen=True, eq=False)
class Trial:
    """A trajectory made again without what is known of some body points; it is judged by those.

    Parameters
    ----------
    steps : Parameters
        Batch shape (N+1,).
    hidden : NDArray, shape (45,), bool
        Of which `core.keypoints.BODY_POINTS` it was given no keypoints and no joints.
    """

    steps: Parameters
    hidden: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """N+1 complete annotations, one a step; step 0 equals Θ1 to the bit.

    Parameters
    ----------
    steps : Parameters
        Batch shape (N+1,).
    levels : NDArray, shape (N+1,)
        Error of Θ1 that each step assumes, in degrees; 0 at step 0.
    refiner : str
        Registry name of the refiner.
    trials : tuple of Trial
        The same refinement without some of the evidence each; empty where none drove
        it. They serve the score and are not stored.
    """

    steps: Parameters
    levels: NDArray[np.float32]
    refiner: str
    trials: tuple[Trial, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)

    def begins_with(self, theta1: Parameters) -> bool:
        """Whether step 0 is this rough annotation, to the bit."""
        first = self.steps[0]
        return first.camera == theta1.camera and all(
            getattr(first, name).tobytes() == getattr(theta1, name).tobytes() for name in SHAPES
        )


@dataclass(frozen=True)
class PartSuggestion:
    """The step proposed for one part of the body, the rest at their own suggested steps.

    Parameters
    ----------
    part : str
        Key of `core.pose.PARTS`.
    step : int
        0..N.
    expected_gain : float
        Expected fall of the mean joint error against the part at the step suggested for the whole
        body, in mm over all joints: gains of parts add up. 0 where the part stays with the body.
    reason : str
        One sentence for the reviewer.
    """

    part: str
    step: int
    expected_gain: float
    reason: str


@dataclass(frozen=True)
class Suggestion:
    """The step that a score proposes; step 0 means "keep Θ1".

    Parameters
    ----------
    step : int
        0..N.
    expected_gain : float
        Expected fall of the mean joint error against Θ1, in mm; a recommender that knows no more
        than keypoints gives their fall, across the line of sight.
    reason : str
        One sentence for the reviewer.
    uncertainty : float
        Standard deviation of the gain, mm.
    parts : tuple of PartSuggestion
        One a part of `core.pose.PARTS`, in its order; empty where nothing is known of parts.
    by : str
        The recommender, and the start of its weights' hash if it has any.
    """

    step: int
    expected_gain: float
    reason: str
    uncertainty: float = 0.0
    parts: tuple[PartSuggestion, ...] = ()
    by: str = ""

    @property
    def part_steps(self) -> dict[str, int]:
        """Step by part, for `core.parts.compose`; empty where nothing is known of parts."""
        return {each.part: each.step for each in self.parts}
