from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.camera import Camera
from core.contract.people import body
from core.errors import UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import COCO, body_points
from core.parts import PART_NAMES
from core.pose import JOINTS, Parameters
from core.suggest import RECOMMENDERS, Recommender, Score, load_recommender
from core.suggest.held_out import ALLOWED_RISE, FITTED, LIKELIER, MIN_GAIN, unlikeliness
from core.suggest.misses import LARGEST_MISS, Misses, misses_of
from core.trajectory import Trajectory, Trial

CAMERA = Camera.assumed(640, 480)
BOX = Box(220, 40, 200, 400)
WRIST = COCO.index("left_wrist")
everyone = pytest.mark.parametrize("name", sorted(RECOMMENDERS))


@cache
def recommender(name: str = "held-out") -> Recommender:
    return load_recommender(name, body())


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


def scored(path: Trajectory, known: Keypoints2D | None, name: str = "held-out") -> Score:
    return recommender(name).score(path, Evidence(BOX, known))


def score_of(*rows: list[float], parts: list[int] | None = None) -> Score:
    distance = np.array(rows, np.float32)
    count = distance.shape[1]
    weight = np.full(count, 1 / count, np.float32)
    misses = Misses(distance, weight, np.array(parts or [0] * count))
    return Score(misses.mean, misses)


@everyone
def test_the_pose_that_fits_the_keypoints_scores_nothing(name: str) -> None:
    scores = scored(bent(0, 0.5, 1, 1.5), keypoints(1), name).values
    assert scores.dtype == np.float32
    assert scores.argmin() == 2
    assert scores[2] < 1e-4
    assert scores[0] > scores[1] > 0.003


@everyone
def test_where_a_step_stands_does_not_matter(name: str) -> None:
    path = bent(0.4, 0.4)
    path.steps.transl[1] = (1, -0.5, 7)
    scores = scored(path, keypoints(1), name).values
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)


def test_a_keypoint_far_off_counts_no_more_than_the_largest_miss() -> None:
    wrong = keypoints(1)
    wrong.points[WRIST] += 3000
    assert scored(bent(1), wrong).values[0] == pytest.approx(LARGEST_MISS / 17, rel=0.02)


def test_keypoints_count_by_their_confidence() -> None:
    unsure = keypoints(1)
    unsure.points[WRIST] += 3000
    unsure.confidence[WRIST] = 0.25
    expected = LARGEST_MISS * 0.25 / 16.25
    assert scored(bent(1), unsure).values[0] == pytest.approx(expected, rel=0.02)


def test_the_score_is_a_share_of_the_box() -> None:
    evidence = Evidence(BOX, keypoints(1))
    wide = replace(evidence, box=Box(0, 0, 800, 400))
    narrow_score, wide_score = (
        recommender().score(bent(0), known).values[0] for known in (evidence, wide)
    )
    assert narrow_score == pytest.approx(2 * wide_score)


@pytest.mark.parametrize("name", ["held-out", "nearest"])
@pytest.mark.parametrize("seen", [None, 0, 2])
def test_without_keypoints_there_is_no_score_and_theta1_is_kept(
    name: str, seen: int | None
) -> None:
    few = None
    if seen is not None:
        few = keypoints(1)
        few.confidence[seen:] = 0
    score = scored(bent(0, 1), few, name)
    assert score.values.shape == (2,) and np.isnan(score.values).all()
    suggestion = recommender(name).suggest(score)
    assert (suggestion.step, suggestion.expected_gain) == (0, 0)
    assert "by eye" in suggestion.reason


def test_a_keypoint_is_judged_by_the_trial_that_did_not_know_it() -> None:
    hidden = np.zeros(45, bool)
    hidden[JOINTS.index("left_wrist")] = True
    path, known = bent(1, 1), keypoints(1)
    blind = replace(path, trials=(Trial(bent(1, 0).steps, hidden),))
    misses = misses_of(blind, Evidence(BOX, known), body())
    assert misses is not None
    assert misses.distance[1, WRIST] > 0.05
    assert np.delete(misses.distance, WRIST, axis=1).max() < 1e-4
    assert misses.distance[0].max() < 1e-4
    assert scored(blind, known).values[1] > 0.003
    assert scored(blind, known, "nearest").values[1] < 1e-4


def test_the_sure_fall_by_hand() -> None:
    misses = score_of([0.04, 0.04, 0.04], [0.01, 0.02, 0.03]).misses
    assert misses is not None
    # falls of 3, 2 and 1 %: mean 2 %, standard error √(2/3) / √2 = 0.577 %
    np.testing.assert_allclose(misses.sure_fall(1), [0, 0.02 - 0.0057735], atol=1e-6)
    np.testing.assert_allclose(misses.sure_fall(0), [0, 0.02], atol=1e-7)


def test_a_fall_of_all_keypoints_is_suggested_with_its_gain_and_the_part_in_words() -> None:
    arm, leg = PART_NAMES.index("left arm"), PART_NAMES.index("right leg")
    score = score_of(
        [0.06, 0.06, 0.02, 0.02],
        [0.05, 0.05, 0.02, 0.02],
        [0.03, 0.03, 0.01, 0.01],
        parts=[arm, arm, leg, leg],
    )
    suggestion = recommender().suggest(score)
    assert suggestion.step == 2
    # falls of 3, 3, 1 and 1 % of a box side of 1 m: 20 mm ± 10 / √3
    assert suggestion.expected_gain == pytest.approx(20)
    assert suggestion.uncertainty == pytest.approx(10 / 3**0.5, rel=1e-5)
    assert suggestion.reason == (
        "left arm: 2D error falls 50 %; whole body from 4.0 % to 2.0 % of the box"
    )


def test_gains_are_in_millimetres_at_the_body_s_depth() -> None:
    misses = scored(bent(0, 1), keypoints(1)).misses
    assert misses is not None
    # a box side of 400 px at 4 m
    assert misses.scale == pytest.approx(1000 * 400 * 4 / CAMERA.focal)
    gain = recommender("nearest").suggest(Score(misses.mean, misses)).expected_gain
    assert gain == pytest.approx((misses.mean[0] - misses.mean[1]) * misses.scale)


def test_a_part_leaves_the_body_s_step_where_its_own_keypoints_are_surely_nearer() -> None:
    arm, leg, other = (
        PART_NAMES.index(f"{name}") for name in ("left arm", "right leg", "left leg")
    )
    score = score_of(
        [0.06, 0.06, 0.02, 0.02, 0.03],
        [0.03, 0.03, 0.01, 0.01, 0.01],
        [0.05, 0.05, 0.00, 0.00, 0.01],
        [0.00, 0.00, 0.03, 0.03, 0.09],
        parts=[arm, arm, leg, leg, other],
    )
    suggestion = recommender().suggest(score)
    assert suggestion.step == 1
    assert suggestion.part_steps == {
        "torso and head": 1, "left arm": 3, "right arm": 1, "left leg": 1, "right leg": 2,
    }  # fmt: skip
    parts = {each.part: each for each in suggestion.parts}
    # 3 % of a box side of 1 m, of 5 joints in 24
    assert parts["left arm"].expected_gain == pytest.approx(30 * 5 / 24)
    assert parts["left arm"].reason == "2D error falls 100 %"
    assert parts["left leg"].expected_gain == 0 and "too few" in parts["left leg"].reason


def test_a_fall_of_one_keypoint_in_many_is_not_sure() -> None:
    before, after = [0.04] * 8, [0.0] + [0.045] * 7
    assert recommender().suggest(score_of(before, after)).step == 0
    assert recommender().suggest(score_of(before, [0.02] * 8)).step == 1


def test_of_nearly_equal_steps_the_earliest_is_suggested() -> None:
    rows = ([value] * 4 for value in (0.04, 0.02, 0.0201, 0.0199))
    assert recommender().suggest(score_of(*rows)).step == 1


def test_a_gain_that_nobody_sees_is_not_worth_leaving_theta1() -> None:
    small, enough = (score_of([0.02] * 4, [0.02 - k * MIN_GAIN] * 4) for k in (0.9, 1.1))
    suggestion = recommender().suggest(small)
    assert (suggestion.step, suggestion.expected_gain) == (0, 0)
    assert "2.0 %" in suggestion.reason
    assert recommender().suggest(enough).step == 1


def test_rising_scores_keep_theta1() -> None:
    rows = ([value] * 5 for value in np.linspace(0.02, 0.1, 58))
    assert recommender().suggest(score_of(*rows)).step == 0


def test_where_theta1_is_fitted_the_last_step_within_reach_is_taken_if_far_likelier() -> None:
    rise = ALLOWED_RISE
    rows = ([0.01] * 4, [0.01 + rise / 2] * 4, [0.01 + 0.9 * rise] * 4, [0.01 + 2 * rise] * 4)
    score = score_of(*rows)
    far, hardly = (
        replace(score, unlikeliness=np.array([0, -1, -fall, -9], np.float32))
        for fall in (1.1 * LIKELIER, 0.9 * LIKELIER)
    )
    suggestion = recommender().suggest(far)
    assert (suggestion.step, suggestion.expected_gain) == (2, 0)
    assert "likelier" in suggestion.reason and "1.5 % of the box" in suggestion.reason
    assert recommender().suggest(hardly).step == 0
    assert recommender().suggest(score).step == 0


def test_the_prior_is_asked_only_where_theta1_is_fitted() -> None:
    assert scored(bent(1, 0.9), keypoints(1)).unlikeliness is not None
    noisy = keypoints(1)
    noisy.points[::2, 0] += 20
    off = scored(bent(1, 0.9), noisy)
    assert off.values[0] > FITTED and off.unlikeliness is None


def test_a_twisted_neck_is_unlikely() -> None:
    path = bent(0, 0)
    path.steps.body_pose[1, JOINTS.index("neck") - 1] = (0, 2, 0)
    one, twisted = unlikeliness(path.steps)
    assert twisted > one + 0.5


def test_the_control_takes_the_nearest_step_however_little_it_gains() -> None:
    score = score_of([0.02] * 4, [0.0199] * 4, [0.03] * 4)
    assert recommender("nearest").suggest(score).step == 1
    assert recommender().suggest(score).step == 0


def test_unknown_recommenders_are_refused_by_name() -> None:
    with pytest.raises(UnreadableInput, match=r"magic.*ranker, held-out, nearest"):
        load_recommender("magic", body())
