"""A person's square in the picture as network input, resampled as each origin does it.

mmhuman3d and SPIN count pixels from the centre of the top-left one, and put the box's centre at 112
of 224 in that count; ours is cut as drawn. Outside the picture it is black.

All take a picture (H, W, 3) RGB, an upright square in pixels from the corner of the top-left one,
and the side of the crop (size, size, 3).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.frontends.regions import Region

Pixels = NDArray[np.uint8]

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, RGB of 0 to 1 (torchvision)."""


def warped(image: Pixels, square: Region, size: int) -> Pixels:
    """Cut as mmhuman3d: bilinear sampling, large pictures not averaged first."""
    step = square.side / size
    # PIL maps corners; the origin maps centres, half a step further
    left = square.x - square.side / 2 - step / 2
    top = square.y - square.side / 2 - step / 2
    affine = (step, 0, left, 0, step, top)
    cut = Image.fromarray(image).transform(
        (size, size), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
    )
    return np.asarray(cut)


def stretched(image: Pixels, square: Region, size: int) -> Pixels:
    """Cut as SPIN: at whole pixels, contrast stretched to 0..255, then resized with averaging.

    The stretch is a side effect of `scipy.misc.imresize` on floats, which its crop relies on.
    """
    centre = np.array([square.x, square.y]) - 0.5
    low = np.trunc(centre - square.side / 2).astype(int)
    high = np.maximum(np.trunc(centre + square.side / 2).astype(int), low + 1)
    cut = np.asarray(Image.fromarray(image).crop((*low.tolist(), *high.tolist())))
    darkest = int(cut.min())
    span = max(int(cut.max()) - darkest, 1)
    levels = np.clip((np.arange(256) - darkest) * (255 / span), 0, 255) + 0.5
    wide = Image.fromarray(levels.astype(np.uint8)[cut])
    return np.asarray(wide.resize((size, size), Image.Resampling.BILINEAR))


def averaged(image: Pixels, square: Region, size: int) -> Pixels:
    """Cut as `hmr-open`: resized with averaging, corners where the square has them."""
    low = np.array([square.x, square.y]) - square.side / 2
    outer = (*np.floor(low).astype(int).tolist(), *np.ceil(low + square.side).astype(int).tolist())
    left, top = low - outer[:2]
    cut = Image.fromarray(image).crop(outer)
    box = (left, top, left + square.side, top + square.side)
    return np.asarray(cut.resize((size, size), Image.Resampling.BILINEAR, box))


def normalised(crop: Pixels) -> Tensor:
    """Return a crop (S, S, 3) as network input (1, 3, S, S)."""
    pixels = torch.from_numpy(crop.astype(np.float32) / 255)
    return ((pixels - torch.tensor(MEAN)) / torch.tensor(STD)).permute(2, 0, 1)[None]
