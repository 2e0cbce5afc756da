"""Backgrounds for training: clouds, stripes, tiles and clutter, none of them photographs.

Colours are uint8 RGB.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Pixels = NDArray[np.uint8]

SIDE = 192


def backgrounds(count: int, seed: int) -> Pixels:
    """Paint `count` backgrounds (count, SIDE, SIDE, 3)."""
    rng = np.random.default_rng(seed)
    return np.stack([_one(rng) for _ in range(count)])


def _one(rng: np.random.Generator) -> Pixels:
    picture = _clouds(rng, _colour(rng), rng.uniform(0, 35))
    if rng.random() < 0.2:
        picture = _stripes(picture, rng)
    if rng.random() < 0.5:
        picture = _clutter(picture, rng)
    fine = rng.normal(0, rng.uniform(0, 8), (SIDE, SIDE, 1))
    return np.clip(picture + fine, 0, 255).astype(np.uint8)


def _colour(rng: np.random.Generator) -> NDArray[np.floating]:
    return np.clip(rng.uniform(20, 240) + rng.normal(0, 28, 3), 0, 255)


def _clouds(
    rng: np.random.Generator, colour: NDArray[np.floating], contrast: float
) -> NDArray[np.floating]:
    """Add noise of several scales to a colour, each scale weaker than the coarser."""
    total = np.tile(colour, (SIDE, SIDE, 1))
    for cells in (2, 4, 8, 16, 32, 64):
        grid = rng.normal(0, 0.25, (cells, cells, 3)) + rng.normal(0, 1, (cells, cells, 1))
        layers = [
            np.asarray(Image.fromarray(layer).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
            for layer in np.moveaxis(grid.astype(np.float32), 2, 0)
        ]
        total += contrast * np.stack(layers, axis=2) * (2 / cells) ** 0.5
    return total


def _stripes(picture: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.floating]:
    """Lay stripes or tiles over a picture."""
    y, x = np.mgrid[:SIDE, :SIDE]
    angle, width = rng.choice((0, np.pi / 2, rng.uniform(0, np.pi))), rng.uniform(5, 50)
    across = np.cos(angle) * x + np.sin(angle) * y
    mask = np.sin(across * np.pi / width) > rng.uniform(-0.9, 0.9)
    if rng.random() < 0.4:
        along = np.cos(angle) * y - np.sin(angle) * x
        mask ^= np.sin(along * np.pi / width) > rng.uniform(-0.9, 0.9)
    return np.asarray(picture + mask[..., None] * rng.normal(0, 40, 3))


def _clutter(picture: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.floating]:
    """Draw things: boxes, poles, discs, limb-like strokes of a few colours."""
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    palette = [tuple(int(value) for value in _colour(rng)) for _ in range(4)]
    for _ in range(rng.integers(1, 7)):
        colour = palette[rng.integers(len(palette))]
        places = rng.uniform(-20, SIDE + 20, (4, 2))
        corners = [(float(x), float(y)) for x, y in places]
        kind = rng.integers(4)
        if kind == 0:
            draw.polygon(corners, fill=colour)
        elif kind == 1:
            (left, top), (right, bottom) = places[:2].min(axis=0), places[:2].max(axis=0)
            draw.rectangle((left, top, right, bottom), fill=colour)
        elif kind == 2:
            (x, y), radius = places[0], rng.uniform(4, 40)
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        else:
            draw.line(corners[:3], fill=colour, width=int(rng.integers(2, 22)), joint="curve")
    return np.asarray(image, dtype=np.float64)
