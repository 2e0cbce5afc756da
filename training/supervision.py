"""The paper's loss L = L_ori + γ3D L3D + γ2D L2D, with gradients that reach the network.

Source: DiffAnnot (ICIPMC 2023), as its text says; its released code detaches L3D and L2D.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.body import BodyModel
from core.diffusion.gaussian import GaussianDiffusion, Model
from core.keypoints import BODY_POINTS, CONVENTIONS, body_points
from core.pose.roma_alone import roma
from core.pose.vectors import from_vector

Align = Literal["procrustes", "root"]

NEAREST = 0.1
"""Metres; points are not projected from nearer."""


class TrainedPoints:
    """The P points of a body that joints and keypoints are compared with.

    The 45 `BODY_POINTS`, then those of a data set's own regressor. They live on the CPU.

    Parameters
    ----------
    body : BodyModel
        Posed by the restored Θ2.
    regressor : Tensor or None, shape (R, V)
        Joints as weights of the vertices; posing all vertices takes longer.
    convention : str or None
        Names of the regressor's rows (`core.keypoints.CONVENTIONS`).

    Raises
    ------
    ValueError
        The regressor does not fit the body or the convention.
    """

    def __init__(
        self, body: BodyModel, regressor: Tensor | None = None, convention: str | None = None
    ) -> None:
        names = () if convention is None else CONVENTIONS[convention]
        shape = None if regressor is None else tuple(regressor.shape)
        if (convention is not None or shape) and shape != (len(names), body.num_vertices):
            raise ValueError(f"a regressor to {convention} on this body cannot be {shape}")
        self._body = body
        self._regressor = regressor
        self._names = names
        self.count = len(BODY_POINTS) + len(names)

    def __call__(self, vector: Tensor, transl: Tensor) -> Tensor:
        """Pose vectors of Θ (B, 82 | 154 | 226) at translations (B, 3) in metres.

        Returns
        -------
        Tensor, shape (B, P, 3)
            Metres, in the frame of the global orientation.
        """
        rotations, betas = from_vector(vector)
        if self._regressor is None:
            return self._body.points(rotations, betas, transl)
        vertices, points = self._body.forward(rotations, betas, transl)
        return torch.cat([points, self._regressor @ vertices], dim=1)

    def places(self, convention: str) -> list[int]:
        """Return, for each keypoint of a convention, its place among the P points, or -1.

        The point of that name, of the body or else of the regressor; or the nearest of the body.
        """
        own = {name: len(BODY_POINTS) + row for row, name in enumerate(self._names)}
        own |= {name: place for place, name in enumerate(BODY_POINTS)}
        nearest = body_points(convention).tolist()
        names = CONVENTIONS[convention]
        return [own.get(name, near) for name, near in zip(names, nearest, strict=True)]


@dataclass(frozen=True, eq=False)
class Targets:
    """What is known of B samples; zeros where a mask or weight says that nothing is.

    Parameters
    ----------
    start : Tensor, shape (B, D)
        Vectors of Θ that noise is added to: true ones, or rough ones where those are not known.
    true : Tensor, shape (B,), bool
        Whether `start` is true, so that L_ori counts.
    joints : Tensor, shape (B, P, 3)
        True points, metres; the frame and its axes as the global orientation's, any origin.
    known : Tensor, shape (B, P), bool
        Which of them the sample has.
    root : Tensor, shape (B,), int64
        Place of the root that `root` aligns by.
    pixels : Tensor, shape (B, P, 2)
        Keypoints.
    confidence : Tensor, shape (B, P)
        0 (missing) to 1.
    intrinsics : Tensor, shape (B, 3, 3)
        Of the camera, pixels.
    transl : Tensor, shape (B, 3)
        Where the body stands in the camera's frame, metres; it is not trained.
    side : Tensor, shape (B,)
        Longer side of the person's box, pixels.
    """

    start: Tensor
    true: Tensor
    joints: Tensor
    known: Tensor
    root: Tensor
    pixels: Tensor
    confidence: Tensor
    intrinsics: Tensor
    transl: Tensor
    side: Tensor


@dataclass(frozen=True, eq=False)
class Supervision:
    """How much joints and keypoints count beside the noise. The paper does not state its γ.

    Parameters
    ----------
    points : TrainedPoints
        What is compared.
    gamma_3d : float
        A metre of L3D; the released code divides millimetres by 200.
    gamma_2d : float
        A box side of L2D.
    align : str
        Before L3D: `procrustes`, as the paper's PA-MPJPE, or `root`.
    """

    points: TrainedPoints
    gamma_3d: float = 5.0
    gamma_2d: float = 5.0
    align: Align = "procrustes"

    def losses(
        self,
        process: GaussianDiffusion,
        model: Model,
        targets: Targets,
        t: Tensor,
        noise: Tensor,
        weight: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Run the network once and compare what it says in all three ways.

        Parameters
        ----------
        process : GaussianDiffusion
            Restores x_0 from whatever the network predicts.
        model : callable
            The network.
        targets : Targets
            Parts that the network sees are on its device.
        t, noise : Tensor, shape (B,) and (B, D)
            Of the forward process.
        weight : Tensor or None, shape (B,)
            Factor of L_ori.

        Returns
        -------
        dict
            "ori", "joints_3d", "joints_2d", each (B,) and 0 where the sample lacks the term, and
            "loss" (B,), their weighted sum.
        """
        said: list[Tensor] = []

        def once(x: Tensor, timesteps: Tensor) -> Tensor:
            said.append(model(x, timesteps))
            return said[0]

        ori = process.training_losses(once, targets.start, t, noise=noise)["loss"]
        x_t = process.q_sample(targets.start, t, noise)
        restored = process.p_mean_variance(lambda *_: said[0], x_t, t, clip_denoised=False)
        x_0 = restored["pred_xstart"].float().cpu()
        points = self.points(x_0, targets.transl)
        terms = {
            "ori": (ori if weight is None else ori * weight) * targets.true.to(ori.device),
            "joints_3d": joints_3d(points, targets, self.align).to(ori.device),
            "joints_2d": joints_2d(points, targets).to(ori.device),
        }
        beside = self.gamma_3d * terms["joints_3d"] + self.gamma_2d * terms["joints_2d"]
        return terms | {"loss": terms["ori"] + beside}


def joints_3d(points: Tensor, targets: Targets, align: Align) -> Tensor:
    """Mean distance of points (B, P, 3) from the true ones after the alignment.

    Samples with fewer than three points, or without the root to align by, have no such term.

    Returns
    -------
    Tensor, shape (B,)
        Metres.
    """
    if align == "procrustes":
        has = targets.known.sum(1) >= 3
    else:
        has = targets.known.gather(1, targets.root[:, None])[:, 0]
    # Those without the term are taken out, not masked: what is undefined has no gradient of 0.
    pred, true, known = points[has], targets.joints[has], targets.known[has].to(points.dtype)
    if align == "procrustes":
        turn, shift, scale = roma.rigid_points_registration(
            pred, true, weights=known, compute_scaling=True
        )
        pred = scale[:, None, None] * pred @ turn.mT + shift[:, None]
    else:
        root = targets.root[has]
        rows = torch.arange(len(root))
        pred, true = pred - pred[rows, root][:, None], true - true[rows, root][:, None]
    return _spread(has, _mean_distance(pred, true, known))


def joints_2d(points: Tensor, targets: Targets) -> Tensor:
    """Mean distance of projected points (B, P, 3) from the keypoints, weighted by confidence.

    Returns
    -------
    Tensor, shape (B,)
        Share of the longer side of the box; 0 for samples without keypoints.
    """
    has = (targets.confidence > 0).any(1)
    seen = points[has]
    seen = torch.cat([seen[..., :2], seen[..., 2:].clamp(min=NEAREST)], dim=-1)
    image = seen @ targets.intrinsics[has].to(seen).mT
    pixels = image[..., :2] / image[..., 2:]
    distance = _mean_distance(pixels, targets.pixels[has], targets.confidence[has])
    return _spread(has, distance / targets.side[has])


def _mean_distance(pred: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    distance: Tensor = torch.linalg.vector_norm(pred - true, dim=-1)
    return (distance * weight).sum(1) / weight.sum(1)


def _spread(has: Tensor, values: Tensor) -> Tensor:
    """Put values of the samples that have them into their places (B,)."""
    return values.new_zeros(len(has)).masked_scatter(has, values)
