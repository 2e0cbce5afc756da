"""Synthetic photographs: bodies on the floor of a plain studio, with soft shadows.

World frame: x right, y up, z towards the camera, metres, floor at y = 0, camera above the origin.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from core.body.model import BodyModel
from core.camera import Camera
from core.pose import Parameters
from core.render import Renderer, RenderRequest

Floats = NDArray[np.float32]

LIGHT = np.array([0.35, 1.0, 0.3])
"""Where the key light is seen from the floor, world frame."""


@dataclass(frozen=True)
class Studio:
    """A plain room: camera height (m) and pitch (degrees down), wall distance (m), colours 0..1."""

    camera: Camera
    height: float
    pitch: float
    wall: float
    wall_colour: tuple[float, float, float]
    floor_colour: tuple[float, float, float]

    @property
    def world_to_camera(self) -> Floats:
        """Rotation (3, 3) from world axes to the camera frame."""
        angle = np.radians(self.pitch)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array([[1, 0, 0], [0, -cos, sin], [0, -sin, -cos]], dtype=np.float32)

    def to_camera(self, points: Floats) -> Floats:
        """Bring world points (..., 3) into the camera frame."""
        moved = points - np.array([0, self.height, 0], dtype=np.float32)
        return np.asarray(moved @ self.world_to_camera.T, dtype=np.float32)

    def to_world(self, points: Floats) -> Floats:
        """Bring camera-frame points (..., 3) into the world."""
        turned = points @ self.world_to_camera
        return np.asarray(turned + np.array([0, self.height, 0]), dtype=np.float32)


def stand_on_floor(
    parameters: Parameters, body: BodyModel, studio: Studio, x: float, distance: float
) -> Parameters:
    """Move a body (batch shape (), camera frame) to (x, -distance) so that it touches the floor."""
    vertices, points = body.pose(parameters)
    world, pelvis = studio.to_world(vertices), studio.to_world(points[0])
    shift = np.array([x - pelvis[0], -world[:, 1].min(), -distance - pelvis[2]], dtype=np.float32)
    transl = parameters.transl + studio.world_to_camera @ shift
    return Parameters(
        parameters.global_orient, parameters.body_pose, parameters.betas, transl, studio.camera
    )


def photograph(
    studio: Studio,
    vertices: Sequence[Floats],
    colours: Sequence[NDArray[np.uint8]],
    faces: NDArray[np.int32],
    renderer: Renderer,
    seed: int,
) -> Image.Image:
    """Take a picture of bodies (V, 3), camera frame, clothed by vertex colours (V, 3)."""
    camera = studio.camera
    backdrop = _room(studio) * _shadow(studio, vertices, faces)[..., None]
    offsets = np.cumsum([0, *(len(one) for one in vertices[:-1])])
    request = RenderRequest(
        vertices=[np.concatenate(vertices)],
        faces=np.concatenate([faces + offset for offset in offsets]).astype(np.int32),
        camera=camera,
        colours=np.concatenate(colours),
    )
    drawn = renderer.render(request).result().astype(np.float32) / 255
    alpha = drawn[..., 3:]
    picture = backdrop * (1 - alpha) + drawn[..., :3] * alpha
    grain = np.random.default_rng(seed).normal(0, 0.008, picture.shape[:2])[..., None]
    array = (np.clip(picture + grain, 0, 1) * 255).round().astype(np.uint8)
    return Image.fromarray(array).filter(ImageFilter.GaussianBlur(0.4))


def _room(studio: Studio) -> Floats:
    """Colour (H, W, 3) of floor and wall, the corner between them rounded."""
    camera = studio.camera
    y, x = np.mgrid[: camera.height, : camera.width].astype(np.float32) + 0.5
    rays = np.stack(
        [(x - camera.cx) / camera.focal, (y - camera.cy) / camera.focal, np.ones_like(x)], -1
    )
    rays = rays @ studio.world_to_camera
    to_wall = studio.wall / np.maximum(-rays[..., 2], 1e-3)
    at_wall = studio.height + to_wall * rays[..., 1]
    cove = 1 / (1 + np.exp(-np.clip(at_wall / 0.18, -30, 30)))[..., None]
    light = 1.0 - 0.10 * np.abs(to_wall * rays[..., 0])[..., None] / studio.wall
    wall = np.array(studio.wall_colour) * (0.92 + 0.06 * np.clip(at_wall, 0, 3)[..., None] / 3)
    floor = np.array(studio.floor_colour) * np.ones_like(light)
    return np.asarray((wall * cove + floor * (1 - cove)) * light, dtype=np.float32)


def _shadow(
    studio: Studio, vertices: Sequence[Floats], faces: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Light that the floor keeps (H, W), 1 where no body shades it."""
    camera = studio.camera
    mask = Image.new("L", (camera.width, camera.height), 0)
    draw = ImageDraw.Draw(mask)
    for one in vertices:
        world = studio.to_world(one)
        world = world - world[:, 1:2] * (LIGHT / LIGHT[1]).astype(np.float32)
        pixels = camera.project(studio.to_camera(world))
        for triangle in pixels[faces].reshape(-1, 6).tolist():
            draw.polygon(triangle, fill=255)
    blurred = mask.filter(ImageFilter.GaussianBlur(camera.height / 90))
    return np.asarray(1 - 0.45 * np.asarray(blurred) / 255, dtype=np.float32)
