"""Crop, camera, layouts, and the frontend that joins them."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import hmr_kit
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets import HMR_OPEN_WEIGHTS
from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import MissingModel, NoPersonFound, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.frontends import load_frontend
from core.frontends.hmr.camera import carried, translation, turned
from core.frontends.hmr.crop import averaged, normalised, stretched, warped
from core.frontends.hmr.frontend import Hmr
from core.frontends.hmr.network import HmrConfig, HmrNetwork, save_network
from core.frontends.hmr.origins import ORIGINS
from core.frontends.landmarks import Landmarks
from core.frontends.regions import Region
from core.pose.rotations import rot6d_to_matrix

WIDTH, HEIGHT = 640, 480
SIZE = 224
BOX = Box(200, 60, 180, 400)


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hmr") / "model_checkpoint.pt"
    return hmr_kit.save(path, hmr_kit.spin(hmr_kit.weights()))


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIFFANNOT_CACHE", str(tmp_path_factory.getbasetemp() / "hmr_cache"))


SLOPE = 8
"""Levels of grey from a pixel to the next, so that half a pixel is more than rounding."""


def ramps() -> NDArray[np.uint8]:
    """Column number in red, row number in green, each by `SLOPE`; 255 in blue."""
    rows, columns = np.indices((25, 31)) * SLOPE
    return np.dstack([columns, rows, np.full_like(rows, 255)]).astype(np.uint8)


def test_the_margins_are_the_origins() -> None:
    assert ORIGINS["mmhuman3d"].square(BOX) == Region(290, 260, 500)
    assert ORIGINS["spin"].square(BOX) == Region(290, 260, 480)


@pytest.mark.parametrize("side", [112.0, 224.0])
def test_mmhuman3ds_crop_has_the_box_centre_at_112_of_224(side: float) -> None:
    # the centre (15.5, 12.5) is 15 and 12 counted from pixel centres
    crop = warped(ramps(), Region(15.5, 12.5, side), SIZE).astype(float)
    inside = np.arange(101, 124)
    steps = (inside - 112) * side / 224
    assert np.abs(crop[112, inside, 0] - SLOPE * (15 + steps)).max() <= 1
    assert np.abs(crop[inside, 112, 1] - SLOPE * (12 + steps)).max() <= 1


def test_the_corners_of_mmhuman3ds_crop() -> None:
    crop = warped(ramps(), Region(15.5, 12.5, 14), SIZE).astype(float)
    corners = crop[[0, 0, -1, -1], [0, -1, 0, -1], :2]
    low, high = np.array([15 - 7, 12 - 7]), np.array([15 + 7, 12 + 7]) - 14 / 224
    expected = [low, (high[0], low[1]), (low[0], high[1]), high]
    assert np.abs(corners - np.multiply(expected, SLOPE)).max() <= 1


def test_mmhuman3ds_crop_is_black_outside_the_picture() -> None:
    crop = warped(ramps(), Region(0, 12, 224), SIZE)
    assert crop[:, :111].max() == 0
    assert crop[102:122, 114:140, 2].min() == 255


def test_spins_crop_starts_at_whole_pixels() -> None:
    # 15.5 - 7 and 12.5 - 7 are cut off to 8 and 5; it ends before 22 and 19
    crop = stretched(ramps(), Region(16, 13, 14), SIZE)
    assert crop.shape == (224, 224, 3)
    corners = crop[[0, 0, -1, -1], [0, -1, 0, -1], :2].astype(float)
    darkest = 5 * SLOPE
    pixels = np.array([[8, 5], [21, 5], [8, 18], [21, 18]])
    assert np.abs(corners - (SLOPE * pixels - darkest) * 255 / (255 - darkest)).max() <= 1


def test_spins_crop_stretches_contrast_and_pads_with_black() -> None:
    image = np.full((100, 100, 3), 80, dtype=np.uint8)
    image[:50] = 120
    inside = stretched(image, Region(50.5, 50.5, 80), SIZE)
    assert sorted(np.unique(inside[[0, -1]])) == [0, 255]
    # the black outside is the darkest now: 120 becomes white, 80 becomes 170
    beyond = stretched(image, Region(0.5, 50.5, 80), SIZE)
    assert (beyond[5, 5, 0], beyond[5, -5, 0], beyond[-5, -5, 0]) == (0, 255, 170)
    assert stretched(np.full_like(image, 9), Region(50, 50, 20), SIZE).max() == 0


def test_a_square_outside_the_picture_is_black() -> None:
    for cut in (warped, stretched, averaged):
        assert cut(ramps(), Region(900, -900, 100), SIZE).max() == 0


def test_pixels_are_normalised_channel_by_channel() -> None:
    crop = np.zeros((224, 224, 3), dtype=np.uint8)
    crop[..., 0] = 255
    ready = normalised(crop)
    assert ready.shape == (1, 3, 224, 224)
    # mmhuman3d's numbers: mean 123.675, 116.28, 103.53, deviation 58.395, 57.12, 57.375
    expected = [(255 - 123.675) / 58.395, -116.28 / 57.12, -103.53 / 57.375]
    torch.testing.assert_close(ready[0, :, 7, 9], torch.tensor(expected), atol=1e-5, rtol=0)


def test_the_three_layouts_of_a_quarter_turn_about_z() -> None:
    turn = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    sixes = {
        "interleaved_columns": [0.0, -1, 1, 0, 0, 0],  # SPIN, mmhuman3d
        "columns": [0.0, 1, 0, -1, 0, 0],  # 4D-Humans
        "rows": [0.0, -1, 0, 1, 0, 0],  # PyTorch3D
    }
    for layout, six in sixes.items():
        torch.testing.assert_close(rot6d_to_matrix(torch.tensor(six), layout), turn)
    layouts = {name: origin.layout for name, origin in ORIGINS.items()}
    interleaved = "interleaved_columns"
    assert layouts == {"mmhuman3d": interleaved, "spin": interleaved, "open": "columns"}


@given(
    weak=st.tuples(st.floats(0.2, 2), st.floats(-1, 1), st.floats(-1, 1)),
    centre=st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)),
    side=st.floats(20, 800),
    focal=st.sampled_from([800.0, 5000.0]),
    point=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
)
def test_the_picture_shows_the_body_where_the_crop_did(
    weak: tuple[float, float, float],
    centre: tuple[float, float],
    side: float,
    focal: float,
    point: tuple[float, float],
) -> None:
    camera = Camera(focal, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
    transl = translation(np.array(weak), Region(*centre, side), camera).astype(np.float64)
    scale, offset = weak[0], np.array(weak[1:])
    in_crop = scale * (np.array(point) + offset)  # -1..1 over the crop
    expected = np.array(centre) + in_crop * side / 2
    seen = camera.project(np.array([*point, 0.0]) + transl)
    np.testing.assert_allclose(seen, expected, atol=1e-2)


def test_the_full_picture_formula() -> None:
    # f = 5000, crop of 448 around (400, 300) in 640 x 480: 2 f / (b s), 2 (400 - 320) / (b s)
    camera = Camera(5000, 320, 240, 640, 480)
    transl = translation(np.array([0.5, 0.1, -0.2]), Region(400, 300, 448), camera)
    np.testing.assert_allclose(transl, [0.1 + 160 / 224, -0.2 + 120 / 224, 10_000 / 224], rtol=1e-6)


def test_the_carried_camera_is_the_crops_own() -> None:
    square = Region(400, 300, 448)
    camera = carried(square, SIZE, WIDTH, HEIGHT).camera
    assert camera == Camera(10_000, 400, 300, 640, 480)
    transl = translation(np.array([0.5, 0.1, -0.2]), square, camera)
    # the origins' own: [x, y, 2 · 5000 / (224 s)]
    np.testing.assert_allclose(transl, [0.1, -0.2, 2 * 5000 / (224 * 0.5)], rtol=1e-6)
    # a hand 0.4 m before the body: 5000 X / Z pixels of the crop from its centre, two each here
    hand = np.array([0.3, 0.2, -0.4]) + transl
    in_crop = 5000 * hand[:2] / hand[2]
    np.testing.assert_allclose(camera.project(hand), (400, 300) + 2 * in_crop, rtol=1e-6)


def test_the_turned_cameras_axis_goes_through_the_crops_centre() -> None:
    view = turned(Region(600, 100, 200), 96, WIDTH, HEIGHT)
    assert view.camera == Camera.assumed(WIDTH, HEIGHT)
    np.testing.assert_allclose(view.turn @ view.turn.T, np.eye(3), atol=1e-12)
    ahead = view.turn @ np.array([0.0, 0.0, 4.0])
    np.testing.assert_allclose(view.camera.project(ahead), (600, 100), atol=1e-9)
    # the shortest turn: about the axis in the picture's plane at right angles to (280, -140)
    axis = np.array([140.0, 280.0, 0.0])
    np.testing.assert_allclose(view.turn @ axis, axis, atol=1e-9)


def test_our_crop_keeps_corners_and_averages() -> None:
    crop = averaged(ramps(), Region(15.5, 12.5, 14), 28).astype(float)
    # corners at 8.5 and 5.5: the first pixel is a quarter further, counted from pixel centres
    assert np.abs(crop[0, 0, :2] - SLOPE * np.array([8.25, 5.25])).max() <= SLOPE / 4 + 1
    chess = np.indices((64, 64)).sum(axis=0) % 2 * 255
    picture = np.repeat(chess[..., None], 3, axis=2).astype(np.uint8)
    small = averaged(picture, Region(32, 32, 64), 8)
    assert np.abs(small.astype(int) - 127).max() <= 6


@pytest.mark.parametrize("scale", [-0.5, 0, 0.05, np.nan])
def test_a_camera_of_no_body_is_nobody(scale: float) -> None:
    camera = Camera.assumed(WIDTH, HEIGHT)
    with pytest.raises(NoPersonFound):
        translation(np.array([scale, 0, 0]), Region(100, 100, 100), camera)


def picture() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def test_theta1_stands_in_its_box(body: BodyModel, checkpoint: Path) -> None:
    frontend = load_frontend("hmr", body, checkpoint)
    assert isinstance(frontend, Hmr) and frontend.margin == 1.2
    rough = frontend.annotate(picture(), BOX)
    theta1 = rough.theta1
    np.testing.assert_allclose(np.abs(theta1.global_orient), [np.pi, 0, 0], atol=1e-5)
    assert np.abs(theta1.body_pose).max() < 1e-5
    assert rough.keypoints is None
    # the pelvis: 0.25 m down from SMPL's, 0.9 · 480 / 2 pixels a metre, around (290, 260)
    pelvis = theta1.camera.project(body.pose(theta1)[1][0].astype(np.float64))
    below_smpls = np.add(ORIGINS["spin"].pelvis[:2], (0, 0.25))
    expected = np.add((290, 260), below_smpls * 0.9 * 240)
    np.testing.assert_allclose(pelvis, expected, atol=0.2)
    seen = theta1.camera.project(body.pose(theta1)[0].astype(np.float64))
    assert np.ptp(seen[:, 1]) == pytest.approx(BOX.height, rel=0.15)


def test_the_shape_is_smpls_and_is_kept_on_smpls_body_alone(
    body: BodyModel, checkpoint: Path
) -> None:
    assert np.abs(Hmr(body, checkpoint).annotate(picture(), BOX).theta1.betas).max() == 0
    smpl = SimpleNamespace(device=torch.device("cpu"), num_vertices=6890, joints=np.ones((24, 3)))
    given = Keypoints2D("coco", np.ones((17, 2), np.float32), np.ones(17, np.float32))
    frontend = Hmr(smpl, checkpoint)
    theta1 = frontend.annotate(picture(), BOX, given).theta1
    np.testing.assert_allclose(theta1.betas, 0.5)
    # 2 · 5000 / (224 · 0.9), where the origin has it
    assert theta1.transl[2] == pytest.approx(10_000 / (224 * 0.9), rel=1e-5)


def test_the_picture_changes_theta1(body: BodyModel, checkpoint: Path) -> None:
    frontend = Hmr(body, checkpoint)
    torch.nn.init.normal_(frontend._network.head.decpose.weight, std=0.05)
    first = frontend.annotate(picture(), BOX).theta1.body_pose
    again = frontend.annotate(picture(), BOX).theta1.body_pose
    other = frontend.annotate(picture(), replace(BOX, x=260)).theta1.body_pose
    assert first.tobytes() == again.tobytes()
    assert np.abs(first - other).max() > 1e-3


def test_hmr_finds_people_with_blazepose(
    body: BodyModel, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontend = Hmr(body, checkpoint)
    with pytest.raises(MissingModel, match="models pull"):
        frontend.detect(picture())
    finder = SimpleNamespace(detect=lambda image: [BOX])
    monkeypatch.setattr("core.frontends.hmr.frontend.BlazePose", lambda body: finder)
    assert frontend.detect(picture()) == [BOX]


def test_blazeposes_landmarks_are_the_evidence_where_none_is_given(
    body: BodyModel, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = np.arange(66, dtype=np.float32).reshape(33, 2)
    seen = Landmarks(points, np.ones(33, np.float32), np.zeros((33, 3), np.float32), 1)
    eyes = SimpleNamespace(landmarks=lambda image, box: seen)
    monkeypatch.setattr("core.frontends.hmr.frontend.BlazePose", lambda body: eyes)
    frontend = Hmr(body, checkpoint)
    own = frontend.annotate(picture(), BOX).keypoints
    assert own is not None and own.convention == "blazepose"
    np.testing.assert_array_equal(own.points, points)
    assert frontend.annotate(picture(), BOX, own).keypoints is None

    def nobody(image: object, box: object) -> None:
        raise NoPersonFound("nobody")

    eyes.landmarks = nobody
    assert frontend.annotate(picture(), BOX).keypoints is None


def test_a_checkpoint_is_asked_for_and_goes_to_hmr_alone(body: BodyModel, tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="--checkpoint FILE"):
        load_frontend("hmr", body)
    with pytest.raises(UnreadableInput, match="standing takes no checkpoint"):
        load_frontend("standing", body, tmp_path / "x.pt")


@pytest.fixture(scope="module")
def open_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that says the same of every picture: upright, mean shape, in the crop's middle."""
    network = HmrNetwork(HmrConfig(4, (1, 1, 1, 1), hidden=8, size=32, points=24))
    for part in (network.head.decpose, network.head.decshape, network.head.deccam):
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    network.head.init_pose[:] = torch.tensor([1.0, 0, 0, 0, 1, 0]).repeat(24)
    network.head.init_pose[:, :6] = torch.tensor([1.0, 0, 0, 0, -1, 0])
    network.head.init_cam[:] = torch.tensor([0.5, 0, 0])
    path = tmp_path_factory.mktemp("open") / "open.safetensors"
    save_network(network, path)
    return path


@pytest.mark.parametrize("x", [0, 200, 400])
def test_hmr_open_sets_a_body_before_the_pictures_camera(
    body: BodyModel, open_weights: Path, x: int
) -> None:
    given = Keypoints2D("coco", np.ones((17, 2), np.float32), np.ones(17, np.float32))
    box = replace(BOX, x=x)
    frontend = load_frontend("hmr-open", body, open_weights)
    theta1 = frontend.annotate(picture(), box, given).theta1
    camera = Camera.assumed(WIDTH, HEIGHT)
    assert theta1.camera == camera
    points = body.pose(theta1)[1]
    np.testing.assert_allclose(camera.project(points[0]), box.centre, atol=0.1)
    # half a metre is a quarter of the crop's side, 480 px: 240 px a metre
    distance = np.hypot(camera.focal, np.linalg.norm(np.subtract(box.centre, (320, 240)))) / 240 * 2
    assert np.linalg.norm(points[0]) == pytest.approx(distance, rel=1e-4)
    # the network saw it upright and from in front, along the ray to it
    ahead = points[0] / np.linalg.norm(points[0])
    turned_to = Rotation.from_rotvec(theta1.global_orient).apply([0.0, 0, 1])
    np.testing.assert_allclose(turned_to, -ahead, atol=1e-4)


def test_hmr_open_ships_with_weights_and_takes_others(body: BodyModel, open_weights: Path) -> None:
    ours, theirs = load_frontend("hmr-open", body), load_frontend("hmr-open", body, open_weights)
    assert len({ours.weights_sha256, theirs.weights_sha256}) == 2
    assert HMR_OPEN_WEIGHTS.stat().st_size <= 12e6
