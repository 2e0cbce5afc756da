"""Keypoints as annotators and detectors give them: noise, gaps, and some that are plainly wrong."""

import torch
from torch import Tensor

from core.keypoints import BODY_POINTS, body_points

CONVENTIONS = (("coco", 0.65), ("blazepose", 0.25), ("smpl_45", 0.1))
"""Which points are given, and in what share of batches: few are learnt from sooner."""
NOISE = 0.09
"""Largest deviation, share of the box side (20 px of a 224 px crop); small ones are more likely."""
EXACT = 0.1
"""Share of people whose keypoints have no noise."""
BLIND = 0.3
"""Share of people who are given none at all."""
GAPS = (0.0, 0.15, 1 / 3, 0.6)
"""Shares of points that are missing, all as likely; a third is what trials hide."""
WILD = 0.25
"""Share of people some of whose keypoints are plainly wrong: `WILD_POINTS` of them."""
WILD_POINTS = 0.1
WILD_MISS = 0.2
"""How far those are off, share of the box side."""

_GIVEN = torch.zeros(len(CONVENTIONS), len(BODY_POINTS))
for _row, (_name, _) in enumerate(CONVENTIONS):
    _points = body_points(_name)
    _GIVEN[_row, _points[_points >= 0]] = 1
_SHARES = torch.tensor([share for _, share in CONVENTIONS])


def click(pixels: Tensor, side: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Give keypoints for where body points are.

    Parameters
    ----------
    pixels : Tensor, shape (B, 45, 2)
        Where `BODY_POINTS` are.
    side : Tensor, shape (B,)
        Longer side of the boxes, pixels.
    generator : torch.Generator
        Source of every draw.

    Returns
    -------
    pixels : Tensor, shape (B, 45, 2)
    weight : Tensor, shape (B, 45)
        Confidence; 0 where nothing is given.
    """
    shape = pixels.shape[:2]
    count = len(pixels)

    def uniform(*size: int) -> Tensor:
        return torch.rand(size, generator=generator)

    row = torch.multinomial(_SHARES, 1, generator=generator)
    gap = torch.tensor(GAPS)[torch.randint(len(GAPS), (count, 1), generator=generator)]
    weight = _GIVEN[row] * (uniform(*shape) >= gap) * (uniform(count, 1) >= BLIND)
    spread = NOISE * uniform(count, 1).square() * (uniform(count, 1) >= EXACT)
    doubt = 1 + uniform(*shape) * (uniform(count, 1) < 0.5)
    wild = (uniform(*shape) < WILD_POINTS) & (uniform(count, 1) < WILD)
    off = torch.where(wild, WILD_MISS, spread * doubt)[..., None] * side[:, None, None]
    return pixels + off * torch.randn(pixels.shape, generator=generator), weight / doubt
