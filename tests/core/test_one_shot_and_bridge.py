"""The refiners `one-shot` and `bridge`; what they share with the others is in `test_refiners`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_paper_refiner import BLIND, body, disturbed, mean_error, seen, standing
from torch import Tensor, nn

from assets import BRIDGE_WEIGHTS, ONE_SHOT_WEIGHTS
from core.errors import MissingModel, UnreadableInput
from core.evidence import Evidence
from core.keypoints import body_points
from core.pose import Parameters
from core.pose.rotations import geodesic, matrix_to_axis_angle, rotations_of
from core.refiners import load_refiner
from core.refiners.bridge import BridgeRefiner, follow
from core.refiners.correction import (
    FEATURES,
    Corrector,
    CorrectorConfig,
    features,
    load_corrector,
    save_corrector,
)
from core.refiners.iterates import start_of
from core.refiners.one_shot import OneShotRefiner
from core.refiners.reprojection import Sight

SMALL = CorrectorConfig(width=16, blocks=1, embedding=8)
TRUTH = standing(0.5)


class Knowing(nn.Module):
    """Knows the turns to the truth, and how often it was asked, and after what share of the way."""

    def __init__(self, turns: Tensor) -> None:
        super().__init__()
        self.turns = turns
        self.asked: list[float] = []

    def forward(self, seen: Tensor, gone: Tensor) -> Tensor:
        assert seen.shape[1] == FEATURES
        self.asked.append(float(gone))
        return self.turns.expand(len(seen), -1, -1)


def knowing(theta1: Parameters) -> Knowing:
    between = rotations_of(theta1).mT @ rotations_of(TRUTH)
    return Knowing(matrix_to_axis_angle(between)[None])


def any_network(seed: int = 0) -> Corrector:
    torch.manual_seed(seed)
    network = Corrector(SMALL).eval().requires_grad_(False)
    for part in network.parameters():
        part.normal_(0, 0.2)
    return network


@pytest.mark.parametrize(("kind", "times"), [(OneShotRefiner, 1), (BridgeRefiner, 10)])
def test_turns_to_the_truth_are_gone_evenly_and_end_there(
    kind: type[OneShotRefiner | BridgeRefiner], times: int
) -> None:
    theta1 = disturbed(TRUTH, 20)
    network = knowing(theta1)
    path = kind(network, "", body()).trajectory(theta1, BLIND, steps=10)
    assert network.asked == pytest.approx(np.arange(times) / times)
    turned = geodesic(rotations_of(path.steps), rotations_of(theta1))
    whole = geodesic(rotations_of(TRUTH), rotations_of(theta1))
    expected = torch.linspace(0, 1, 11)[:, None] * whole
    torch.testing.assert_close(turned, expected, atol=2e-3, rtol=0)
    assert mean_error(path.steps[10], TRUTH) < 1e-4
    np.testing.assert_allclose(path.levels, path.levels[10] * np.linspace(0, 1, 11), atol=0.05)


@pytest.mark.parametrize("kind", [OneShotRefiner, BridgeRefiner])
def test_steps_are_put_onto_the_keypoints(kind: type[OneShotRefiner | BridgeRefiner]) -> None:
    away = replace(disturbed(TRUTH, 20), transl=TRUTH.transl + np.float32(0.3))
    refiner = kind(knowing(away), "", body())
    path = refiner.trajectory(away, seen(TRUTH), steps=5)
    np.testing.assert_allclose(path.steps.transl[5], TRUTH.transl, atol=0.01)
    assert len(path.trials) == 3


def test_what_is_seen_is_told_in_shares_of_the_box_and_nothing_where_nothing_is() -> None:
    here = disturbed(TRUTH, 10)
    alike, blind = (
        features(body(), start_of([here], [known], body()), Sight.of([here], [known]))
        for known in (seen(here), BLIND)
    )
    assert alike.shape == blind.shape == (1, FEATURES)
    assert alike[0, -45:].sum() == 17 and blind[0, -45:].sum() == 0
    assert alike[0, -135:-45].abs().max() < 1e-2  # no keypoint is missed
    assert blind[0, -135:].eq(0).all()
    moved = replace(here, transl=here.transl + np.float32(0.2) * np.array([1, 0, 0], np.float32))
    pose = start_of([moved], [BLIND], body())
    missed = features(body(), pose, Sight.of([moved], [seen(here)]))[0, -135:-45].reshape(45, 2)
    share = 0.2 / 4 * here.camera.focal / BLIND.box.side / 0.1
    hip = body_points("coco")[11]
    assert missed[hip, 0] == pytest.approx(share, rel=0.1)
    assert missed[hip, 1] == pytest.approx(0, abs=0.02)


def test_keypoints_that_are_hidden_are_as_good_as_none() -> None:
    known = seen(TRUTH).keypoints
    assert known is not None
    hidden = Evidence(BLIND.box, replace(known, confidence=np.zeros(17, np.float32)))
    theta1 = disturbed(TRUTH, 15)
    refiner = BridgeRefiner(any_network(), "", body())
    one, two = (refiner.trajectory(theta1, each, 4).steps for each in (hidden, BLIND))
    assert one.body_pose.tobytes() == two.body_pose.tobytes()
    told = refiner.trajectory(theta1, seen(TRUTH), 4).steps
    assert np.abs(told.body_pose - two.body_pose).max() > 1e-3


def test_the_bridge_is_asked_anew_after_every_step() -> None:
    theta1 = disturbed(TRUTH, 15)
    sight = Sight.of([theta1], [seen(TRUTH)])
    start = start_of([theta1], [seen(TRUTH)], body())
    once, often = (follow(any_network(), body(), start, sight, steps)[-1] for steps in (1, 8))
    assert geodesic(once.rotations, often.rotations).max() > 1e-3


def test_weights_are_kept_in_half_precision_with_their_sizes(tmp_path: Path) -> None:
    network, path = any_network(), tmp_path / "w.safetensors"
    save_corrector(network, path)
    loaded, digest = load_corrector(path, "bridge")
    assert loaded.config == SMALL and len(digest) == 64
    for one, two in zip(network.parameters(), loaded.parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-3, rtol=1e-3)


def test_weights_of_something_else_or_none_are_refused(tmp_path: Path) -> None:
    from assets import PRIOR_WEIGHTS

    with pytest.raises(UnreadableInput, match="does not hold the weights of the refiner one-shot"):
        load_refiner("one-shot", body(), PRIOR_WEIGHTS)
    with pytest.raises(MissingModel, match="diffannot train bridge"):
        load_refiner("bridge", body(), tmp_path / "none.safetensors")


@pytest.mark.parametrize("path", [BRIDGE_WEIGHTS, ONE_SHOT_WEIGHTS])
def test_what_ships_is_three_megabytes_at_most(path: Path) -> None:
    assert path.stat().st_size <= 3e6


@pytest.mark.parametrize("name", ["bridge", "one-shot"])
def test_what_ships_brings_a_pose_nearer_to_the_truth_by_keypoints(name: str) -> None:
    steps = load_refiner(name, body()).trajectory(disturbed(TRUTH, 20), seen(TRUTH)).steps
    off = body().pose(steps)[1] - body().pose(TRUTH)[1]
    errors = np.linalg.norm(off - off[:, :1], axis=-1).mean(-1)  # from the pelvis
    assert errors[57] < 0.8 * errors[0]
