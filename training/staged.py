"""Rendered people with exact truth: moments of motion capture, photographed in a studio.

Rooms, clothes, skin, light and cameras are drawn at random, so that no two pictures look alike.
"""

import colorsys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.body import BodyModel
from core.body.clothes import OUTFITS, Colour, Outfit, vertex_colours
from core.camera import Camera
from core.evidence import Box
from core.pose import PARTS, Parameters
from core.render import Renderer
from training.corpora.mocap import Take
from training.scene import Studio, photograph, stand_on_floor

WIDTH, HEIGHT = 600, 750
MARGIN = 0.06
"""Of the box around a body, as a share of its longer side."""
LIMBS = ("left arm", "right arm", "left leg", "right leg")
OTHER_LIMB = 0.4
"""Share of the arms and legs of people who are scattered that are another moment's."""


@dataclass(frozen=True, eq=False)
class StagedPerson:
    """A picture (H, W, 3) RGB of one person, their box and their true parameters."""

    name: str
    image: NDArray[np.uint8]
    box: Box
    truth: Parameters


def stage(
    takes: list[Take], body: BodyModel, renderer: Renderer, seed: int, scattered: bool = False
) -> Iterator[StagedPerson]:
    """Yield people without end: any subject, moment, shape, camera and direction, same odds each.

    Who is scattered lies, stands on their head or falls, any way round, and some limbs are those of
    another moment: motion capture of few people has few who are not upright. Who would not fit into
    the picture is left out.
    """
    rng = np.random.default_rng(seed)
    subjects: dict[str, list[Take]] = defaultdict(list)
    for take in takes:
        subjects[take.subject].append(take)
    names = sorted(subjects)
    while True:
        take = _some(subjects, names, rng)
        studio = _studio(rng)
        colours = vertex_colours(body, _outfit(rng))
        pose = take.poses[rng.integers(len(take.poses))]
        if scattered:
            pose = _scattered(pose, _some(subjects, names, rng), rng)
        truth = _act(pose, studio, body, rng)
        vertices = body.pose(truth)[0]
        box = _box(studio.camera.project(vertices))
        if box is not None:
            picture = photograph(
                studio, [vertices], [colours], body.faces, renderer, int(rng.integers(2**31))
            )
            yield StagedPerson(take.name, _lit(np.asarray(picture), rng), box, truth)


def _some(
    subjects: Mapping[str, Sequence[Take]], names: Sequence[str], rng: np.random.Generator
) -> Take:
    """Draw a take of any subject."""
    theirs = subjects[names[int(rng.integers(len(names)))]]
    return theirs[int(rng.integers(len(theirs)))]


def _scattered(
    pose: NDArray[np.float32], other: Take, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Turn a pose (24, 3) any way round, and give it limbs of moments of another take."""
    pose = pose.copy()
    pose[0] = Rotation.random(random_state=rng).as_rotvec()
    for limb in LIMBS:
        if rng.uniform() < OTHER_LIMB:
            joints = list(PARTS[limb])
            pose[joints] = other.poses[rng.integers(len(other.poses))][joints]
    return pose


def _studio(rng: np.random.Generator) -> Studio:
    focal = Camera.assumed(WIDTH, HEIGHT).focal * rng.uniform(0.85, 1.3)
    camera = Camera(focal, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
    height, pitch = rng.uniform(0.8, 1.7), rng.uniform(0, 14)
    wall, floor = (_shade(rng, 0.35, (0.35, 0.92)) for _ in range(2))
    return Studio(camera, height, pitch, rng.uniform(5.2, 8.0), wall, floor)


def _outfit(rng: np.random.Generator) -> Outfit:
    """Dress somebody of one of the outfits' looks in colours of their own."""
    looks = OUTFITS[rng.integers(len(OUTFITS))]
    shirt, trousers, shoes = (_colour(_shade(rng, 0.75, (0.12, 0.95))) for _ in range(3))
    return replace(
        looks,
        shirt=shirt,
        trousers=trousers,
        shoes=shoes,
        sleeve=rng.uniform(0, 0.97),
        leg=rng.uniform(0.3, 0.97),
    )


def _shade(
    rng: np.random.Generator, colourful: float, bright: tuple[float, float]
) -> tuple[float, float, float]:
    """Draw a colour, RGB 0 to 1, of at most this saturation and of a brightness in between."""
    return colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0, colourful), rng.uniform(*bright))


def _colour(shade: tuple[float, float, float]) -> Colour:
    red, green, blue = (round(255 * part) for part in shade)
    return red, green, blue


def _lit(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Expose a picture (H, W, 3) more or less, in warm or cold light."""
    warmth = rng.uniform(-0.08, 0.08)
    gain = rng.uniform(0.7, 1.15) * np.array([1 + warmth, 1, 1 - warmth])
    return (picture * gain).clip(0, 255).round().astype(np.uint8)


def _act(
    pose: NDArray[np.float32], studio: Studio, body: BodyModel, rng: np.random.Generator
) -> Parameters:
    yaw = Rotation.from_euler("y", rng.uniform(-180, 180), degrees=True)
    orient = Rotation.from_matrix(studio.world_to_camera) * yaw * Rotation.from_rotvec(pose[0])
    betas = np.clip(rng.normal(size=10), -2, 2).astype(np.float32)
    parameters = Parameters(
        orient.as_rotvec(), pose[1:], betas, np.zeros(3, np.float32), studio.camera
    )
    return stand_on_floor(parameters, body, studio, rng.uniform(-0.3, 0.3), rng.uniform(3.3, 4.8))


def _box(pixels: NDArray[np.floating]) -> Box | None:
    """Box around a body's pixels (V, 2) with a margin; None where it leaves the picture."""
    low, high = pixels.min(0), pixels.max(0)
    if (low < 0).any() or (high > (WIDTH, HEIGHT)).any():
        return None
    margin = MARGIN * (high - low).max()
    low = np.maximum(low - margin, 0)
    width, height = np.minimum(high + margin, (WIDTH, HEIGHT)) - low
    return Box(float(low[0]), float(low[1]), float(width), float(height))
