import numpy as np
import pytest

from core.body import load_body
from core.camera import Camera
from core.pose import Parameters
from core.render import Renderer
from training.scene import Studio, photograph, stand_on_floor

CAMERA = Camera(300.0, 120.0, 150.0, 240, 300)
STUDIO = Studio(CAMERA, 1.5, 8.0, 6.0, (0.8, 0.8, 0.8), (0.6, 0.6, 0.6))


def standing() -> Parameters:
    return Parameters(np.array([np.pi, 0, 0]), np.zeros((23, 3)), np.zeros(10), np.zeros(3), CAMERA)


def test_the_camera_looks_down_by_its_pitch() -> None:
    ahead = STUDIO.to_camera(np.array([0, 1.5, -5], dtype=np.float32))
    np.testing.assert_allclose(np.degrees(np.arctan2(-ahead[1], ahead[2])), 8.0, atol=1e-4)


def test_world_and_camera_frame_undo_each_other() -> None:
    points = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    np.testing.assert_allclose(STUDIO.to_world(STUDIO.to_camera(points)), points, atol=1e-6)


def test_a_body_is_put_with_its_feet_on_the_floor_where_it_was_asked() -> None:
    body = load_body()
    placed = stand_on_floor(standing(), body, STUDIO, x=0.5, distance=4.0)
    vertices, points = (STUDIO.to_world(array) for array in body.pose(placed))
    assert vertices[:, 1].min() == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(points[0, [0, 2]], [0.5, -4.0], atol=1e-4)


def test_a_photograph_shows_the_clothes_and_a_shadow_darker_than_the_floor() -> None:
    body = load_body()
    placed = stand_on_floor(standing(), body, STUDIO, x=0.0, distance=4.0)
    vertices, points = body.pose(placed)
    red = np.full((body.num_vertices, 3), (200, 20, 20), dtype=np.uint8)
    with Renderer() as renderer:
        picture = np.asarray(photograph(STUDIO, [vertices], [red], body.faces, renderer, seed=0))
    assert picture.shape == (300, 240, 3)
    u, v = CAMERA.project(points[6]).astype(int)
    assert picture[v, u, 0] > 2 * picture[v, u, 1]
    behind = int(CAMERA.project(points[10])[1]) - 14
    shaded, lit = picture[behind - 4 : behind + 4, 80:100, 1], picture[behind, 160:180, 1]
    assert shaded.mean() < 0.9 * lit.mean()
