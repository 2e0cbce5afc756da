import ctypes
import threading
import weakref
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
import trimesh

from core.camera import Camera
from core.errors import RenderError
from core.render import Light, Renderer, RenderRequest, crop, orbit, outline

BALL = trimesh.creation.icosphere(subdivisions=3, radius=0.5)
FACES = BALL.faces.astype(np.int32)
CAMERA = Camera(focal=200, cx=100, cy=60, width=200, height=120)
RED, GREEN = (220, 30, 30), (30, 200, 30)


def ball(x: float, y: float, z: float) -> np.ndarray:
    return (BALL.vertices + np.array([x, y, z])).astype(np.float32)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    with Renderer() as renderer:
        yield renderer


def bounds(picture: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(picture[..., 3] > 127)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_a_ball_lands_where_the_pinhole_camera_projects_it(renderer: Renderer) -> None:
    # centre: 200 * (1, 0.5) / 10 + (100, 60) = (120, 70); radius 200 * 0.5 / 10 = 10
    picture = renderer.render(RenderRequest([ball(1, 0.5, 10)], FACES, CAMERA)).result()
    assert picture.shape == (120, 200, 4)
    assert picture.dtype == np.uint8
    np.testing.assert_allclose(bounds(picture), (110, 60, 130, 80), atol=1)


def test_the_background_is_transparent_and_edges_keep_their_colour(renderer: Renderer) -> None:
    picture = renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA, [RED])).result()
    assert picture[0, 0, 3] == 0
    edge = picture[(picture[..., 3] > 20) & (picture[..., 3] < 230)].astype(float)
    assert len(edge) > 20
    assert (edge[:, 0] > 2 * edge[:, 1]).all()
    assert edge[:, 0].mean() > 60


def test_the_nearer_body_hides_the_farther(renderer: Renderer) -> None:
    bodies = [ball(0, 0, 6), ball(0, 0, 4)]
    picture = renderer.render(RenderRequest(bodies, FACES, CAMERA, [RED, GREEN])).result()
    r, g, _, a = picture[60, 100]
    assert g > 2 * r
    assert a == 255


def test_the_nearer_hides_the_farther_in_whichever_order_and_way_they_are_coloured(
    renderer: Renderer,
) -> None:
    near, far = ball(0.2, 0, 4), ball(0, 0, 6)  # overlap in x and y
    green = np.full((len(near), 3), GREEN, np.uint8)
    for bodies, colours in (([near, far], [green, RED]), ([far, near], [RED, green])):
        picture = renderer.render(RenderRequest(bodies, FACES, CAMERA, colours)).result()
        # the far one's centre is at 100, the near one's at 110; it is 25 px wide on either side
        r, g, _, _ = picture[60, 100].astype(int)
        assert g > 2 * r
        r, g, _, a = picture[60, 84].astype(int)  # the far one reaches 200 * 0.5 / 6 = 17 px
        assert (r > 2 * g) and a > 127


def test_lit_from_the_front_a_body_has_the_colour_of_the_formula(renderer: Renderer) -> None:
    # one white light along the optical axis, seen head-on: n = v = l = h, so F = 0.04, G = 1,
    # D = 1 / (pi 0.8^4) = 0.7771; light = 0.22 + 2 (0.96^2 / pi + 0.04 D / 4.001) = 0.8222
    front, dark = Light((0, 0, -1), (1, 1, 1), 2.0), Light((0, 0, -1), (0, 0, 0), 0.0)
    request = RenderRequest([ball(0, 0, 4)], FACES, CAMERA, [RED], lights=(front, dark, dark))
    picture = renderer.render(request).result()
    np.testing.assert_allclose(picture[60, 100, 0], 220 * 0.8222 ** (1 / 2.2), atol=2)


def test_bodies_of_other_shapes_and_sizes_take_turns(renderer: Renderer) -> None:
    box = trimesh.creation.box()
    boxed = RenderRequest(
        [box.vertices.astype(np.float32) + np.float32([0, 0, 10])],
        box.faces.astype(np.int32),
        crop(CAMERA, 0, 0, 200, 120, 3),
    )
    small = RenderRequest([ball(0, 0, 4)], FACES, CAMERA)
    alone = renderer.render(small).result()
    # the front is 9.5 m away: 600 / 9.5 = 63 px wide about (300, 180)
    np.testing.assert_allclose(
        bounds(renderer.render(boxed).result()), (268, 148, 332, 212), atol=1
    )
    np.testing.assert_array_equal(renderer.render(small).result(), alone)


def test_two_renderers_live_side_by_side(renderer: Renderer) -> None:
    request = RenderRequest([ball(0, 0, 4)], FACES, CAMERA)
    with Renderer() as other:
        there = other.render(request).result()
    np.testing.assert_array_equal(renderer.render(request).result(), there)


def test_new_vertices_replace_the_old_ones(renderer: Renderer) -> None:
    left = renderer.render(RenderRequest([ball(-1, 0, 5)], FACES, CAMERA)).result()
    right = renderer.render(RenderRequest([ball(1, 0, 5)], FACES, CAMERA)).result()
    assert bounds(left)[2] < 100 < bounds(right)[0]


def test_colours_can_be_given_a_vertex(renderer: Renderer) -> None:
    colours = np.where(BALL.vertices[:, :1] < 0, RED, GREEN).astype(np.uint8)
    picture = renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA, colours)).result()
    left, right = picture[60, 85].astype(int), picture[60, 115].astype(int)
    assert left[0] > 2 * left[1]
    assert right[1] > 2 * right[0]


def test_a_crop_shows_the_same_as_the_whole_picture(renderer: Renderer) -> None:
    bodies = [ball(0.3, 0.2, 4)]
    whole = renderer.render(RenderRequest(bodies, FACES, CAMERA)).result()
    part = renderer.render(RenderRequest(bodies, FACES, crop(CAMERA, 80, 30, 70, 75, 1))).result()
    assert part.shape == (75, 70, 4)
    np.testing.assert_allclose(part.astype(int), whole[30:105, 80:150].astype(int), atol=12)
    double = crop(CAMERA, 80, 30, 70, 75, 2)
    twice = renderer.render(RenderRequest(bodies, FACES, double)).result()
    np.testing.assert_allclose(bounds(twice), 2 * np.array(bounds(part)), atol=2)


def test_side_view_puts_depth_across_and_top_view_puts_it_up(renderer: Renderer) -> None:
    bodies, centre = [ball(0, 0, 6), ball(0, 0, 8)], np.array([0, 0, 6.0])
    side = RenderRequest(bodies, FACES, CAMERA, [RED, GREEN], orbit(centre, np.pi / 2, 0))
    picture = renderer.render(side).result()
    assert picture[60, 100, 0] > 100  # the centre stays
    # 2 m behind the centre is 2 m to the right of it: 200 * 2 / 6 = 67 px
    assert picture[60, 167, 1] > 2 * picture[60, 167, 0]
    top = RenderRequest(bodies, FACES, CAMERA, [RED, GREEN], orbit(centre, 0, np.pi / 2, 10))
    picture = renderer.render(top).result()
    assert picture[20, 100, 1] > 2 * picture[20, 100, 0]  # 200 * 2 / 10 = 40 px up


def test_urgent_then_newest_requests_come_first_and_cancelled_ones_never(
    renderer: Renderer,
) -> None:
    gate = threading.Event()
    renderer._executor.submit(gate.wait)
    done: list[str] = []
    request = RenderRequest([ball(0, 0, 4)], FACES, CAMERA)
    futures = {}
    for name, priority in (("early", 0), ("ahead", 1), ("stale", 0), ("late", 0)):
        futures[name] = renderer.render(request, priority)
        futures[name].add_done_callback(lambda _, name=name: done.append(name))
    futures["stale"].cancel()
    gate.set()
    futures["ahead"].result()
    assert done == ["stale", "late", "early", "ahead"]


def test_what_is_called_off_is_forgotten_while_others_still_wait(renderer: Renderer) -> None:
    gate = threading.Event()
    renderer._executor.submit(gate.wait)
    bodies = []
    for _ in range(50):
        vertices = ball(0, 0, 4)
        bodies.append(weakref.ref(vertices))
        future = renderer.render(RenderRequest([vertices], FACES, CAMERA))
        future.cancel()
        del vertices, future
    last = renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA))
    assert [body for body in bodies if body() is not None] == []
    gate.set()
    assert last.result().any()
    assert renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA)).result().any()


def test_close_drops_what_waits_and_joins_the_thread() -> None:
    before = threading.active_count()
    renderer = Renderer()
    gate = threading.Event()
    renderer._executor.submit(gate.wait)
    future = renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA))
    threading.Timer(0.05, gate.set).start()
    renderer.close()
    with pytest.raises(CancelledError):
        future.result(timeout=1)
    assert threading.active_count() <= before + 1  # the timer may be on its way out


def test_a_closed_context_is_current_nowhere_and_so_is_freed() -> None:
    def is_current() -> bool:
        current = ctypes.CDLL("libEGL.so.1").eglGetCurrentContext
        current.restype = ctypes.c_void_p
        return current() is not None

    with Renderer() as renderer:
        assert renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA)).result().any()
        assert renderer._executor.submit(is_current).result()
        renderer._executor.submit(renderer._free).result()
        assert not renderer._executor.submit(is_current).result()


def test_closing_one_context_leaves_the_others(renderer: Renderer) -> None:
    request = RenderRequest([ball(0, 0, 4)], FACES, CAMERA)
    before = renderer.render(request).result()
    with Renderer() as other:
        assert np.array_equal(other.render(request).result(), before)
    assert np.array_equal(renderer.render(request).result(), before)


def test_no_egl_gives_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "core.render.context", None)
    with Renderer() as renderer, pytest.raises(RenderError, match=r"EGL.*doctor"):
        renderer.render(RenderRequest([ball(0, 0, 4)], FACES, CAMERA)).result()


def test_outline_is_a_closed_band_inside_the_silhouette() -> None:
    picture = np.zeros((20, 20, 4), dtype=np.uint8)
    picture[5:15, 5:15, 3] = 255
    picture[10, 5, 3] = 100
    band = outline(picture, width=2)
    assert (band[5, 5:15] == 255).all()
    assert band[6, 10] == 255
    assert band[10, 5] == 100
    assert not band[7:13, 8:13].any()
    assert not band[:5].any()


def test_importing_render_loads_neither_opengl_nor_qt() -> None:
    import subprocess
    import sys

    code = (
        "import sys, core.render; sys.exit(bool({'core.render.gl', 'PySide6'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root).returncode == 0
