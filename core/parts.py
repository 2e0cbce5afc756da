"""Bodies whose parts are taken from different steps of a trajectory (METHOD 3.8).

A part brings its local rotations, so what hangs on it moves with it. The torso holds the pelvis: it
brings where the body stands, and the shape.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation
from core.pose import JOINTS, PARTS, Parameters
from core.trajectory import Trajectory

PART_NAMES = tuple(PARTS)
TORSO = PART_NAMES.index("torso and head")

PART_OF_JOINT = np.zeros(len(JOINTS), np.int64)
for _number, _joints in enumerate(PARTS.values()):
    PART_OF_JOINT[list(_joints)] = _number
"""Index into `PART_NAMES` of each of the 24 joints."""

_SHARE_OF_PART = np.bincount(PART_OF_JOINT) / len(JOINTS)


def compose(trajectory: Trajectory, parts: Mapping[str, int], rest: int = 0) -> Parameters:
    """Take parts of the body from steps of their own, and the others from step `rest`.

    Parameters
    ----------
    trajectory : Trajectory
        With the steps.
    parts : mapping of str to int
        Step by part (keys of `core.pose.PARTS`).
    rest : int
        Step of the parts that are not named. Where all steps are one, it is that step to the bit.

    Raises
    ------
    InvalidAnnotation
        There is no such part or step.
    """
    for part in parts.keys() - PARTS.keys():
        raise InvalidAnnotation(f"There is no part {part}", f"Parts: {', '.join(PARTS)}")
    picks = np.array([[parts.get(part, rest) for part in PART_NAMES]])
    last = len(trajectory) - 1
    if picks.min() < 0 or picks.max() > last:
        raise InvalidAnnotation(f"Parts at the steps {picks[0].tolist()} are outside 0..{last}")
    return composites(trajectory.steps, picks)[0]


def composites(steps: Parameters, picks: NDArray[np.int64]) -> Parameters:
    """Compose a batch (C,) of bodies.

    Parameters
    ----------
    steps : Parameters
        Batch shape (N+1,).
    picks : NDArray, shape (C, 5)
        Step of each part, in the order of `PART_NAMES`.
    """
    held = steps[picks[:, TORSO]]
    joints = np.arange(len(JOINTS) - 1)
    return replace(held, body_pose=steps.body_pose[picks[:, PART_OF_JOINT[1:]], joints])


def composed(trajectory: Trajectory, picks: NDArray[np.int64]) -> Trajectory:
    """Make a path of composed bodies (C,), trials and all; `picks` as of `composites`.

    The level of each is the mean over its joints.
    """
    levels = trajectory.levels[picks] @ _SHARE_OF_PART
    trials = tuple(replace(each, steps=composites(each.steps, picks)) for each in trajectory.trials)
    steps = composites(trajectory.steps, picks)
    return Trajectory(steps, levels.astype(np.float32), trajectory.refiner, trials)
