"""What refiners keep to beside the contract (`test_contract`)."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from test_paper_refiner import BLIND, body, disturbed, mean_error, seen, standing

from core.errors import UnreadableInput
from core.evidence import Evidence
from core.keypoints import body_points
from core.pose.rotations import geodesic, rotations_of
from core.refiners import REFINERS, Refiner, load_refiner
from core.refiners.held_out import hidden_folds
from core.trajectory import Trajectory

FIELDS = ("global_orient", "body_pose", "betas", "transl")
FOLLOWING = ("guided", "fit")
everyone = pytest.mark.parametrize("name", sorted(REFINERS))
following = pytest.mark.parametrize("name", FOLLOWING)


@cache
def refiner(name: str) -> Refiner:
    return load_refiner(name, body())


def same(one: Trajectory, two: Trajectory) -> bool:
    return all(
        getattr(one.steps, field).tobytes() == getattr(two.steps, field).tobytes()
        for field in FIELDS
    )


@everyone
def test_keypoints_without_a_number_are_as_good_as_missing(name: str) -> None:
    known = seen(standing()).keypoints
    assert known is not None
    missing = known.confidence.copy()
    missing[[3, 9]] = 0
    broken = known.confidence.copy()
    broken[[3, 9]] = np.nan
    paths = [
        refiner(name).trajectory(
            disturbed(standing(), 15),
            Evidence(BLIND.box, replace(known, confidence=confidence)),
            4,
        )
        for confidence in (missing, broken)
    ]
    assert same(*paths)


@pytest.mark.parametrize("name", ["sdedit", "random-4"])
def test_what_is_random_follows_from_the_seed_and_the_person(name: str) -> None:
    theta1 = disturbed(standing(), 15)
    one, other = (refiner(name).trajectory(theta1, BLIND, 4, seed) for seed in (0, 1))
    assert not same(one, other)
    turns = [
        geodesic(rotations_of(path.steps)[:1], rotations_of(path.steps))[4]
        for path in refiner(name).trajectories([theta1, standing(2)], [BLIND, BLIND], 4)
    ]
    assert name.startswith("random") or (turns[0] - turns[1]).abs().max() > 0.01


@pytest.mark.parametrize("degrees", [4, 8, 16])
def test_a_random_path_turns_every_joint_evenly_as_far_as_its_name_says(degrees: int) -> None:
    path = refiner(f"random-{degrees}").trajectory(standing(), BLIND)
    rotations = rotations_of(path.steps)
    turned = np.degrees(geodesic(rotations[:1], rotations).numpy())
    expected = np.linspace(0, degrees, 58)[:, None]
    np.testing.assert_allclose(turned, np.broadcast_to(expected, turned.shape), atol=0.05)
    np.testing.assert_allclose(path.levels, expected[:, 0], atol=1e-5)


def test_added_noise_takes_a_pose_further_from_the_truth() -> None:
    path = refiner("sdedit").trajectory(standing(), BLIND)
    errors = mean_error(path.steps, standing())
    assert errors[57] > 0.03 and errors[57] > errors[10] > errors[0]


@following
def test_keypoints_bring_a_pose_nearer_to_the_truth(name: str) -> None:
    truth, theta1 = standing(0.5), disturbed(standing(0.5), 20)
    errors = mean_error(refiner(name).trajectory(theta1, seen(truth)).steps, truth)
    assert errors[57] < 0.6 * errors[0]
    assert refiner(name).weights_sha256


@following
def test_without_keypoints_nothing_pulls_and_the_body_stays_about_where_it_is(name: str) -> None:
    path = refiner(name).trajectory(standing(), BLIND)
    assert path.trials == ()
    assert mean_error(path.steps, standing()).max() < 0.1


@following
def test_a_wrong_keypoint_loses_its_say(name: str) -> None:
    truth = standing()
    wrong, missing = seen(truth), seen(truth)
    assert wrong.keypoints is not None and missing.keypoints is not None
    wrong.keypoints.points[9] += 150
    missing.keypoints.confidence[9] = 0
    theta1 = disturbed(truth, 15)
    one, two = (refiner(name).trajectory(theta1, known, 4).steps for known in (wrong, missing))
    assert geodesic(rotations_of(one), rotations_of(two)).max() < 0.01


@following
def test_trials_hide_every_keypoint_once(name: str) -> None:
    evidence = seen(standing())
    path = refiner(name).trajectory(disturbed(standing(), 15), evidence, 5)
    hidden = np.array([trial.hidden for trial in path.trials])
    assert hidden.shape == (3, 45) and (hidden.sum(0)[body_points("coco")] == 1).all()
    assert all(len(trial.steps) == 6 for trial in path.trials)


@following
def test_a_hidden_keypoint_has_no_say_in_its_trial(name: str) -> None:
    theta1, evidence = disturbed(standing(), 15), seen(standing())
    moved = seen(standing())
    assert moved.keypoints is not None
    moved.keypoints.points[9] += 40
    one, two = (refiner(name).trajectory(theta1, known, 5) for known in (evidence, moved))
    for before, after in zip(one.trials, two.trials, strict=True):
        turned = geodesic(rotations_of(before.steps), rotations_of(after.steps)).max()
        assert (turned < 1e-6) == bool(before.hidden[body_points("coco")[9]])


def test_folds_spread_over_the_body() -> None:
    masks = [mask[body_points("coco")] for mask in hidden_folds(seen(standing()))]
    assert [mask.sum() for mask in masks] == [6, 6, 5] or {int(m.sum()) for m in masks} <= {5, 6, 7}
    for left, right in ((5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)):
        assert not any(mask[left] and mask[right] for mask in masks)
    for limb in ((5, 7, 9), (6, 8, 10), (11, 13, 15), (12, 14, 16)):
        assert all(mask[list(limb)].sum() == 1 for mask in masks)
    assert hidden_folds(BLIND) == []


def test_weights_are_refused_by_those_who_have_none() -> None:
    from pathlib import Path

    with pytest.raises(UnreadableInput, match=r"identity takes no weights"):
        load_refiner("identity", body(), Path("w"))


@following
@pytest.mark.parametrize("nonsense", ["one place", "far away", "at random"])
def test_keypoints_that_make_no_sense_still_give_whole_annotations(
    name: str, nonsense: str
) -> None:
    known = seen(standing()).keypoints
    assert known is not None
    points = {
        "one place": np.full((17, 2), 300),
        "far away": np.full((17, 2), 1e6) + np.arange(34).reshape(17, 2),
        "at random": np.random.default_rng(0).uniform(-2000, 2000, (17, 2)),
    }[nonsense]
    evidence = Evidence(BLIND.box, replace(known, points=points.astype(np.float32)))
    path = refiner(name).trajectory(disturbed(standing(), 15), evidence, 5)
    rotations = rotations_of(path.steps)
    assert (rotations @ rotations.mT - torch.eye(3)).abs().max() < 1e-5
    assert all(np.isfinite(getattr(path.steps, field)).all() for field in FIELDS)
    assert np.isfinite(path.levels).all()
