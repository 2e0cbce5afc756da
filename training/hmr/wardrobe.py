"""Clothes at random: colours, sleeves, trouser legs, stripes, checks and blots."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.body import BodyModel
from core.body.clothes import Colour, Outfit, vertex_colours

SKINS: tuple[Colour, ...] = (
    (238, 200, 176), (226, 178, 150), (208, 158, 124), (176, 124, 92), (140, 94, 68),
    (104, 70, 52), (74, 50, 40),
)  # fmt: skip
HAIRS: tuple[Colour, ...] = ((28, 24, 24), (58, 42, 32), (110, 76, 46), (190, 160, 100), (150,) * 3)


def dressed(body: BodyModel, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Dress a body at random.

    Returns
    -------
    NDArray, shape (V, 3)
        RGB of each vertex.
    """
    first = Outfit(
        "random",
        shirt=_cloth(rng),
        trousers=_cloth(rng),
        shoes=_cloth(rng),
        skin=_near(SKINS[rng.integers(len(SKINS))], rng),
        hair=_near(HAIRS[rng.integers(len(HAIRS))], rng),
        sleeve=rng.uniform(0, 1),
        leg=rng.uniform(0.2, 1),
    )
    if rng.random() < 0.15:  # an overall
        first = replace(first, trousers=first.shirt)
    second = replace(first, shirt=_cloth(rng), trousers=_cloth(rng))
    cover = _pattern(body.template, rng)[:, None]
    blend = (1 - cover) * vertex_colours(body, first) + cover * vertex_colours(body, second)
    return np.rint(blend).astype(np.uint8)


def _cloth(rng: np.random.Generator) -> Colour:
    """Return a colour: grey as often as colourful, dark as often as light."""
    grey = rng.uniform(15, 245)
    colour = np.clip(grey + rng.normal(0, rng.choice((4, 50)), 3), 5, 250)
    red, green, blue = (int(value) for value in colour)
    return red, green, blue


def _near(colour: Colour, rng: np.random.Generator) -> Colour:
    red, green, blue = (
        int(np.clip(value + shift, 0, 255))
        for value, shift in zip(colour, rng.normal(0, 8, 3), strict=True)
    )
    return red, green, blue


def _pattern(template: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.floating]:
    """Return how much of the second colour each vertex (V, 3) of the resting body gets, 0 to 1."""
    kind = rng.choice(("plain", "stripes", "checks", "blots"))
    width = rng.uniform(0.03, 0.12)
    waves = np.sin(template * (np.pi / width) + rng.uniform(0, 2 * np.pi, 3))
    if kind == "plain":
        return np.zeros(len(template))
    if kind == "stripes":
        return (waves[:, rng.integers(2)] > rng.uniform(-0.5, 0.7)).astype(float)
    if kind == "checks":
        return (waves[:, 0] * waves[:, 1] > 0).astype(float)
    mixed = np.sin(template @ rng.normal(0, 14, (3, 6)) + rng.uniform(0, 2 * np.pi, 6)).sum(axis=1)
    return np.asarray(np.clip(0.5 + mixed / 2, 0, 1))
