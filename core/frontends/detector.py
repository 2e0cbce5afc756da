"""BlazePose's person detector (Bazarevsky et al., 2020): where people are, roughly.

It sees a person as a circle around the middle of the hips. The facts of the network come from
its MediaPipe graph and were checked against a published result.
"""

from dataclasses import replace
from functools import cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from core.frontends.regions import Region
from core.frontends.tflite import TfliteModel

INPUT_SIZE = 224
LAYERS = ((8, 2), (16, 2), (32, 6))
"""Stride in pixels and anchors a cell; the three equal strides of 32 are one layer."""
MIN_SCORE = 0.5
MIN_IOU = 0.3
WINDOWS = (1.0, 0.6, 0.36)
"""Sides of the windows that are looked into, as shares of the picture's longer side."""
AROUND = 1.2
"""How much longer the window around a person is than their region."""
SAME_IOU = 0.5
"""Regions that overlap by this much are one person seen in two windows."""
BOX_SHAPE = (1, 2254, 12)
SCORE_SHAPE = (1, 2254, 1)


@cache
def anchors() -> NDArray[np.float32]:
    """Return the centres of the anchors, (2254, 2), as shares of the input's side."""
    layers = []
    for stride, repeats in LAYERS:
        cells = INPUT_SIZE // stride
        centre = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(centre, centre), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, repeats, axis=0))
    return np.concatenate(layers).astype(np.float32)


def find_people(model: TfliteModel, image: NDArray[np.uint8]) -> list[Region]:
    """Find people of all sizes in a picture (H, W, 3) RGB, best first.

    The network finds one or two people and no small ones, so it also looks into smaller windows
    that overlap by half. There it takes limbs and animals for people too: who is not seen in the
    whole picture must be seen in two windows.
    """
    height, width = image.shape[:2]
    found: list[tuple[float, Region]] = []
    whole = 0
    for share in WINDOWS:
        side = share * max(width, height)
        for x in _centres(width, side):
            for y in _centres(height, side):
                found += detect(model, image, Region(x, y, side))
        whole = whole or len(found)
    order = sorted(range(len(found)), key=lambda index: -found[index][0])
    people = []
    while order:
        best = found[order[0]][1]
        group = [index for index in order if _overlap(best, found[index][1]) >= SAME_IOU]
        if len(group) > 1 or group[0] < whole:
            people.append(best)
        order = [index for index in order if index not in group]
    return people


def turned(model: TfliteModel, image: NDArray[np.uint8], region: Region) -> Region:
    """Turn an upright region as the person in it is turned.

    Without this the landmark network misreads people who lie or stand on their hands: on rendered
    mocap its error was 22 % to 28 % of the box side where it is 2 % with it. The region stays as it
    is where the detector sees nobody of that place and size.
    """
    found = detect(model, image, replace(region, side=AROUND * region.side))
    angles = {_overlap(region, each): each.angle for _, each in found}
    best = max(angles, default=0.0)
    return replace(region, angle=angles[best]) if best >= SAME_IOU else region


def detect(
    model: TfliteModel, image: NDArray[np.uint8], window: Region
) -> list[tuple[float, Region]]:
    """Find people in an upright window of a picture (H, W, 3) RGB: scores and regions, best first.

    The region is where the landmark network should look.
    """
    crop = window.crop(image, INPUT_SIZE).astype(np.float32)
    outputs = model(crop[None] / 127.5 - 1)
    scores = _sigmoid(outputs[SCORE_SHAPE][0, :, 0])
    found = scores >= MIN_SCORE
    people = outputs[BOX_SHAPE][0, found].reshape(-1, 6, 2) / INPUT_SIZE
    centres = anchors()[found]
    people[:, 0] += centres
    people[:, 2:] += centres[:, None]
    return [
        (score, Region.of_alignment(*window.to_pixels(person[2:4])))
        for score, person in weighted_nms(scores[found], people)
    ]


def weighted_nms(
    scores: NDArray[np.float32], people: NDArray[np.float32]
) -> list[tuple[float, NDArray[np.float32]]]:
    """Merge what overlaps: each group becomes the mean of its members, weighted by score.

    Parameters
    ----------
    scores : NDArray, shape (N,)
        0..1.
    people : NDArray, shape (N, K, 2)
        Centre and size of the box, then points; all in the same unit.

    Returns
    -------
    list of (score of the best member, merged (K, 2)), best first
    """
    left = np.argsort(-scores, kind="stable")
    merged = []
    while len(left):
        group = left[_iou(people[left[0]], people[left]) > MIN_IOU]
        if not len(group):
            group = left[:1]
        mean = np.average(people[group], axis=0, weights=scores[group])
        merged.append((float(scores[left[0]]), mean.astype(np.float32)))
        left = left[~np.isin(left, group)]
    return merged


def _centres(length: int, side: float) -> list[float]:
    """Place windows along a picture's edge: one in the middle, or many that overlap by half."""
    if length <= side:
        return [length / 2]
    count = ceil((length - side) / (side / 2)) + 1
    return [float(centre) for centre in np.linspace(side / 2, length - side / 2, count)]


def _overlap(one: Region, other: Region) -> float:
    """Intersection over union of two regions, their angles left out."""
    boxes = np.array([[(each.x, each.y), (each.side, each.side)] for each in (one, other)])
    return float(_iou(boxes[0], boxes[1:])[0])


def _iou(one: NDArray[np.floating], many: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union of a (K, 2) person's box with those of (N, K, 2)."""
    low = np.maximum(one[0] - one[1] / 2, many[:, 0] - many[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, many[:, 0] + many[:, 1] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = one[1].prod() + many[:, 1].prod(axis=1) - shared
    return np.asarray(shared / np.maximum(union, 1e-12))


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -50, 50))))
