"""People with their truth, a rough annotation and keypoints, in batches without end: to learn from.

Three sources are mixed: true poses with synthetic mistakes; people whom a frontend has annotated
(`training.pairs`), mirrored and rolled; and the mistakes of those transplanted onto other poses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import radians

import numpy as np
import torch
from torch import Tensor

from core.body import BodyModel
from core.errors import UnreadableInput
from core.evidence import BOX_MARGIN
from core.pose.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    rot6d_to_matrix,
    rotations_of,
)
from core.pose.vectors import from_vector
from core.refiners.reprojection import Pose, Sight
from core.resection import fit_rays
from training.clicks import click
from training.corpora.mocap import PoseSampler, mirror
from training.mistakes import Mistakes, lost, mean_pose
from training.pairs import Pair

SHARES = (0.35, 0.4)
"""Of a batch, where there are people with annotations: those as they are, and their mistakes on
other poses."""
STRETCH = (0.4, 1.3)
"""Transplanted mistakes are made larger or smaller by a factor between these."""
ROLL = radians(12)
"""Deviation by which the camera is rolled about its axis."""
FITTED_MISS = 0.03
"""A Θ1 this near to the true points (median, share of the box side) was fitted to keypoints."""
FITTED = 0.4
"""Share of such people who are given the keypoints that Θ1 was fitted to, not the true ones."""
FITTED_NOISE = 0.01
"""How far off those Θ1 is, share of the box side."""
TUMBLED = 0.15
"""Share of synthetic people who are looked at from any side, also from above and below."""
DISTANCE = (2.5, 8.0)
ASIDE = 0.2
"""Deviation of where synthetic people stand off the camera's axis, metres per metre of depth."""
FOCAL = 1500.0
OTHER_FOCAL = 0.2
"""Deviation of the logarithm of the focal length that Θ1 assumes, for half of the people."""
MEAN_SAMPLES = 4096


@dataclass(frozen=True, eq=False)
class Rough:
    """B people.

    Parameters
    ----------
    true : Tensor, shape (B, 24, 3, 3)
        Local rotations, camera frame.
    points : Tensor, shape (B, 45, 3)
        True body points, metres, camera frame.
    rotations, betas, transl : Tensor, shape (B, 24, 3, 3), (B, 10) and (B, 3)
        Θ1, standing where it fits the true points best.
    pixels, weight, side, focal, centre : Tensor
        As of `Sight`.
    """

    true: Tensor
    points: Tensor
    rotations: Tensor
    betas: Tensor
    transl: Tensor
    pixels: Tensor
    weight: Tensor
    side: Tensor
    focal: Tensor
    centre: Tensor

    @property
    def theta1(self) -> Pose:
        """Θ1 as a search starts from it."""
        return Pose(self.rotations, self.betas, self.transl)

    @property
    def sight(self) -> Sight:
        """What is seen, in Θ1's camera; the weights are 0 where nothing is."""
        return Sight(self.pixels, self.weight, self.side, self.focal, self.centre)

    def parts(self) -> tuple[Tensor, ...]:
        """Return the fields in their order, for `training.loop`; `Rough(*parts)` undoes it."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def placed(self, body: BodyModel) -> "Rough":
        """Move Θ1 onto the keypoints, as refiners do; who has fewer than three stays."""
        points = body.points(self.rotations, self.betas, torch.zeros_like(self.transl))
        rays = (self.pixels - self.centre[:, None]) / self.focal[:, None, None]
        found = fit_rays(points, rays, self.weight)
        enough = (self.weight > 0).sum(1) >= 3
        return replace(self, transl=torch.where(enough[:, None], found, self.transl))


@dataclass(frozen=True, eq=False)
class Views:
    """B people as two cameras see them: the corpus' own, and the one that Θ1 assumes.

    Parameters
    ----------
    true, rough : Tensor, shape (B, 24, 3, 3)
        Local rotations.
    betas, rough_betas : Tensor, shape (B, 10)
        Of the truth and of Θ1.
    transl : Tensor, shape (B, 3)
        True, metres.
    focal, rough_focal : Tensor, shape (B,)
        Pixels.
    centre : Tensor, shape (B, 2)
        Principal point of the corpus' camera from that of Θ1's, pixels.
    """

    true: Tensor
    rough: Tensor
    betas: Tensor
    rough_betas: Tensor
    transl: Tensor
    focal: Tensor
    rough_focal: Tensor
    centre: Tensor

    def __len__(self) -> int:
        return len(self.true)

    def __getitem__(self, rows: Tensor) -> "Views":
        return Views(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def join(cls, many: Sequence["Views"]) -> "Views":
        """Put people one after the other."""
        return cls(
            *(torch.cat([getattr(one, field.name) for one in many]) for field in fields(cls))
        )

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "Views":
        """Take people whose true parameters and camera are known; the others are left out.

        Raises
        ------
        UnreadableInput
            Nobody is left.
        """
        rows = [row for pair in pairs if (row := _row(pair)) is not None]
        if not rows:
            raise UnreadableInput(
                "Of nobody the true parameters and the camera are known",
                "Give a corpus that has them: 3DPW, or one of `python -m training.rendered`",
            )
        return cls(
            *(torch.from_numpy(np.stack(column)).float() for column in zip(*rows, strict=True))
        )

    def mirrored(self, chosen: Tensor) -> "Views":
        """Look at some people (B,) in a mirror that holds the optical axis."""
        flip = torch.tensor([-1.0, 1.0, 1.0])

        def either(one: Tensor, other: Tensor) -> Tensor:
            return torch.where(chosen.reshape(-1, *[1] * (one.ndim - 1)), other, one)

        return replace(
            self,
            true=either(self.true, mirror(self.true)),
            rough=either(self.rough, mirror(self.rough)),
            transl=either(self.transl, self.transl * flip),
            centre=either(self.centre, self.centre * flip[:2]),
        )

    def rolled(self, angle: Tensor) -> "Views":
        """Roll the cameras about their axes by angles (B,), radians."""
        turn = axis_angle_to_matrix(angle[:, None] * torch.tensor([0.0, 0.0, 1.0]))

        def turned(rotations: Tensor) -> Tensor:
            return torch.cat([(turn @ rotations[:, 0])[:, None], rotations[:, 1:]], dim=1)

        return replace(
            self,
            true=turned(self.true),
            rough=turned(self.rough),
            transl=(turn @ self.transl[..., None])[..., 0],
            centre=(turn[:, :2, :2] @ self.centre[..., None])[..., 0],
        )


class RoughSource:
    """Draws people.

    Parameters
    ----------
    body : BodyModel
        Whose points are seen.
    motion : PoseSampler
        True poses of those who may be trained on.
    pairs : sequence of Pair
        People whom frontends have annotated; may be empty.
    shares : tuple of float
        As `SHARES`.
    """

    def __init__(
        self,
        body: BodyModel,
        motion: PoseSampler,
        pairs: Sequence[Pair] = (),
        shares: tuple[float, float] = SHARES,
    ) -> None:
        self._body = body
        self._shares = shares
        self._motion = motion
        self._known = Views.of(pairs) if pairs else None
        generator = torch.Generator().manual_seed(0)
        poses, _ = from_vector(motion(MEAN_SAMPLES, generator))
        self._mistakes = Mistakes(mean_pose(poses))

    def __call__(self, count: int, generator: torch.Generator) -> Rough:
        """Draw people, most of whom are given keypoints."""
        if self._known is None:
            views = self._synthetic(count, generator)
        else:
            real, other = (round(share * count) for share in self._shares)
            views = Views.join(
                [
                    self._some(self._known, real, generator),
                    self._transplanted(self._known, other, generator),
                    self._synthetic(count - real - other, generator),
                ]
            )
        flipped = torch.rand(count, generator=generator) < 0.5
        roll = ROLL * torch.randn(count, generator=generator)
        return self.seen(views.mirrored(flipped).rolled(roll), generator)

    def seen(self, views: Views, generator: torch.Generator) -> Rough:
        """Photograph people, put Θ1 where it fits, and give keypoints."""
        points = self._body.points(views.true, views.betas, views.transl)
        rays = points[..., :2] / points[..., 2:].clamp(min=0.1)
        pixels = rays * views.focal[:, None, None] + views.centre[:, None]
        side = BOX_MARGIN * (pixels.amax(1) - pixels.amin(1)).amax(1)
        focal = views.rough_focal[:, None, None]
        rough = self._body.points(views.rough, views.rough_betas, torch.zeros(len(views), 3))
        transl = fit_rays(rough, pixels / focal, torch.ones(pixels.shape[:2]))
        placed = rough + transl[:, None]
        fitted = placed[..., :2] / placed[..., 2:].clamp(min=0.1) * focal
        miss = (fitted - pixels).norm(dim=-1).median(1).values / side
        own = (miss < FITTED_MISS) & (torch.rand(len(views), generator=generator) < FITTED)
        noise = FITTED_NOISE * side[:, None, None]
        fitted = fitted + noise * torch.randn(fitted.shape, generator=generator)
        shown, weight = click(pixels, side, generator)
        shown = torch.where(own[:, None, None], fitted, shown)
        return Rough(
            views.true,
            points,
            views.rough,
            views.rough_betas,
            transl,
            shown,
            weight,
            side,
            views.rough_focal,
            torch.zeros(len(views), 2),
        ).placed(self._body)

    def _some(self, known: Views, count: int, generator: torch.Generator) -> Views:
        return known[torch.randint(len(known), (count,), generator=generator)]

    def _synthetic(self, count: int, generator: torch.Generator) -> Views:
        true, betas = from_vector(self._motion(count, generator))
        poor = 0.4 * betas + 0.6 * torch.randn(betas.shape, generator=generator)
        known = torch.rand(count, 1, generator=generator) < 0.5
        rough_betas = torch.where(known, betas, poor)
        return self._staged(true, self._mistakes(true, generator), betas, rough_betas, generator)

    def _transplanted(self, known: Views, count: int, generator: torch.Generator) -> Views:
        """Give other poses the mistakes of real pairs: the pelvis' as the camera sees them."""
        real = self._some(known, count, generator)
        true, betas = from_vector(self._motion(count, generator))
        low, high = STRETCH
        stretch = low + (high - low) * torch.rand(count, 1, 1, generator=generator)
        error = matrix_to_axis_angle(real.true.mT @ real.rough)
        error[:, 0] = matrix_to_axis_angle(real.rough[:, 0] @ real.true[:, 0].mT)
        turns = axis_angle_to_matrix(stretch * error)
        rough = true @ turns
        rough[:, 0] = turns[:, 0] @ true[:, 0]
        rough_betas = betas + real.rough_betas - real.betas
        return self._staged(true, rough, betas, rough_betas, generator)

    def _staged(
        self,
        true: Tensor,
        rough: Tensor,
        betas: Tensor,
        rough_betas: Tensor,
        generator: torch.Generator,
    ) -> Views:
        """Put poses before a camera, which looks at some from anywhere; lose some altogether."""
        count = len(true)
        rough = lost(rough, generator)
        tumbled = rot6d_to_matrix(torch.randn(count, 6, generator=generator), "columns")
        chosen = (torch.rand(count, generator=generator) < TUMBLED)[:, None, None]
        true, rough = (
            torch.cat(
                [torch.where(chosen, tumbled @ each[:, 0], each[:, 0])[:, None], each[:, 1:]], dim=1
            )
            for each in (true, rough)
        )
        low, high = DISTANCE
        depth = low + (high - low) * torch.rand(count, 1, generator=generator)
        aside = ASIDE * torch.randn(count, 2, generator=generator)
        focal = torch.full((count,), FOCAL)
        wrong = torch.rand(count, generator=generator) < 0.5
        off = (OTHER_FOCAL * torch.randn(count, generator=generator) * wrong).exp()
        transl = torch.cat([aside * depth, depth], dim=1)
        centre = torch.zeros(count, 2)
        return Views(true, rough, betas, rough_betas, transl, focal, focal * off, centre)


def _row(pair: Pair) -> tuple[object, ...] | None:
    """Return one person's entries of `Views`, or None where the truth is not known in full."""
    smpl, intrinsics, camera = pair.sample.smpl, pair.sample.intrinsics, pair.theta1.camera
    if smpl is None or smpl.betas is None or smpl.transl is None or intrinsics is None:
        return None
    if smpl.frame != "camera":
        return None
    pose = torch.from_numpy(np.concatenate([smpl.global_orient[None], smpl.body_pose]))
    return (
        axis_angle_to_matrix(pose).numpy(),
        rotations_of(pair.theta1).numpy(),
        smpl.betas,
        pair.theta1.betas,
        smpl.transl,
        intrinsics[0, 0],
        np.float64(camera.focal),
        intrinsics[:2, 2] - (camera.cx, camera.cy),
    )
