from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_paper_refiner import BLIND, body, disturbed, mean_error, seen, standing

from assets import LEVEL_WEIGHTS
from core.errors import MissingModel, UnreadableInput
from core.evidence import Evidence
from core.keypoints import BODY_POINTS, body_points
from core.pose import PARTS, Parameters
from core.pose.rotations import geodesic, matrix_to_rot6d, rotations_of
from core.refiners import load_refiner
from core.refiners.level import LARGEST, LevelRefiner
from core.refiners.level.network import (
    FEATURES,
    MOST_UNLIKE,
    LevelConfig,
    LevelNetwork,
    features_of,
    load_level,
    save_level,
)
from core.refiners.level.search import at_levels
from core.refiners.reprojection import Pose, Sight

NAMES = tuple(PARTS)
TINY = LevelConfig(width=16, blocks=1, embedding=8, guessing=8)


def untaught(seed: int, std: float = 1.0) -> LevelNetwork:
    """Weights that nobody trained: what holds for them holds for all."""
    torch.manual_seed(seed)
    network = LevelNetwork(TINY).eval()
    for weights in network.parameters():
        torch.nn.init.normal_(weights, std=std)
    return network.requires_grad_(False)


@cache
def shipped() -> LevelRefiner:
    refiner = load_refiner("level", body())
    assert isinstance(refiner, LevelRefiner)
    return refiner


def turned(one: Parameters, other: Parameters) -> torch.Tensor:
    return geodesic(rotations_of(one), rotations_of(other)).rad2deg()


levels = st.lists(st.sampled_from([0.0, 0.5, 8.0, 40.0]), min_size=5, max_size=5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), told=levels, blind=st.booleans())
def test_a_part_at_level_0_stays_to_the_bit_whatever_the_weights(
    seed: int, told: list[float], blind: bool
) -> None:
    theta1 = disturbed(standing(), 20)
    evidence = BLIND if blind else seen(standing())
    refined = LevelRefiner(untaught(seed), "", body()).at(theta1, evidence, np.array([told]))[0]
    for name, level in zip(NAMES, told, strict=True):
        joints = [joint - 1 for joint in PARTS[name] if joint]
        same = refined.body_pose[joints] == theta1.body_pose[joints]
        assert same.all() if level == 0 else not same.all()
    if told[0] == 0:
        assert refined.global_orient.tobytes() == theta1.global_orient.tobytes()
        assert refined.transl.tobytes() == theta1.transl.tobytes()
    assert all(np.isfinite(getattr(refined, part)).all() for part in ("body_pose", "transl"))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_step_0_is_theta1_to_the_bit_whatever_the_weights(seed: int) -> None:
    theta1 = disturbed(standing(), 20)
    path = LevelRefiner(untaught(seed), "", body()).trajectory(theta1, seen(standing()), 6)
    assert path.steps.global_orient[0].tobytes() == theta1.global_orient.tobytes()
    assert path.steps.body_pose[0].tobytes() == theta1.body_pose.tobytes()
    assert path.steps.transl[0].tobytes() == theta1.transl.tobytes()
    np.testing.assert_allclose(path.levels, np.linspace(0, LARGEST, 7), rtol=1e-6)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), level=st.floats(0.01, 20))
def test_without_keypoints_no_joint_turns_further_than_its_level_allows(
    seed: int, level: float
) -> None:
    refiner = LevelRefiner(untaught(seed), "", body())
    refined = refiner.at(standing(), BLIND, np.full((1, 5), level))
    # Of 24 joints one can be off by the root of 24 times their mean square, about each axis.
    assert turned(refined, standing()).max() < level * np.sqrt(24 * 3) + 0.1


def test_half_a_turn_is_within_reach_of_a_large_level_and_of_no_small_one() -> None:
    network = LevelNetwork(TINY).eval().requires_grad_(False)
    # about x, so that the second column (numbers 4 to 6) goes to its opposite; a hair aside
    about = torch.tensor([0.0, 0, 0, 0, -2.5, 0.1])
    theta1 = torch.zeros(1, FEATURES)
    theta1[0, : 6 * 24] = matrix_to_rot6d(torch.eye(3), "columns").repeat(24)
    network.leave.bias[: 6 * 24] = about.repeat(24)
    turns, _, _ = network(theta1, torch.tensor([[[60.0] * 5, [5.0] * 5]]))
    large, small = turns.view(2, 24, 3).norm(dim=-1).rad2deg()
    assert large.min() > 140
    assert small.max() < 5 * np.sqrt(24)


def test_a_keypoint_that_is_not_trusted_has_less_say() -> None:
    theta1, known, moved = standing(), seen(standing()), seen(standing())
    assert moved.keypoints is not None
    moved.keypoints.points[9] += 30  # the left wrist
    wrist = BODY_POINTS.index("left_wrist")
    apart = []
    for trust in (0.0, -20.0):
        network = LevelNetwork(TINY).eval().requires_grad_(False)
        network.weigh.bias[wrist] = trust
        refiner = LevelRefiner(network, "", body())
        one, other = (refiner.at(theta1, each, np.full((1, 5), 20.0)) for each in (known, moved))
        apart.append(float(turned(one, other)[0, list(PARTS["left arm"])].max()))
    assert 0 < apart[1] < 0.7 * apart[0]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), blind=st.booleans())
def test_a_guess_is_a_number_of_degrees_and_parts_are_held_near_the_whole(
    seed: int, blind: bool
) -> None:
    refiner, theta1 = LevelRefiner(untaught(seed), "", body()), disturbed(standing(), 20)
    evidence = BLIND if blind else seen(standing())
    profile = refiner.profile(theta1, evidence)
    assert profile.shape == (5,) and np.isfinite(refiner.guess(theta1, evidence))
    assert (profile >= 1 / MOST_UNLIKE - 1e-6).all() and (profile <= MOST_UNLIKE + 1e-6).all()


def test_a_trajectory_goes_through_what_single_levels_give() -> None:
    refiner = LevelRefiner(untaught(1, 0.1), "", body())
    theta1, evidence = disturbed(standing(), 20), seen(standing())
    profile = refiner.profile(theta1, evidence)
    assert np.ptp(profile) > 0.01
    path = refiner.trajectory(theta1, evidence, 5)
    alone = refiner.at(theta1, evidence, path.levels[1:, None] * profile)
    assert turned(path.steps[1:], alone).max() < 0.1
    np.testing.assert_allclose(path.steps.transl[1:], alone.transl, atol=1e-3)


def test_between_the_knots_a_trajectory_is_near_what_single_levels_give() -> None:
    refiner = LevelRefiner(untaught(1, 0.03), "", body())
    theta1, evidence = disturbed(standing(), 20), seen(standing())
    path = refiner.trajectory(theta1, evidence)
    some = [2, 17, 30, 56]
    dial = path.levels[some, None] * refiner.profile(theta1, evidence)
    alone = refiner.at(theta1, evidence, dial)
    apart = [turned(path.steps[step], alone[row]).max() for row, step in enumerate(some)]
    assert max(apart[1:]) < 1 and apart[0] < 5


def test_missing_keypoints_are_as_dropped_ones() -> None:
    known = seen(standing())
    assert known.keypoints is not None
    known.keypoints.confidence[:] = 0
    theta1 = disturbed(standing(), 20)
    refiner = LevelRefiner(untaught(2), "", body())
    none, dropped = (
        refiner.trajectory(theta1, evidence, 4) for evidence in (Evidence(known.box), known)
    )
    assert turned(none.steps, dropped.steps).max() == 0
    assert dropped.trials == ()


def test_keypoints_are_followed_by_joints_that_are_held_to_be_off_and_only_by_them() -> None:
    theta1, known = disturbed(standing(), 15), seen(standing())
    moved = seen(standing())
    assert moved.keypoints is not None
    moved.keypoints.points[9] += 30  # the left wrist
    refiner = LevelRefiner(untaught(3), "", body())
    arm = np.array([[0.0, 20, 0, 0, 0], [0, 0, 20, 0, 0]])
    one, other = (refiner.at(theta1, evidence, arm) for evidence in (known, moved))
    apart = turned(one, other)
    assert apart[0, list(PARTS["left arm"])].max() > 1
    assert apart[0, list(PARTS["torso and head"])].max() == 0
    assert apart[1, list(PARTS["left arm"])].max() == 0


def test_the_gradient_reaches_every_weight_through_the_search() -> None:
    network = LevelNetwork(TINY)
    for weights in network.parameters():
        torch.nn.init.normal_(weights, std=0.1)
    theta1 = disturbed(standing(), 15)
    start = Pose(
        rotations_of(theta1)[None],
        torch.from_numpy(theta1.betas)[None],
        torch.from_numpy(theta1.transl)[None],
    )
    sight = Sight.of([theta1], [seen(standing())])
    features = features_of(body(), start, sight)
    dial = torch.full((1, 2, 5), 15.0)
    pose, _, _ = at_levels(network, body(), start, sight, features, dial, (0.1, 0.1))
    points = body().points(pose.rotations, pose.betas, pose.transl)
    guess, unsure = network.guessed(features)
    (points.square().sum() + guess.sum() + unsure.sum()).backward()
    for weights in network.parameters():
        assert weights.grad is not None and weights.grad.isfinite().all()
        assert weights.grad.ne(0).any()


def test_weights_are_small_and_come_back_from_disk(tmp_path: Path) -> None:
    assert LEVEL_WEIGHTS.stat().st_size < 8e6
    network = untaught(4)
    save_level(network, tmp_path / "w.safetensors")
    again, digest = load_level(tmp_path / "w.safetensors")
    assert again.config == TINY and len(digest) == 64
    torch.testing.assert_close(again.leave.weight, network.leave.weight, atol=2e-3, rtol=1e-3)


def test_weights_that_are_missing_or_others_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(MissingModel):
        load_level(tmp_path / "none.safetensors")
    with pytest.raises(UnreadableInput, match="the refiner level"):
        load_refiner("level", body(), LEVEL_WEIGHTS.with_name("prior.safetensors"))


def test_shipped_weights_bring_a_pose_nearer_to_the_truth_with_keypoints() -> None:
    truth, theta1 = standing(0.5), disturbed(standing(0.5), 20)
    path = shipped().trajectory(theta1, seen(truth))
    errors = mean_error(path.steps, truth)
    step = int(np.abs(path.levels - 20).argmin())
    assert errors[step] < 0.6 * errors[0]
    assert shipped().weights_sha256


def test_a_dial_that_says_nothing_is_wrong_changes_little_and_one_that_says_much_more() -> None:
    truth, theta1 = standing(), disturbed(standing(), 20)
    path = shipped().trajectory(theta1, seen(truth))
    moved = turned(path.steps, theta1).square().mean(1).sqrt()
    assert 0 < moved[1] < 3 < moved[20]


def test_a_body_that_is_head_down_stays_as_large_in_the_picture_as_its_keypoints() -> None:
    truth = standing()
    upside_down = replace(truth, global_orient=np.zeros(3, np.float32))
    evidence = seen(truth)
    assert evidence.keypoints is not None
    path = shipped().trajectory(upside_down, evidence)
    points = body().pose(path.steps)[1]
    assert points[..., 2].min() > 0.5
    pixels = np.stack([truth.camera.project(each) for each in points[:, body_points("coco")]])
    missed = np.linalg.norm(pixels - evidence.keypoints.points, axis=-1).mean(1)
    assert missed.max() < 1.5 * missed[0]
