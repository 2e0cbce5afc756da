"""Cut-outs before backgrounds, beside and behind others, as the network will see them: batched."""

import re
from dataclasses import dataclass
from math import pi, radians

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate

from core.frontends.hmr.crop import MEAN, STD
from core.frontends.hmr.origins import ORIGINS
from core.keypoints import BODY_POINTS
from training.corpora.mocap import mirror
from training.hmr.cutouts import FILL, CutOuts

ZOOM = 1 / (ORIGINS["open"].margin * FILL)
"""Size of a cut-out in the crop that a tight box gives."""

_OTHER = {"left": "right", "right": "left"}
_MIRRORED = [
    BODY_POINTS.index(re.sub("left|right", lambda side: _OTHER[side[0]], name))
    for name in BODY_POINTS
]


@dataclass(frozen=True, eq=False)
class Labels:
    """The truth about B crops.

    Parameters
    ----------
    rotations : Tensor, shape (B, 24, 3, 3)
        Local rotations, the pelvis' in the crop's camera frame.
    betas : Tensor, shape (B, 10)
    pixels : Tensor, shape (B, 45, 2)
        Of the `BODY_POINTS`, from the crop's centre in units of half its side.
    """

    rotations: Tensor
    betas: Tensor
    pixels: Tensor


class Dice:
    """Random numbers (B,) of one generator."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self._count = count
        self._generator = generator

    def between(self, low: float, high: float, *shape: int) -> Tensor:
        """Draw uniformly."""
        drawn = torch.rand(self._count, *shape, generator=self._generator)
        return low + (high - low) * drawn

    def normal(self, deviation: float, *shape: int) -> Tensor:
        """Draw normally about 0."""
        return deviation * torch.randn(self._count, *shape, generator=self._generator)

    def chance(self, probability: float) -> Tensor:
        """Draw true so often."""
        return torch.rand(self._count, generator=self._generator) < probability


def compose(
    people: CutOuts, others: CutOuts, backgrounds: Tensor, size: int, generator: torch.Generator
) -> tuple[Tensor, Labels]:
    """Make crops of people.

    Parameters
    ----------
    people, others : CutOuts
        B each; another stands beside every tenth, before or behind.
    backgrounds : Tensor, shape (N, S, S, 3), uint8
        Those behind people, and the stuff of what hides them, are drawn from it.
    size : int
        Side of a crop in pixels.
    generator : torch.Generator
        Source of every random draw.

    Returns
    -------
    images : Tensor, shape (B, 3, size, size)
        Normalised network input, channels last in memory.
    labels : Labels
    """
    dice = Dice(len(people.betas), generator)
    flip, turn, zoom, shift = _framing(dice)
    picture = _textures(backgrounds, size, dice)
    beside, before = dice.chance(0.1), dice.chance(0.5)
    place = _place_beside(dice)

    def add_other(where: Tensor) -> None:
        if not where.any():
            return
        flipped, turned, zoomed, moved = (each[where] for each in place)
        layer = _warped(others[where], flipped, turned, zoomed, moved, size)
        picture[where] = _over(picture[where], layer)

    add_other(beside & ~before)
    picture = _over(picture, _warped(people, flip, turn, zoom, shift, size))
    add_other(beside & before)
    hidden = dice.chance(0.12)
    if hidden.any():
        things = _things(backgrounds, size, Dice(int(hidden.sum()), generator))
        picture[hidden] = _over(picture[hidden], things)
    picture = _cut_off(_photographed(picture, dice), dice)
    normal = (picture - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    labels = _labels(people, flip, turn, zoom, shift)
    return normal.contiguous(memory_format=torch.channels_last), labels


def _framing(dice: Dice) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw mirroring, roll (radians), zoom and shift: boxes are loose, tight, or cut people off."""
    turn = torch.where(dice.chance(0.6), dice.normal(radians(8)), torch.tensor(0.0))
    zoom = ZOOM * torch.exp(dice.between(-0.15, 0.12))
    shift = dice.normal(0.05, 2)
    near = dice.chance(0.05)
    zoom = torch.where(near, ZOOM * dice.between(1.2, 1.9), zoom)
    shift = torch.where(near[:, None], dice.between(-0.5, 0.5, 2), shift)
    return dice.chance(0.5), turn, zoom, shift


def _place_beside(dice: Dice) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    aside = dice.between(0.55, 1.3) * torch.where(dice.chance(0.5), 1.0, -1.0)
    shift = torch.stack([aside, dice.normal(0.25)], dim=1)
    return dice.chance(0.5), dice.normal(radians(10)), ZOOM * dice.between(0.6, 1.4), shift


def _warped(
    people: CutOuts, flip: Tensor, turn: Tensor, zoom: Tensor, shift: Tensor, size: int
) -> Tensor:
    """Place cut-outs in crops; RGBA (B, 4, size, size), 0 to 1, colour times alpha."""
    back = _linear(flip, turn, zoom).inverse()
    theta = torch.cat([back, -back @ shift[..., None]], dim=2)
    rgba = people.pictures.permute(0, 3, 1, 2).float() / 255
    rgba[:, :3] *= rgba[:, 3:]
    return _sampled(rgba, theta, size)


def _linear(flip: Tensor, turn: Tensor, zoom: Tensor) -> Tensor:
    """Return what brings directions of a cut-out into the crop: (B, 2, 2)."""
    rows = _roll(turn)[:, :2, :2] * zoom[:, None, None]
    mirrored = torch.where(flip, -1.0, 1.0)
    return torch.cat([rows[..., :1] * mirrored[:, None, None], rows[..., 1:]], dim=2)


def _roll(turn: Tensor) -> Tensor:
    """Rotations (B, 3, 3) about the optical axis, clockwise in the picture."""
    cos, sin, zero = turn.cos(), turn.sin(), torch.zeros_like(turn)
    rows = (cos, -sin, zero, sin, cos, zero, zero, zero, torch.ones_like(turn))
    return torch.stack(rows, dim=1).reshape(-1, 3, 3)


def _sampled(image: Tensor, theta: Tensor, size: int, padding: str = "zeros") -> Tensor:
    shape = [len(image), image.shape[1], size, size]
    grid = torch.nn.functional.affine_grid(theta, shape, align_corners=False)
    return grid_sample(image, grid, padding_mode=padding, align_corners=False)


def _over(below: Tensor, above: Tensor) -> Tensor:
    """Lay RGBA (colour times alpha) over RGB."""
    return below * (1 - above[:, 3:]) + above[:, :3]


def _textures(backgrounds: Tensor, size: int, dice: Dice) -> Tensor:
    """Draw parts of backgrounds at any size, turn and brightness: (B, 3, size, size)."""
    chosen = (dice.between(0, len(backgrounds))).long()
    image = backgrounds[chosen].permute(0, 3, 1, 2).float() / 255
    scale = dice.between(0.25, 1.0)
    theta = torch.cat(
        [_linear(dice.chance(0.5), dice.normal(0.3), scale), dice.between(-0.4, 0.4, 2, 1)], dim=2
    )
    picture = _sampled(image, theta, size, "reflection")
    return picture * dice.between(0.7, 1.2, 1, 1, 1)


def _things(backgrounds: Tensor, size: int, dice: Dice) -> Tensor:
    """Draw boxes and discs of some texture that hide a part of the crop: RGBA."""
    line = torch.linspace(-1, 1, size)
    y, x = torch.meshgrid(line, line, indexing="ij")
    centre, half = dice.between(-0.8, 0.8, 2, 1, 1), dice.between(0.08, 0.3, 2, 1, 1)
    roll = _roll(dice.between(-pi, pi))[:, :2, :2, None, None]
    dx, dy = x - centre[:, 0], y - centre[:, 1]
    along = (roll[:, 0, 0] * dx + roll[:, 0, 1] * dy) / half[:, 0]
    across = (roll[:, 1, 0] * dx + roll[:, 1, 1] * dy) / half[:, 1]
    disc = dice.chance(0.4)[:, None, None]
    reach = torch.where(disc, along.hypot(across), torch.maximum(along.abs(), across.abs()))
    alpha = (reach < 1).float()[:, None]
    return torch.cat([_textures(backgrounds, size, dice) * alpha, alpha], dim=1)


def _photographed(picture: Tensor, dice: Dice) -> Tensor:
    """Expose, tint, blur and add grain."""
    picture = picture.clamp(0, 1) ** torch.exp(dice.normal(0.15, 1, 1, 1))
    grey = picture.mean(dim=1, keepdim=True)
    saturation = torch.where(dice.chance(0.08), torch.tensor(0.0), dice.between(0.4, 1.3))
    picture = grey + (picture - grey) * saturation[:, None, None, None]
    contrast = dice.between(0.75, 1.15, 1, 1, 1)
    picture = 0.5 + (picture - 0.5) * contrast + dice.normal(0.05, 3, 1, 1)
    side = picture.shape[-1]
    for share, small in ((0.1, side // 2), (0.02, side // 4)):
        blurred = dice.chance(share)
        if not blurred.any():
            continue
        few = interpolate(picture[blurred], size=small, mode="area")
        picture[blurred] = interpolate(few, size=side, mode="bilinear", align_corners=False)
    grain = dice.between(0, 0.03, 1, 1, 1) * dice.normal(1.0, 1, side, side)
    return (picture + grain).clamp(0, 1)


def _cut_off(picture: Tensor, dice: Dice) -> Tensor:
    """Black out what lies beyond an edge of the photograph, in every twelfth crop."""
    size = picture.shape[-1]
    edge = (size * dice.between(0.02, 0.25)).long()
    edge = torch.where(dice.chance(0.08), edge, 0)[:, None]
    outside = torch.arange(size) < edge
    which = dice.between(0, 4).long()
    for number, mask in enumerate(
        (outside[:, None], outside.flip(1)[:, None], outside[..., None], outside.flip(1)[..., None])
    ):
        hidden = mask & (which == number)[:, None, None]
        picture = torch.where(hidden[:, None], torch.tensor(0.0), picture)
    return picture


def _labels(people: CutOuts, flip: Tensor, turn: Tensor, zoom: Tensor, shift: Tensor) -> Labels:
    chosen = flip[:, None, None, None]
    rotations = torch.where(chosen, mirror(people.rotations), people.rotations)
    orient = _roll(turn) @ rotations[:, 0]
    rotations = torch.cat([orient[:, None], rotations[:, 1:]], dim=1)
    moved = people.pixels @ _linear(flip, turn, zoom).mT + shift[:, None]
    pixels = torch.where(flip[:, None, None], moved[:, _MIRRORED], moved)
    return Labels(rotations, people.betas, pixels)
