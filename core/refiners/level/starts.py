"""Other starts for those whom Θ1 takes for upright while they lie, or for seen from behind.

A network's worst mistakes turn the whole body by a quarter or half a turn, which nothing in Θ1 and
its misses tells how to undo. Who misses the keypoints grossly is refined from Θ1 turned about each
axis of the camera too, and the start that leads nearest to the keypoints is taken.
"""

from collections.abc import Callable
from dataclasses import replace
from math import pi

import torch
from torch import Tensor

from core.body import BodyModel
from core.pose.rotations import axis_angle_to_matrix, turned_between
from core.refiners.iterates import placed
from core.refiners.reprojection import ROBUST, Pose, Rows, Sight, each, repeated

Refine = Callable[[Pose, Sight, Tensor], Pose]
"""From starts and sights of B persons and levels (M,), degrees, to poses (B, M)."""

# Chosen on validation people, and on others of the training subjects whom the network has not seen.
GROSS = 0.2
"""Who, put where it fits, misses the keypoints by more than this share of the box side."""
BETTER = 0.5
"""Another start is taken where it leaves less than this share of the misses."""
COMPARED = 35.0
"""Degrees at which starts are compared."""
ARRIVED = 18.0
"""Degrees by which a path has turned to another start: a quarter turn of the whole body alone."""
_TURNS = torch.cat([torch.zeros(1, 3), *(turn * torch.eye(3) for turn in (pi / 2, -pi / 2, pi))])


def from_other_starts(
    refine: Refine, body: BodyModel, start: Pose, sight: Sight, knots: Tensor, pose: Pose
) -> Pose:
    """Lead the paths of those who gain by it to where another start leads.

    Parameters
    ----------
    refine : callable
        Refines from any start.
    body : BodyModel
        The body.
    start : Pose
        Θ1 of B persons, placed.
    sight : Sight
        Their keypoints.
    knots : Tensor, shape (M,)
        Levels, degrees, rising, the last at least `ARRIVED`; on the CPU.
    pose : Pose
        What Θ1 is refined to at the knots, (B, M).

    Returns
    -------
    Pose
        As `pose`; who takes another start turns evenly from Θ1 to where it leads at the first knot
        from `ARRIVED` on, and goes on from there.
    """
    rows = (_missed(body, start, sight)[0] > GROSS).nonzero()[:, 0]
    if not len(rows):
        return pose
    start, sight = _rows(start, rows), _rows(sight, rows)
    seen = repeated(sight, len(_TURNS))
    turned = _turned(start, seen, body)
    reached = each(refine(turned, seen, knots.new_tensor([COMPARED])), lambda field: field[:, 0])
    left = _missed(body, reached, seen)[1].reshape(len(rows), len(_TURNS))
    least, best = left.min(1)
    taken = (least < BETTER * left[:, 0]).nonzero()[:, 0]
    if not len(taken):
        return pose
    start, sight = _rows(start, taken), _rows(sight, taken)
    turned = _rows(turned, taken * len(_TURNS) + best[taken])
    arrival = int((knots < ARRIVED).sum())
    ends = refine(turned, sight, knots[arrival:])
    shares = (knots[:arrival] / knots[arrival]).to(start.transl)
    way = _way(start, ends, sight, shares, body)
    led = each(pose, Tensor.clone)
    led.rotations[rows[taken]] = torch.cat([way.rotations, ends.rotations], dim=1)
    led.transl[rows[taken]] = torch.cat([way.transl, ends.transl], dim=1)
    return led


def _missed(body: BodyModel, pose: Pose, sight: Sight) -> tuple[Tensor, Tensor]:
    """Return the mean miss (B,) in box sides, and the mean robust one, 0 to 1."""
    points = body.points(pose.rotations, pose.betas, pose.transl)
    square = sight.miss(points).square().sum(-1)
    seen = (sight.weight > 0).to(square)
    if sight.space is not None:
        square = torch.cat([square, sight.space.miss(points).square().sum(-1)], dim=1)
        seen = torch.cat([seen, (sight.space.weight > 0).to(square)], dim=1)
    plain, robust = (
        (miss * seen).sum(1) / seen.sum(1).clamp(min=1)
        for miss in (square.sqrt(), square / (square + ROBUST**2))
    )
    return plain, robust


def _rows(one: Rows, rows: Tensor) -> Rows:
    return each(one, lambda field: field[rows])


def _turned(start: Pose, seen: Sight, body: BodyModel) -> Pose:
    """Turn each of B persons as a whole by the T turns, and place them by B x T sights."""
    turns = axis_angle_to_matrix(_TURNS).to(start.rotations)
    rotations = start.rotations[:, None].repeat(1, len(turns), 1, 1, 1)
    rotations[:, :, 0] = turns @ rotations[:, :, 0]
    many = replace(repeated(start, len(turns)), rotations=rotations.flatten(0, 1))
    return placed(many, seen, body)


def _way(start: Pose, ends: Pose, sight: Sight, shares: Tensor, body: BodyModel) -> Pose:
    """Turn evenly from starts (B,) to the first of ends (B, N), placed at A shares: (B, A)."""
    rows, count = torch.stack([start.rotations, ends.rotations[:, 0]], dim=1), len(shares)
    angles = turned_between(rows, torch.zeros_like(shares, dtype=torch.int64), shares)
    between = replace(repeated(start, count), rotations=axis_angle_to_matrix(angles).flatten(0, 1))
    found = placed(between, repeated(sight, count), body)
    return each(found, lambda field: field.reshape(len(rows), count, *field.shape[1:]))
