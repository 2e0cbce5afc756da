"""Signs of how good each step is, told without the truth: what the ranker looks at (METHOD 3.7).

Every row of a path is compared with its row 0. For the whole body that is Θ1; for parts it is a
body that others are composed from (`core.parts.composed`), so one network serves both. Distances
are in mm at the body's depth, and falls are shares of how far the joints have moved: nothing can
gain more than that.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from core.evidence import Evidence
from core.frontends.limits import joint_limits
from core.parts import PART_NAMES
from core.pose import PARTS, Parameters
from core.pose.rotations import geodesic, matrix_to_axis_angle, rotations_of
from core.refiners.level.network import NEAR_NOTHING
from core.suggest.guess import guessed
from core.suggest.likely import moved_by_prior
from core.suggest.misses import Misses, misses_either_way, scale_of
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

Floats = NDArray[np.float32]

VERSION = 2
"""Raised where a sign changes: weights and paths that were kept are then of no use."""
JUDGED = 22
"""SMPL's joints up to the wrists are measured, with the pelvis at the origin."""
TIMESTEPS = (36, 100)
"""Where the prior takes a step to be when it is asked how likely it is."""
FEATURES = 71
NEAR = 5.0
"""Added to distances that divide, mm."""
_LIMITS = torch.from_numpy(joint_limits()).float()
_OWN = [[joint for joint in joints if joint < JUDGED] for joints in PARTS.values()]


@dataclass(frozen=True, eq=False)
class Signs:
    """What tells about the rows (N+1,) of a path.

    Parameters
    ----------
    features : NDArray, shape (N+1, F), float32
        What is told of each, F = `FEATURES`.
    reach : NDArray, shape (N+1,), float32
        Mean distance of the judged joints from row 0, mm: no gain exceeds it.
    misses : Misses or None
        Of the keypoints, by trials that did not know them; None where there are too few.
    """

    features: Floats
    reach: Floats
    misses: Misses | None

    @property
    def whole(self) -> bool:
        """Whether every sign is a number."""
        return bool(np.isfinite(self.features).all())


def signs_of(trajectory: Trajectory, evidence: Evidence, body: "BodyModel") -> Signs:
    """Read all signs of a path."""
    steps = trajectory.steps
    rotations = rotations_of(steps)
    joints = judged_joints(steps, body)
    moved = joints - joints[:1]
    far = np.linalg.norm(moved, axis=-1)
    reach = far.mean(1)
    reach_of_part = np.stack([far[:, own].mean(1) for own in _OWN], axis=1)
    aside = np.linalg.norm(moved[..., :2], axis=-1).mean(1)
    count = len(steps)
    angles = geodesic(rotations[:1], rotations).numpy()
    by_part = [np.sqrt(np.square(angles[:, list(own)]).mean(1)) for own in PARTS.values()]
    told, plain = misses_either_way(trajectory, evidence, body)
    unlikely = _unlikely(steps)
    bent = _beyond_limits(rotations)
    scale = scale_of(steps[0], evidence)
    columns = [
        np.log1p(reach),
        aside / (reach + NEAR),
        trajectory.levels / 30,
        np.full(count, np.log(evidence.box.side / 300)),
        np.full(count, np.log(abs(scale) / 2000 + 1e-6)),
        np.full(count, float(bool(trajectory.trials))),
        bent,
        bent - bent[0],
        *unlikely.T,
        *(unlikely - unlikely[0]).T,
        *by_part,
        *(reach_of_part / (reach[:, None] + NEAR)).T,
        *_of_guess(trajectory, evidence, body),
        *_of_keypoints(evidence, count),
        *_of_misses(told, reach, count),
        *_of_misses(plain, reach, count),
    ]
    for number in range(len(PART_NAMES)):
        own = told.of(number) if told else None
        columns += _of_part(own, reach_of_part[:, number], count)
    features = np.stack(columns, axis=1).astype(np.float32)
    return Signs(features, reach.astype(np.float32), told)


@torch.no_grad()
def judged_joints(steps: Parameters, body: "BodyModel") -> Floats:
    """Return the judged joints (N+1, 22, 3) from the pelvis, mm."""
    origin = torch.zeros(len(steps), 3)
    points = body.points(rotations_of(steps), torch.from_numpy(steps.betas), origin)[:, :JUDGED]
    return np.asarray(1000 * (points - points[:, :1]).numpy(), np.float32)


def _beyond_limits(rotations: torch.Tensor) -> Floats:
    """Return by how much joints bend beyond what joints do (N+1,): root of summed squares, rad."""
    bent = matrix_to_axis_angle(rotations)
    beyond = (bent - _LIMITS[..., 1]).clamp(min=0) + (_LIMITS[..., 0] - bent).clamp(min=0)
    return np.asarray(beyond.square().sum((1, 2)).sqrt().numpy(), np.float32)


def _unlikely(steps: Parameters) -> Floats:
    """How far the prior would move each row (N+1, 7): whole by timestep, parts at the last one."""
    moved = moved_by_prior(steps, TIMESTEPS)
    parts = [moved[:, -1, list(own)].mean(1) for own in PARTS.values()]
    return np.asarray(np.log(np.stack([*moved.mean(2).T, *parts], axis=1)), np.float32)


def _of_guess(trajectory: Trajectory, evidence: Evidence, body: "BodyModel") -> list[Floats]:
    """How wrong row 0 is guessed to be, by part and whole, how surely; how much each row takes."""
    mean, spread = guessed(trajectory.steps[0], evidence, body)
    count = len(trajectory)
    told = [np.full(count, value, np.float32) for value in (*mean, spread[-1])]
    return [*told, np.log(trajectory.levels + NEAR_NOTHING) - mean[-1]]


def _of_keypoints(evidence: Evidence, count: int) -> list[Floats]:
    """How many keypoints there are, and how sure they are."""
    seen = evidence.keypoints.confidence if evidence.keypoints else np.zeros(1, np.float32)
    given = float((seen > 0).sum())
    sure = float(seen.sum() / max(given, 1))
    return [np.full(count, value, np.float32) for value in (np.sqrt(given) / 5, sure)]


def _of_misses(misses: Misses | None, reach: Floats, count: int) -> list[Floats]:
    """Whether there are misses, how large, and how far they fall."""
    if misses is None:
        return [np.zeros(count, np.float32)] * 7
    fall, error = misses.fall()
    mean, far = misses.scale * misses.mean, reach + NEAR
    fall, error = misses.scale * fall, misses.scale * error
    return [
        np.ones(count, np.float32),
        np.log1p(np.full(count, mean[0])),
        np.log1p(mean),
        fall / far,
        error / far,
        np.tanh(fall / (error + 1) / 3),
        (fall - fall.max()) / far,
    ]


def _of_part(own: Misses | None, reach: Floats, count: int) -> list[Floats]:
    """How the misses of a part's keypoints fall."""
    if own is None:
        return [np.zeros(count, np.float32)] * 3
    fall, error = (own.scale * each for each in own.fall())
    miss = np.log1p(own.scale * own.mean)
    return [fall / (reach + NEAR), np.tanh(fall / (error + 5) / 3), miss]
