"""BlazePose's landmark network (Bazarevsky et al., 2020): 33 points of one person, 2D and 3D."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.frontends.regions import Region
from core.frontends.tflite import TfliteModel

INPUT_SIZE = 256
LANDMARKS = 33
POINTS = 39
CENTRE, TOP = 33, 34
"""The two alignment points that say where to look next."""
HEAT_MAP_SIZE = 64
WINDOW = 3
"""Half width of the window of the heat map that a point is refined in."""
MIN_HEAT = 0.5
LOOKS = 4
"""A first look at the region that was asked for, and three refined ones."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What the network says of one person.

    Parameters
    ----------
    points : NDArray, shape (33, 2)
        Pixels of the picture.
    visibility : NDArray, shape (33,)
        0..1.
    world : NDArray, shape (33, 3)
        Metres from the middle of the hips; x right, y down, z away from the camera.
    presence : float
        0..1: how sure it is that there is a person.
    """

    points: NDArray[np.float32]
    visibility: NDArray[np.float32]
    world: NDArray[np.float32]
    presence: float


def find_landmarks(model: TfliteModel, image: NDArray[np.uint8], region: Region) -> Landmarks:
    """Look several times, each time where the last look says the person is; keep the surest."""
    looks = []
    for _ in range(LOOKS):
        landmarks, region = look(model, image, region)
        looks.append(landmarks)
    return max(looks, key=lambda each: each.presence)


def look(model: TfliteModel, image: NDArray[np.uint8], region: Region) -> tuple[Landmarks, Region]:
    """Run the network once; also returns the region that it would look at next."""
    crop = region.crop(image, INPUT_SIZE) / 255
    outputs = model(crop[None])
    raw = outputs[1, POINTS * 5].reshape(POINTS, 5)
    heat = _sigmoid(outputs[1, HEAT_MAP_SIZE, HEAT_MAP_SIZE, POINTS][0])
    shares = refine(raw[:, :2] / INPUT_SIZE, heat)
    points = region.to_pixels(shares)
    world = outputs[1, POINTS * 3].reshape(POINTS, 3)[:LANDMARKS].copy()
    world[:, :2] = world[:, :2] @ region.rotation.T
    landmarks = Landmarks(
        points=points[:LANDMARKS].astype(np.float32),
        visibility=_sigmoid(raw[:LANDMARKS, 3]),
        world=world.astype(np.float32),
        presence=float(outputs[1, 1][0, 0]),
    )
    return landmarks, Region.of_alignment(points[CENTRE], points[TOP])


def refine(shares: NDArray[np.floating], heat: NDArray[np.floating]) -> NDArray[np.floating]:
    """Move points to the centre of mass of their heat maps nearby, where those are warm enough.

    Parameters
    ----------
    shares : NDArray, shape (K, 2)
        Points as shares of the region's side.
    heat : NDArray, shape (H, W, K)
        0..1.
    """
    height, width, _ = heat.shape
    refined = shares.copy()
    for index, (x, y) in enumerate(shares * (width, height)):
        column, row = int(x), int(y)
        if not (0 <= column < width and 0 <= row < height):
            continue
        top, left = max(0, row - WINDOW), max(0, column - WINDOW)
        patch = heat[top : row + WINDOW + 1, left : column + WINDOW + 1, index]
        if patch.max() < MIN_HEAT:
            continue
        rows, columns = np.indices(patch.shape)
        mass = patch.sum()
        refined[index, 0] = (left + (columns * patch).sum() / mass) / width
        refined[index, 1] = (top + (rows * patch).sum() / mass) / height
    return refined


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -50, 50))))
