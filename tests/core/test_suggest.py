from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.body import BodyModel, load_body
from core.camera import Camera
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.pose import JOINTS, Parameters
from core.suggest import LARGEST_RESIDUAL, MIN_GAIN, score, suggest
from core.trajectory import Trajectory

CAMERA = Camera.assumed(640, 480)
BOX = Box(220, 40, 200, 400)


@cache
def body() -> BodyModel:
    return load_body()


def bent(*elbows: float) -> Trajectory:
    count = len(elbows)
    orient, pose = np.zeros((count, 3), np.float32), np.zeros((count, 23, 3), np.float32)
    orient[:, 0] = np.pi
    pose[:, JOINTS.index("left_elbow") - 1, 2] = elbows
    transl = np.tile(np.array([0, 0, 4], np.float32), (count, 1))
    steps = Parameters(orient, pose, np.zeros((count, 10), np.float32), transl, CAMERA)
    return Trajectory(steps, np.zeros(count, np.float32), "test")


def keypoints(elbow: float) -> Keypoints2D:
    _, points = body().pose(bent(elbow).steps[0])
    pixels = CAMERA.project(points[body_points("coco")]).astype(np.float32)
    return Keypoints2D("coco", pixels, np.ones(17, np.float32))


def test_the_pose_that_fits_the_keypoints_scores_nothing() -> None:
    scores = score(bent(0, 0.5, 1, 1.5), Evidence(BOX, keypoints(1)), body())
    assert scores.dtype == np.float32
    assert scores.argmin() == 2
    assert scores[2] < 1e-4
    assert scores[0] > scores[1] > 0.003


def test_where_a_step_stands_does_not_matter() -> None:
    path = bent(0.4, 0.4)
    path.steps.transl[1] = (1, -0.5, 7)
    scores = score(path, Evidence(BOX, keypoints(1)), body())
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_a_keypoint_far_off_counts_no_more_than_the_largest_residual() -> None:
    wrong = keypoints(1)
    wrong.points[9] += 3000  # left wrist
    scores = score(bent(1), Evidence(BOX, wrong), body())
    assert scores[0] == pytest.approx(LARGEST_RESIDUAL / 17, rel=0.02)


def test_keypoints_count_by_their_confidence() -> None:
    unsure = keypoints(1)
    unsure.points[9] += 3000
    unsure.confidence[9] = 0.25
    scores = score(bent(1), Evidence(BOX, unsure), body())
    assert scores[0] == pytest.approx(LARGEST_RESIDUAL * 0.25 / 16.25, rel=0.02)


def test_the_score_is_a_share_of_the_box() -> None:
    evidence = Evidence(BOX, keypoints(1))
    wide = replace(evidence, box=Box(0, 0, 800, 400))
    path = bent(0)
    assert score(path, evidence, body())[0] == pytest.approx(2 * score(path, wide, body())[0])


@pytest.mark.parametrize("seen", [None, 0, 2])
def test_without_keypoints_there_is_no_score_and_theta1_is_kept(seen: int | None) -> None:
    few = None
    if seen is not None:
        few = keypoints(1)
        few.confidence[seen:] = 0
    scores = score(bent(0, 1), Evidence(BOX, few), body())
    assert np.isnan(scores).all()
    suggestion = suggest(scores)
    assert (suggestion.step, suggestion.expected_gain) == (0, 0)
    assert "by eye" in suggestion.reason


def test_the_lowest_score_is_suggested_with_its_gain_in_words() -> None:
    suggestion = suggest(np.array([0.041, 0.030, 0.019, 0.025], np.float32))
    assert suggestion.step == 2
    assert suggestion.expected_gain == pytest.approx(0.022)
    assert suggestion.reason == "2D error falls from 4.1 % to 1.9 % of the box"


def test_of_nearly_equal_steps_the_earliest_is_suggested() -> None:
    assert suggest(np.array([0.04, 0.02, 0.0201, 0.0199], np.float32)).step == 1


def test_a_small_gain_is_not_worth_leaving_theta1() -> None:
    scores = np.array([0.02, 0.02 - 0.9 * MIN_GAIN, 0.03], np.float32)
    suggestion = suggest(scores)
    assert (suggestion.step, suggestion.expected_gain) == (0, 0)
    assert suggest(np.array([0.02, 0.02 - 1.1 * MIN_GAIN], np.float32)).step == 1
    assert "2.0 %" in suggestion.reason


def test_rising_scores_keep_theta1() -> None:
    assert suggest(np.linspace(0.01, 0.1, 58, dtype=np.float32)).step == 0
