import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from core.body import load_body
from core.errors import MissingModel, NoPersonFound
from core.evidence import Box, Keypoints2D
from core.frontends.blazepose import BlazePose
from core.frontends.detector import anchors, weighted_nms
from core.frontends.landmarks import Landmarks, refine
from core.frontends.people import box_of, distinct
from core.frontends.regions import Region
from core.keypoints import BODY_POINTS, COCO
from training.measure_frontend import PEOPLE, errors_of

PHOTOS = Path(__file__).parents[2].parent / "shared" / "data" / "photos"
GOLDEN_TOLERANCE_PX = 11
GOLDEN_TOLERANCE_M = 0.11


def photo(name: str) -> NDArray[np.uint8]:
    path = PHOTOS / name
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    return np.asarray(Image.open(path).convert("RGB"))


def person(offset: float = 0, presence: float = 1) -> Landmarks:
    points = np.linspace((10, 20), (50, 120), 33, dtype=np.float32) + np.float32(offset)
    world = np.zeros((33, 3), dtype=np.float32)
    return Landmarks(points, np.ones(33, dtype=np.float32), world, presence)


@given(
    centre=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
    length=st.floats(1, 500),
    angle=st.floats(-3.1, 3.1),
)
def test_a_region_turns_its_person_upright(
    centre: tuple[float, float], length: float, angle: float
) -> None:
    hips = np.array(centre)
    top = hips + length * np.array([np.sin(angle), -np.cos(angle)])
    region = Region.of_alignment(hips, top)
    assert region.angle == pytest.approx(angle, abs=1e-6)
    # The circle of radius `length` fills the side but for the margin of 1.25.
    np.testing.assert_allclose(region.to_pixels(np.array([0.5, 0.5])), hips, atol=1e-6)
    np.testing.assert_allclose(region.to_pixels(np.array([0.5, 0.1])), top, atol=1e-6 * length)


def test_a_crop_at_scale_one_is_the_picture_itself() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    crop = Region(x=30, y=20, side=16).crop(image, 16)
    np.testing.assert_array_equal(crop, image[12:28, 22:38])


def test_a_crop_turned_by_a_quarter_is_the_picture_turned() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    crop = Region(x=30, y=20, side=16, angle=np.pi / 2).crop(image, 16)
    np.testing.assert_allclose(crop, np.rot90(image[12:28, 22:38]), atol=1)


def test_a_crop_beyond_the_picture_is_black_there() -> None:
    image = np.full((40, 60, 3), 200, dtype=np.uint8)
    crop = Region(x=0, y=20, side=20).crop(image, 20)
    assert crop[:, :9].max() == 0
    assert crop[:, 11:].min() == 200
    assert Region(x=500, y=500, side=20).crop(image, 20).max() == 0


def test_a_crop_of_a_large_picture_averages_instead_of_skipping() -> None:
    stripes = np.zeros((512, 512, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    crop = Region(x=256, y=256, side=512).crop(stripes, 64)
    assert np.abs(crop[2:-2, 2:-2].astype(int) - 100).max() <= 1


def test_anchors_lie_at_the_centres_of_their_cells() -> None:
    centres = anchors()
    assert centres.shape == (2254, 2)
    np.testing.assert_allclose(centres[0] * 224, (4, 4))
    np.testing.assert_allclose(centres[2] * 224, (12, 4))
    np.testing.assert_allclose(centres[2 * 28 * 28] * 224, (8, 8))
    np.testing.assert_allclose(centres[-1] * 224, (208, 208))


def test_overlapping_people_merge_to_their_weighted_mean() -> None:
    people = np.array([[[0, 0], [4, 4]], [[1, 0], [4, 4]], [[9, 9], [4, 4]]], dtype=np.float32)
    merged = weighted_nms(np.array([0.9, 0.6, 0.7], dtype=np.float32), people)
    assert [score for score, _ in merged] == pytest.approx([0.9, 0.7])
    np.testing.assert_allclose(merged[0][1], [[0.4, 0], [4, 4]], atol=1e-6)
    np.testing.assert_allclose(merged[1][1], people[2])


def test_a_point_moves_to_the_centre_of_its_heat() -> None:
    heat = np.zeros((64, 64, 2))
    heat[20, 30:32, 0] = 0.8
    heat[20, 30, 1] = 0.4
    shares = np.array([[29.5, 19.5], [29.5, 19.5]]) / 64
    refined = refine(shares, heat) * 64
    np.testing.assert_allclose(refined, [[30.5, 20], [29.5, 19.5]])


def test_a_person_found_twice_is_kept_once() -> None:
    first, again, other = person(), person(offset=5), person(offset=60)
    assert distinct([first, again, other]) == [first, other]


def test_the_box_holds_what_is_visible_and_stays_in_the_picture() -> None:
    box = box_of(person(), width=1000, height=100)
    assert box.x < 10
    assert box.x + box.width > 50
    assert box.y + box.height == 100
    hidden = person()
    hidden.visibility[20:] = 0
    assert box_of(hidden).height < 0.8 * box_of(person()).height


@pytest.fixture(scope="module")
def blazepose() -> BlazePose:
    try:
        return BlazePose(load_body())
    except MissingModel as missing:
        pytest.skip(str(missing))


def test_the_golden_picture_stays_inside_googles_tolerance(blazepose: BlazePose) -> None:
    image = photo("blazepose_golden.jpg")
    expected = json.loads((PHOTOS / "blazepose_golden.expected.json").read_text())
    boxes = blazepose.detect(image)
    assert len(boxes) == 1
    for box in (boxes[0], Box(250, 215, 510, 445)):
        found = blazepose.landmarks(image, box)
        assert np.abs(found.points - expected["keypoints"]).max() < GOLDEN_TOLERANCE_PX
        assert np.abs(found.world - expected["world"]).max() < GOLDEN_TOLERANCE_M
        assert found.presence > 0.9


@pytest.mark.parametrize(
    ("name", "people"),
    [("soccer_three_players.jpg", 3), ("soccer_duel.jpg", 2), ("000000000785.jpg", 1)],
)
def test_everybody_in_a_photograph_is_found_once(
    blazepose: BlazePose, name: str, people: int
) -> None:
    assert len(blazepose.detect(photo(name))) == people


def test_an_empty_picture_has_nobody(blazepose: BlazePose) -> None:
    image = np.full((300, 400, 3), 128, dtype=np.uint8)
    assert blazepose.detect(image) == []
    with pytest.raises(NoPersonFound):
        blazepose.landmarks(image, Box(100, 50, 100, 200))


@pytest.mark.parametrize("name", list(PEOPLE))
def test_the_fitted_body_lies_on_the_landmarks(blazepose: BlazePose, name: str) -> None:
    image, body = photo(name), load_body()
    for numbers in PEOPLE[name]:
        box = Box(*numbers)
        rough = blazepose.annotate(image, box)
        miss = errors_of(rough, body, box)
        assert np.isfinite(miss).sum() >= 10
        assert np.nanmean(miss) < 0.04
        assert np.abs(rough.theta1.betas).max() < 3


def test_a_box_of_grass_has_nobody(blazepose: BlazePose) -> None:
    with pytest.raises(NoPersonFound, match="place the body by hand"):
        blazepose.annotate(photo("jockey.jpg"), Box(150, 230, 80, 160))


def test_people_who_lie_or_stand_on_their_hands_are_turned_upright(blazepose: BlazePose) -> None:
    image, box = photo("yoga.jpg"), Box(129, 13, 710, 575)
    upright = blazepose.landmarks(image, box)
    turned = np.ascontiguousarray(np.rot90(image, 2))
    height, width = image.shape[:2]
    there = Box(width - box.x - box.width, height - box.y - box.height, box.width, box.height)
    found = blazepose.landmarks(turned, there)
    miss = np.linalg.norm((width, height) - found.points - upright.points, axis=1)
    assert miss.mean() < 0.03 * box.side


def test_given_keypoints_move_the_body(blazepose: BlazePose) -> None:
    image, box = photo("yoga.jpg"), Box(129, 13, 710, 575)
    points, confidence = np.zeros((17, 2)), np.zeros(17)
    wrist = COCO.index("left_wrist")
    points[wrist], confidence[wrist] = (560, 330), 1
    given = Keypoints2D("coco", points, confidence)
    rough = blazepose.annotate(image, box, given)
    pixels = rough.theta1.camera.project(load_body().pose(rough.theta1)[1])
    assert np.linalg.norm(pixels[BODY_POINTS.index("left_wrist")] - (560, 330)) < 0.04 * box.side
    assert rough.keypoints is not None
    assert rough.keypoints.convention == "blazepose"
