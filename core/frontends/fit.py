"""A short fit: pose, shape and place so that the body lies on the 2D points.

Levenberg-Marquardt on the body's points, in the spirit of SMPLify (Bogo et al., ECCV 2016): robust
reprojection, limbs that keep the directions seen in space, joints inside their limits.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body import BodyModel
from core.camera import Camera
from core.evidence import Keypoints2D
from core.frontends.limits import joint_limits
from core.keypoints import BODY_POINTS, on_body
from core.pose import JOINTS, Parameters
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.resection import fit_translation

DIFFERENCE = 1e-3
"""Step of the forward differences, in radians, standard deviations and metres."""
PIXEL_SIGMA = 0.01
"""Error of a keypoint, as a share of the box side."""
ROBUST_SCALES = (1.0, 0.5, 0.3, 0.2, 0.13, *[0.08] * 9)
"""One a round: a keypoint further off than this share of the box side loses its say. Starts wide,
so that limbs that are lifted far from their keypoints still find them."""
DIRECTION_SIGMA = 0.3
"""Error of a limb's direction in space, radians."""
POSE_SIGMA = 0.35
"""How far a joint may leave the lifted pose, radians."""
SHAPE_SIGMA = 0.7
LIMIT_SIGMA = 0.05
"""How far a joint may pass its limit, radians."""

ANGLES = 3 * len(JOINTS)
BETAS = slice(ANGLES, ANGLES + 10)
TRANSL = slice(ANGLES + 10, ANGLES + 13)
UNKNOWNS = ANGLES + 13

# BlazePose's hips lie 1 cm above and 3 cm before the body's hip joints (60 rendered mocap poses),
# which is within its error of 3 cm: they are taken as the same.
_BONES = (
    *(("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"), ("left_ear", "right_ear")),
    *(("left_hip", "left_shoulder"), ("right_hip", "right_shoulder")),
    *(("left_ear", "nose"), ("right_ear", "nose")),
    *(("left_shoulder", "left_elbow"), ("right_shoulder", "right_elbow")),
    *(("left_elbow", "left_wrist"), ("right_elbow", "right_wrist")),
    *(("left_hip", "left_knee"), ("right_hip", "right_knee")),
    *(("left_knee", "left_ankle"), ("right_knee", "right_ankle")),
    *(("left_heel", "left_bigtoe"), ("right_heel", "right_bigtoe")),
)
_ENDS = np.array([[BODY_POINTS.index(name) for name in bone] for bone in _BONES])


@dataclass(frozen=True, eq=False)
class Target:
    """Where the body's points should be.

    Parameters
    ----------
    pixels : NDArray, shape (45, 2)
        Of `BODY_POINTS`.
    weight : NDArray, shape (45,)
        0 (unknown) to 1.
    side : float
        Longer side of the person's box, pixels.
    """

    pixels: NDArray[np.float32]
    weight: NDArray[np.float32]
    side: float

    @classmethod
    def of(cls, sources: list[Keypoints2D], side: float) -> "Target":
        """Take each point from the last source that has it; keypoints that share one are averaged.

        Parameters
        ----------
        sources : list of Keypoints2D
            Any conventions, the least preferred first.
        side : float
            Longer side of the person's box, pixels.
        """
        pixels = np.zeros((len(BODY_POINTS), 2), dtype=np.float32)
        weight = np.zeros(len(BODY_POINTS), dtype=np.float32)
        for source in sources:
            at, say = on_body(source.convention, source.points, source.confidence)
            pixels[say > 0], weight[say > 0] = at[say > 0], say[say > 0]
        return cls(pixels, weight, side)


@dataclass(frozen=True, eq=False)
class Problem:
    """What the fit wants of the unknowns, whose last axis is (pose 72, betas 10, transl 3)."""

    body: BodyModel
    target: Target
    directions: Tensor
    lifted: Tensor
    camera: Camera

    def pixel_errors(self, points: Tensor) -> Tensor:
        """Return the misses (B, 45, 2) of body points, in `PIXEL_SIGMA`, weighted."""
        depth = points[..., 2:].clamp(min=1e-3)
        centre = points.new_tensor([self.camera.cx, self.camera.cy])
        pixels = points[..., :2] / depth * self.camera.focal + centre
        miss = (pixels - torch.from_numpy(self.target.pixels)) / (self.target.side * PIXEL_SIGMA)
        return miss * torch.from_numpy(self.target.weight)[:, None]

    def residuals(self, unknowns: Tensor) -> tuple[Tensor, Tensor]:
        """Return pixel errors (B, 45, 2) and all other errors (B, M) of unknowns (B, 85)."""
        angles = unknowns[:, :ANGLES].reshape(-1, len(JOINTS), 3)
        rotations = axis_angle_to_matrix(angles.float())
        betas = unknowns[:, BETAS]
        origin = torch.zeros(len(unknowns), 3)
        points = self.body.points(rotations, betas.float(), origin).to(unknowns)
        limbs = points[:, _ENDS[:, 1]] - points[:, _ENDS[:, 0]]
        limbs = limbs / limbs.norm(dim=-1, keepdim=True)
        low, high = torch.from_numpy(joint_limits()).unbind(-1)
        beyond = (angles - high).clamp(min=0) + (low - angles).clamp(min=0)
        others = (
            (limbs - self.directions) / DIRECTION_SIGMA,
            (angles - self.lifted) / POSE_SIGMA,
            beyond / LIMIT_SIGMA,
            betas / SHAPE_SIGMA,
        )
        placed = points + unknowns[:, None, TRANSL]
        return self.pixel_errors(placed), torch.cat([part.flatten(1) for part in others], dim=1)


def fit(
    body: BodyModel,
    rotations: NDArray[np.floating],
    world: NDArray[np.floating],
    target: Target,
    camera: Camera,
) -> Parameters:
    """Fit a lifted pose to 2D points.

    Parameters
    ----------
    body : BodyModel
        The body.
    rotations : NDArray, shape (24, 3, 3)
        Local rotations to start from and stay near.
    world : NDArray, shape (45, 3)
        `BODY_POINTS` in space, metres, in any place of the camera frame; limbs keep their
        directions.
    target : Target
        The 2D points; at least two must have weight.
    camera : Camera
        Intrinsics.
    """
    lifted = matrix_to_axis_angle(torch.from_numpy(np.asarray(rotations, dtype=np.float64)))
    limbs = torch.from_numpy(world[_ENDS[:, 1]] - world[_ENDS[:, 0]]).double()
    limbs = limbs / limbs.norm(dim=-1, keepdim=True).clamp(min=1e-9)
    problem = Problem(body, target, limbs, lifted, camera)
    with torch.no_grad():
        unknowns = _minimise(problem, _start(problem))
    angles, betas, transl = unknowns[:ANGLES], unknowns[BETAS], unknowns[TRANSL]
    return Parameters(
        global_orient=angles[:3].numpy().astype(np.float32),
        body_pose=angles[3:].reshape(-1, 3).numpy().astype(np.float32),
        betas=betas.numpy().astype(np.float32),
        transl=transl.numpy().astype(np.float32),
        camera=camera,
    )


def _start(problem: Problem) -> Tensor:
    """Return the lifted pose of the mean shape, placed by resection."""
    rotations = axis_angle_to_matrix(problem.lifted).float()[None]
    points = problem.body.points(rotations, torch.zeros(1, 10), torch.zeros(1, 3))
    pixels, weight = (
        torch.from_numpy(each) for each in (problem.target.pixels, problem.target.weight)
    )
    transl = fit_translation(points, pixels, weight, problem.camera)[0]
    return torch.cat([problem.lifted.flatten(), torch.zeros(10), transl]).double()


def _minimise(problem: Problem, unknowns: Tensor) -> Tensor:
    """Run Levenberg-Marquardt with derivatives by forward differences, all in one batch."""
    steps = DIFFERENCE * torch.eye(UNKNOWNS, dtype=torch.float64)
    damping = 1e-2
    for share in ROBUST_SCALES:
        scale = (share / PIXEL_SIGMA) ** 2
        batch = torch.cat([unknowns[None], unknowns + steps])
        pixel, other = problem.residuals(batch)
        weight = scale / (scale + pixel[:1].square().sum(-1, keepdim=True))
        errors = torch.cat([(pixel * weight).flatten(1), other], dim=1)
        jacobian = (errors[1:] - errors[0]) / DIFFERENCE
        gradient = jacobian @ errors[0]
        hessian = jacobian @ jacobian.T
        trials = damping * torch.tensor([0.1, 1, 10, 100], dtype=torch.float64)
        damped = hessian + trials[:, None, None] * torch.diag(hessian.diagonal() + 1)
        moved = torch.cat(
            [unknowns[None], unknowns - torch.linalg.solve(damped, gradient.expand(4, -1))]
        )
        costs = _cost(*problem.residuals(moved), scale)
        best = int(costs.argmin())
        unknowns = moved[best]
        damping = float(trials[best - 1]) if best else damping * 1000
    return unknowns


def _cost(pixel: Tensor, other: Tensor, scale: float) -> Tensor:
    """Return the cost (B,): Geman-McClure's of pixel errors, the square of all others."""
    square = pixel.square().sum(-1)
    return (scale * square / (scale + square)).sum(1) + other.square().sum(1)
