"""Joints in space: what refiners, scores and suggestions make of them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from test_paper_refiner import BLIND, body, disturbed, mean_error, seen, standing

from core.errors import InvalidAnnotation
from core.evidence import Evidence, Joints3D
from core.keypoints import BLAZEPOSE, BODY_POINTS, body_points, on_body
from core.pose import JOINTS, PARTS, Parameters
from core.pose.rotations import rotations_of
from core.refiners import Refiner, load_refiner
from core.refiners.iterates import start_of
from core.refiners.level import LevelRefiner
from core.refiners.level.network import features_of
from core.refiners.reprojection import Expected, Sight, solve_turns
from core.refiners.space import SIDE, Space
from core.suggest import load_recommender
from core.suggest.misses import LARGEST_MISS, misses_of
from core.trajectory import Trajectory

FIELDS = ("global_orient", "body_pose", "betas", "transl")
following = pytest.mark.parametrize("name", ["level", "fit", "guided"])


@cache
def refiner(name: str) -> Refiner:
    return load_refiner(name, body())


def joints(theta: Parameters, origin: Sequence[float] = (3, -2, 1)) -> Joints3D:
    """COCO's points of a body, from some origin."""
    points = body().pose(theta)[1][body_points("coco")] - np.array(origin)
    return Joints3D("coco", points.astype(np.float32), np.ones(17, np.float32))


def measured(theta: Parameters) -> Evidence:
    return replace(BLIND, joints=joints(theta))


def from_pelvis(theta: Parameters) -> NDArray[np.floating]:
    points = body().pose(theta)[1]
    return np.asarray(points - points[..., :1, :])


def error(theta: Parameters, truth: Parameters) -> NDArray[np.floating]:
    off = np.linalg.norm(from_pelvis(theta) - from_pelvis(truth), axis=-1)
    return np.asarray(off.mean(-1))


def same(one: Parameters, two: Parameters) -> bool:
    return all(getattr(one, name).tobytes() == getattr(two, name).tobytes() for name in FIELDS)


def test_a_joint_that_is_no_number_is_missing() -> None:
    points = np.array([[1, 2, 3], [np.nan, 0, 0], [4, 5, 6]], np.float32)
    known = Joints3D("smpl_24", points, np.array([2, 1, np.nan]))
    assert known.confidence.tolist() == [1, 0, 0]
    assert known.points.tolist() == [[1, 2, 3], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(("points", "confidence"), [((17, 2), (17,)), ((17, 3), (16,)), ((3,), ())])
def test_joints_of_other_shapes_are_refused(
    points: tuple[int, ...], confidence: tuple[int, ...]
) -> None:
    with pytest.raises(InvalidAnnotation, match=r"Keypoints need points \(K, 3\)"):
        Joints3D("coco", np.zeros(points), np.zeros(confidence))


def test_points_that_share_a_point_of_the_body_are_averaged() -> None:
    points, confidence = np.zeros((33, 3), np.float32), np.zeros(33, np.float32)
    for name, place, sure in (("left_index_knuckle", 3, 0.75), ("left_pinky_knuckle", 7, 0.25)):
        points[BLAZEPOSE.index(name)], confidence[BLAZEPOSE.index(name)] = place, sure
    at, weight = on_body("blazepose", points, confidence)
    hand = BODY_POINTS.index("left_hand")
    assert at[hand].tolist() == [4, 4, 4]
    assert weight[hand] == weight.sum() == 0.75


def test_the_place_of_joints_is_no_matter_and_one_wrong_one_moves_no_other() -> None:
    known = np.zeros((1, 45, 3), np.float32)
    known[0, :5, 0] = range(5)
    weight = torch.zeros(1, 45)
    weight[0, :5] = 1
    space = Space(torch.from_numpy(known), weight)
    body_at = torch.from_numpy(known) + torch.tensor([10.0, 20, 30])
    body_at[0, 4] += torch.tensor([0, 0.5, 0])
    miss = SIDE * space.miss(body_at)[0, :5]
    torch.testing.assert_close(miss[:4], torch.zeros(4, 3))
    torch.testing.assert_close(miss[4], torch.tensor([0, 0.5, 0]))


def test_a_bent_elbow_is_straightened_by_joints_alone_and_the_body_stays() -> None:
    truth = standing()
    turned = truth.body_pose.copy()
    turned[17, 1] = -0.4
    rough = replace(truth, body_pose=turned)
    pose = start_of([rough], [BLIND], body())
    sight = Sight.of([rough], [measured(truth)])
    elbow = slice(3 * 18, 3 * 19)
    variance = torch.zeros(1, 72)
    variance[:, elbow] = 1
    turns, shifts = solve_turns(body(), sight, pose, Expected(torch.zeros(1, 72), variance))
    assert turns[0, 18, 1] == pytest.approx(0.4, abs=0.05)
    assert (turns[0, [*range(18), *range(19, 24)]] == 0).all()
    assert (shifts == 0).all()


@following
def test_joints_lead_to_the_truth_wherever_their_origin_is(name: str) -> None:
    truth = standing(0.5)
    theta1 = disturbed(truth, 30)
    paths = [
        refiner(name).trajectory(theta1, replace(BLIND, joints=joints(truth, origin)), 8)
        for origin in ((0, 0, 0), (0, -9, 5))
    ]
    steps = paths[0].steps
    assert paths[0].begins_with(theta1)
    assert error(steps[8], truth) < 0.25 * error(theta1, truth)
    np.testing.assert_allclose(from_pelvis(steps), from_pelvis(paths[1].steps), atol=1e-3)
    assert (steps.transl == theta1.transl).all()  # joints tell nothing of the place


@pytest.mark.parametrize("name", ["level", "fit"])
def test_joints_that_are_all_missing_are_as_none_to_the_bit(name: str) -> None:
    nothing = replace(joints(standing()), confidence=np.zeros(17, np.float32))
    theta1 = disturbed(standing(), 20)
    for evidence in (seen(standing()), BLIND):
        one, two = (
            refiner(name).trajectory(theta1, known, 5)
            for known in (evidence, replace(evidence, joints=nothing))
        )
        assert same(one.steps, two.steps)
        assert len(one.trials) == len(two.trials)
        assert all(same(a.steps, b.steps) for a, b in zip(one.trials, two.trials, strict=True))


def test_who_has_none_is_refined_beside_others_as_alone() -> None:
    truth = standing()
    theta1 = [disturbed(truth, 20), disturbed(truth, 30)]
    both = refiner("level").trajectories(theta1, [measured(truth), seen(truth)], 5)
    alone = refiner("level").trajectory(theta1[1], seen(truth), 5)
    np.testing.assert_allclose(from_pelvis(both[1].steps), from_pelvis(alone.steps), atol=1e-3)


def test_joints_tell_of_depth_what_keypoints_do_not() -> None:
    truth = standing()
    turned = truth.body_pose.copy()
    turned[JOINTS.index("left_shoulder") - 1, 1] = -0.9  # towards the camera
    truth, theta1 = replace(truth, body_pose=turned), truth
    both = replace(seen(truth), joints=joints(truth))
    flat, deep = (refiner("level").trajectory(theta1, e, 8).steps for e in (seen(truth), both))
    assert error(deep, truth)[-1] < 0.5 * error(flat, truth)[-1]
    assert mean_error(deep[8], truth) < 0.05  # and keypoints still put it in its place


def test_a_part_at_level_0_stays_to_the_bit() -> None:
    level = refiner("level")
    assert isinstance(level, LevelRefiner)
    theta1 = disturbed(standing(), 20)
    refined = level.at(theta1, measured(standing()), np.array([[0, 40, 0, 40, 0]]))[0]
    for (part, own), told in zip(PARTS.items(), (0, 40, 0, 40, 0), strict=True):
        rows = [joint - 1 for joint in own if joint]
        stays = (refined.body_pose[rows] == theta1.body_pose[rows]).all()
        assert stays == (told == 0), part
    assert refined.global_orient.tobytes() == theta1.global_orient.tobytes()


def test_who_lies_is_found_by_joints_where_theta1_stands() -> None:
    truth = standing()
    fallen = Rotation.from_euler("z", 90, degrees=True) * Rotation.from_rotvec(truth.global_orient)
    truth = replace(truth, global_orient=fallen.as_rotvec().astype(np.float32))
    path = refiner("level").trajectory(standing(), measured(truth), 8)
    assert error(path.steps, truth)[-1] < 0.05 < error(standing(), truth)


def test_the_network_of_level_is_told_nothing_of_joints() -> None:
    theta1, evidence = disturbed(standing(), 20), seen(standing())
    pose = start_of([theta1], [evidence], body())
    told = [
        features_of(body(), pose, Sight.of([theta1], [known]))
        for known in (evidence, replace(evidence, joints=joints(standing())))
    ]
    assert told[0].equal(told[1])


def test_a_hidden_joint_has_no_say_in_its_trial() -> None:
    truth, wrist = standing(), 9
    moved = replace(joints(truth), points=joints(truth).points.copy())
    moved.points[wrist] += 0.1
    theta1 = disturbed(truth, 15)
    one, two = (
        refiner("fit").trajectory(theta1, replace(seen(truth), joints=known), 4)
        for known in (joints(truth), moved)
    )
    hidden = [trial.hidden[body_points("coco")[wrist]] for trial in one.trials]
    assert sum(hidden) == 1
    for blind, before, after in zip(hidden, one.trials, two.trials, strict=True):
        apart = (rotations_of(before.steps) - rotations_of(after.steps)).abs().max()
        assert (apart < 1e-6) == blind


def path_of(*steps: Parameters) -> Trajectory:
    return Trajectory(Parameters.stack(steps), np.zeros(len(steps), np.float32), "test")


def test_steps_are_judged_in_space_by_the_distance_of_the_joints() -> None:
    steps = disturbed(standing(), 15), standing()
    misses = misses_of(path_of(*steps), measured(standing()), body())
    assert misses is not None and misses.in_space
    apart = np.subtract(*(body().pose(each)[1][body_points("coco")] for each in steps))
    apart = np.linalg.norm(apart - np.median(apart, axis=0), axis=-1)
    off = 1000 * np.minimum(apart, SIDE * LARGEST_MISS)
    np.testing.assert_allclose(misses.scale * misses.distance[0], off, atol=0.5)
    np.testing.assert_allclose(misses.distance[1], 0, atol=1e-6)


def test_joints_judge_before_keypoints_and_the_curve_shows_the_keypoints() -> None:
    path = path_of(disturbed(standing(), 15), standing())
    both = replace(seen(path.steps[0]), joints=joints(standing()))
    rule = load_recommender("held-out", body())
    score = rule.score(path, both)
    assert rule.suggest(score).step == 1
    np.testing.assert_array_equal(score.values, rule.score(path, replace(both, joints=None)).values)


@pytest.mark.parametrize("name", ["ranker", "held-out", "nearest"])
def test_the_suggestion_says_in_mm_what_is_gained(name: str) -> None:
    path, evidence = path_of(disturbed(standing(), 15), standing()), measured(standing())
    recommender = load_recommender(name, body())
    suggestion = recommender.suggest(score := recommender.score(path, evidence))
    assert suggestion.step == 1
    assert suggestion.expected_gain == pytest.approx(1000 * SIDE * score.values[0], rel=1e-3)
    assert ": 3D error falls 100 %; whole body from " in suggestion.reason
    assert " mm to 0 mm" in suggestion.reason and "box" not in suggestion.reason
    by_rule = "(by rule: the ranker does not know such steps)"
    assert (by_rule in suggestion.reason) == (name == "ranker")
    there = path_of(standing(), standing())
    kept = recommender.suggest(recommender.score(there, evidence))
    assert kept.step == 0
    assert kept.reason.startswith("no step is surely closer to the 3D joints: 0 mm")
