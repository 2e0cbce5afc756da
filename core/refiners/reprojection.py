"""Turning joints so that bodies fall on what is known: robust Gauss-Newton for many at once.

The derivatives are the closed form of a kinematic chain: turning a joint swings every point that it
carries about it. Pose correctives and the blend between joints are left out of them (not out of the
body), which costs an iteration or two and saves a backward pass through the body.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from core.body import BodyModel
from core.evidence import Evidence
from core.frontends.fit import Target
from core.placement import FEWEST_KEYPOINTS
from core.pose import JOINTS, PARENTS, Parameters
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.refiners.space import Space

ANGLES = 3 * len(JOINTS)
PIXEL_SIGMA = 0.02
"""Error of a keypoint, share of the box side."""
ROBUST = 0.1
"""Misses beyond this share of the box side lose their say."""
NEAREST = 0.1
"""Points are taken to stand at least this far before the camera, metres."""
DRIFT = 1.0
"""How far a body is held to stand off, metres about each axis: it has been placed before."""


def _carried() -> Tensor:
    """Tell (24, 24) whether the joint of the row carries that of the column, or is it."""
    below = torch.eye(len(JOINTS))
    for joint in reversed(range(1, len(JOINTS))):
        below[PARENTS[joint]] += below[joint]
    return below


_CARRIED = _carried()

Rows = TypeVar("Rows", "Pose", "Sight", Space)


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the search for B persons is.

    Parameters
    ----------
    rotations : Tensor, shape (B, 24, 3, 3)
        Local.
    betas : Tensor, shape (B, 10)
        Θ1's: the shape is locked.
    transl : Tensor, shape (B, 3)
        Metres, camera frame.
    """

    rotations: Tensor
    betas: Tensor
    transl: Tensor

    def moved(self, turns: Tensor, shifts: Tensor) -> "Pose":
        """Turn joints by axis-angles (B, 24, 3) in their own frames and shift bodies (B, 3)."""
        rotations = self.rotations @ axis_angle_to_matrix(turns)
        return replace(self, rotations=rotations, transl=self.transl + shifts)


@dataclass(frozen=True, eq=False)
class Sight:
    """Where B persons are seen; who has fewer than three usable keypoints has weight 0 throughout.

    Parameters
    ----------
    pixels : Tensor, shape (B, 45, 2)
        Of `BODY_POINTS`.
    weight : Tensor, shape (B, 45)
        0 (unknown) to 1.
    side : Tensor, shape (B,)
        Longer side of the boxes, pixels.
    focal : Tensor, shape (B,)
        Pixels.
    centre : Tensor, shape (B, 2)
        Principal points, pixels.
    space : Space or None
        Where their joints are in space; None where that is known of none of them.
    """

    pixels: Tensor
    weight: Tensor
    side: Tensor
    focal: Tensor
    centre: Tensor
    space: Space | None = field(default=None, kw_only=True)

    @classmethod
    def of(
        cls,
        theta1: Sequence[Parameters],
        evidence: Sequence[Evidence],
        device: torch.device | None = None,
    ) -> "Sight":
        """Put the keypoints of each person, in any convention, on the body's points.

        Tensors are put on a device; None means the CPU.
        """
        targets = [
            Target.of([one.keypoints] if one.keypoints else [], one.box.side) for one in evidence
        ]
        weight = np.stack([target.weight for target in targets])
        weight[(weight > 0).sum(1) < FEWEST_KEYPOINTS] = 0
        cameras = [one.camera for one in theta1]
        parts = (
            torch.from_numpy(np.stack([target.pixels for target in targets])),
            torch.from_numpy(weight),
            torch.tensor([target.side for target in targets]),
            torch.tensor([camera.focal for camera in cameras]),
            torch.tensor([(camera.cx, camera.cy) for camera in cameras]),
        )
        space = Space.of([one.joints for one in evidence], device)
        return cls(*(part.to(device) for part in parts), space=space)

    def miss(self, placed: Tensor) -> Tensor:
        """Return how far points (B, 45, 3) in the camera frame fall off: shares of the box side."""
        depth = placed[..., 2:].clamp(min=NEAREST)
        pixels = placed[..., :2] / depth * self.focal[:, None, None] + self.centre[:, None]
        miss: Tensor = (pixels - self.pixels) / self.side[:, None, None]
        return miss

    def slope(self, placed: Tensor) -> Tensor:
        """Return the derivative (B, 45, 2, 3) of `miss` by the points."""
        depth = placed[..., 2].clamp(min=NEAREST)
        scale = (self.focal / self.side)[:, None] / depth
        slope = placed.new_zeros(*placed.shape[:-1], 2, 3)
        slope[..., 0, 0] = slope[..., 1, 1] = scale
        slope[..., :, 2] = -scale[..., None] * placed[..., :2] / depth[..., None]
        return slope


def each(rows: Rows, change: Callable[[Tensor], Tensor]) -> Rows:
    """Do the same to all tensors."""
    return replace(
        rows, **{part.name: _changed(getattr(rows, part.name), change) for part in fields(rows)}
    )


def _changed(part: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(part, Space):
        return each(part, change)
    return None if part is None else change(part)


def repeated(rows: Rows, count: int) -> Rows:
    """Repeat each of B persons: B x count, theirs after one another."""
    return each(rows, lambda field: field.repeat_interleave(count, dim=0))


def swing(body: BodyModel, turned: Tensor, points: Tensor, used: Tensor, slope: Tensor) -> Tensor:
    """Return how points move in the picture when joints turn: derivatives (B, K, D, 72).

    An axis a through q moves p by a x (p - q), which s, a row of the slope, sees as
    (p x s) a + s (q x a): what belongs to points and what belongs to joints part, so that one
    product of matrices gives every pair.

    Parameters
    ----------
    body : BodyModel
        Whose joints carry the points.
    turned : Tensor, shape (B, 24, 3, 3)
        How joints are turned in the camera frame; each is followed by a small turn (axis-angle) in
        its own.
    points : Tensor, shape (B, 45, 3)
        The body's, in any place.
    used : Tensor, shape (K,), int64
        Which of them are asked about.
    slope : Tensor, shape (B, K, D, 3)
        How those are seen to move by how they move in space.
    """
    points = points - points[:, :1]
    arm = torch.linalg.cross(points[:, used, None].expand_as(slope), slope)
    at = points[:, : len(JOINTS), :, None].expand_as(turned)
    axes = torch.cat([turned, torch.linalg.cross(at, turned, dim=-2)], dim=2)
    seen = torch.cat([arm, slope], dim=-1).flatten(1, 2) @ axes.transpose(1, 2).flatten(2)
    share = body.point_joints[used] @ _CARRIED.T.to(points)
    seen = seen.reshape(*slope.shape[:-1], ANGLES)
    derivative: Tensor = seen * share.repeat_interleave(3, dim=1)[:, None]
    return derivative


@dataclass(frozen=True, eq=False)
class Belief:
    """What is held of the turns besides the keypoints: independent Gaussians, added up.

    Parameters
    ----------
    precision : Tensor, shape (B, 72)
        Inverse variance, 1 / square radians; above 0.
    pull : Tensor, shape (B, 72)
        Precision times the turn that is believed in.
    """

    precision: Tensor
    pull: Tensor

    def __add__(self, other: "Belief") -> "Belief":
        return Belief(self.precision + other.precision, self.pull + other.pull)

    def expected(self) -> "Expected":
        """Return the same belief as turns and how far they are believed."""
        variance = self.precision.reciprocal()
        return Expected(self.pull * variance, variance)

    @classmethod
    def near(cls, rotations: Tensor, believed: Tensor, sigma: float | Tensor) -> "Belief":
        """Believe that joints (B, 24, 3, 3) stand about elsewhere.

        Parameters
        ----------
        rotations, believed : Tensor, shape (B, 24, 3, 3)
            How they stand, and are believed to stand; local.
        sigma : float or Tensor
            Radians about each axis; a tensor broadcasts against (B, 72).
        """
        turns = matrix_to_axis_angle(rotations.mT @ believed).flatten(1)
        precision = torch.ones_like(turns) / sigma**2
        return cls(precision, precision * turns)


@dataclass(frozen=True, eq=False)
class Expected:
    """What is expected of turns and shifts besides the keypoints: independent Gaussians.

    Parameters
    ----------
    turns, variance : Tensor, shape (B, 72)
        Axis-angles, and square radians; a joint of variance 0 turns as expected, whatever is seen.
    drift : Tensor, shape (B,)
        Metres that the body may shift by, about each axis.
    """

    turns: Tensor
    variance: Tensor
    drift: float | Tensor = DRIFT


def solve_turns(
    body: BodyModel,
    sight: Sight,
    pose: Pose,
    belief: Belief | Expected,
    robust: float = ROBUST,
    posed: tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Find the turns and shifts that bring bodies onto what is known: one Gauss-Newton step.

    Residuals e count as Geman and McClure's ρ(e) = s² e² / (s² + e²), s being `robust`, as in
    SMPLify (Bogo et al., ECCV 2016), by weights that follow from the present residuals. There are
    fewer keypoints than unknowns, so the equations are solved in the space of the residuals (the
    Kalman gain). Differentiable, but for the derivatives themselves, which are taken as given.

    Parameters
    ----------
    body : BodyModel
        The body.
    sight : Sight
        Keypoints, cameras, and joints in space of B persons.
    pose : Pose
        How the B persons stand.
    belief : Belief or Expected
        What is held of the turns.
    robust : float
        Misses beyond this share of the box side lose their say.
    posed : tuple of Tensor or None
        What `BodyModel.points_and_turns` says of the pose, where that is known already.

    Returns
    -------
    turns : Tensor, shape (B, 24, 3)
        Axis-angle, each to follow its joint's rotation.
    shifts : Tensor, shape (B, 3)
        To be added to the translation, metres.
    """
    expected = belief.expected() if isinstance(belief, Belief) else belief
    used = (sight.weight > 0).any(0).nonzero()[:, 0]
    points, turned = posed or body.points_and_turns(pose.rotations, pose.betas, pose.transl)
    miss = sight.miss(points)[:, used]
    with torch.no_grad():
        slope = sight.slope(points)[:, used]
        jacobian = torch.cat([swing(body, turned, points, used, slope), slope], dim=-1)
    trust = (1 + (miss / robust).square().sum(-1)).reciprocal()  # the root of their weight
    weight = sight.weight[:, used]
    given = weight > 0  # elsewhere the root has no derivative
    root = (torch.where(given, weight, 1.0).sqrt() * given * trust)[..., None] / PIXEL_SIGMA
    jacobian, off = (jacobian * root[..., None]).flatten(1, 2), (miss * root).flatten(1)
    if sight.space is not None:
        also, by = sight.space.rows(points, partial(swing, body, turned, points), robust)
        jacobian, off = torch.cat([jacobian, by], dim=1), torch.cat([off, also], dim=1)
    drift = torch.as_tensor(expected.drift, device=miss.device).square().expand(len(points))
    variance = torch.cat([expected.variance, drift[:, None].expand(-1, 3)], dim=1)
    start = torch.cat([expected.turns, torch.zeros_like(pose.transl)], dim=1)
    left = -off - (jacobian @ start[..., None])[..., 0]
    spread = jacobian * variance[:, None]
    inner = spread @ jacobian.mT + torch.eye(left.shape[1], device=miss.device)
    gain = torch.cholesky_solve(left[..., None], torch.linalg.cholesky(inner))
    solved = start + (spread.mT @ gain)[..., 0]
    return solved[:, :ANGLES].reshape(-1, len(JOINTS), 3), solved[:, ANGLES:]
