"""From what the network tells to poses: its mean, then a few steps onto the keypoints."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.body import BodyModel
from core.pose import PARTS
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.refiners.reprojection import DRIFT, Expected, Pose, Sight, repeated, solve_turns

Tells = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]

TORSO = tuple(PARTS).index("torso and head")


def at_levels(
    network: Tells,
    body: BodyModel,
    start: Pose,
    sight: Sight,
    features: Tensor,
    levels: Tensor,
    scales: Sequence[float],
) -> tuple[Pose, Pose, Tensor]:
    """Refine B persons at M levels each. Differentiable.

    The network's mean and spread are what is expected of every joint; Gauss-Newton steps weigh it
    against the keypoints and the joints in space. A joint whose part is at level 0 stays, and so
    does the body's place where the torso is: it is then only the limbs that move.

    Parameters
    ----------
    network : callable
        A `LevelNetwork`: features and levels in, turns, their spread and trust in keypoints out.
    body : BodyModel
        The body that is posed.
    start : Pose
        Θ1 of B persons.
    sight : Sight
        Their keypoints.
    features : Tensor, shape (B, FEATURES)
        What `features_of` says of them.
    levels : Tensor, shape (B, M, 5)
        Assumed error of the parts, degrees.
    scales : sequence of float
        One Gauss-Newton step each: misses beyond this share of the box side lose their say.

    Returns
    -------
    pose, mean : Pose
        Of B x M persons, the levels of each after another; and before the keypoints' say.
    spread : Tensor, shape (B x M, 72)
        Deviation of the joints' turns that the network tells, radians.
    """
    count = levels.shape[1]
    turns, spread, trust = (told.flatten(0, 1) for told in network(features, levels))
    turns = turns.reshape(len(turns), -1, 3)
    many = repeated(start, count)
    mean = pose = replace(many, rotations=many.rotations @ axis_angle_to_matrix(turns))
    if sight.space is None and not (sight.weight > 0).any():
        return pose, mean, spread
    seen = repeated(sight, count)
    seen = replace(seen, weight=seen.weight * trust)
    drift = DRIFT * (levels[..., TORSO] > 0).flatten()
    expected = Expected(torch.zeros_like(spread), spread.square(), drift)
    for number, robust in enumerate(scales):
        if number:
            back = matrix_to_axis_angle(pose.rotations.mT @ mean.rotations).flatten(1)
            expected = replace(expected, turns=back)
        pose = pose.moved(*solve_turns(body, seen, pose, expected, robust))
    return pose, mean, spread
