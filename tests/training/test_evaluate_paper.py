from pathlib import Path

import numpy as np
import pytest
import torch

from core.contract.people import body
from core.pose import JOINTS
from core.pose.rotations import axis_angle_to_matrix, geodesic
from core.refiners import load_refiner
from training import evaluate_paper
from training.bench.running import Walk
from training.corpora.mocap import read_corpus
from training.errors import FAMILIES, LEGS, even
from training.evaluate_paper import evaluate, table

MOCAP = Path(__file__).parents[3] / "shared" / "data" / "mocap"


def poses(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(count, 24, 3, generator=generator) * 0.3
    noise[:, 0, 0] += np.pi
    return axis_angle_to_matrix(noise)


def corrupted(family: str, truth: torch.Tensor) -> torch.Tensor:
    return FAMILIES[family](truth, torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("family", "degrees"), [("even 15 deg", 15), ("good", 4)])
def test_even_errors_are_as_large_as_they_say(family: str, degrees: float) -> None:
    truth = poses(200)
    angles = geodesic(corrupted(family, truth), truth).rad2deg()
    assert angles.square().mean().sqrt().item() == pytest.approx(degrees, rel=0.02)


def test_a_depth_flip_turns_one_limb_to_the_other_side_of_the_picture_plane() -> None:
    truth = poses(40)
    wrong = corrupted("depth flip", truth)
    turned = geodesic(wrong, truth).rad2deg() > 15
    assert (turned.sum(1) <= 2).all()
    zeros = torch.zeros(40, 10), torch.zeros(40, 3)
    before, after = (body().points(r, *zeros) for r in (truth, wrong))
    hips = [limb[0] for limb in LEGS]
    for hip in hips:
        rows = turned[:, hip]
        assert rows.any()
        knee = JOINTS.index(JOINTS[hip].replace("hip", "knee"))
        bone, flipped = ((p[rows, knee] - p[rows, hip]) for p in (before, after))
        torch.testing.assert_close(flipped[:, :2], bone[:, :2], atol=0.1, rtol=0)
        torch.testing.assert_close(flipped[:, 2], -bone[:, 2], atol=0.1, rtol=0)


def test_lost_legs_are_straight_and_swapped_legs_swap_back() -> None:
    truth = poses(20)
    legs = [JOINTS.index(name) for name in ("left_hip", "right_hip", "left_knee", "right_knee")]
    rest = torch.eye(3).expand(20, 4, 3, 3)
    assert geodesic(corrupted("lost legs", truth)[:, legs], rest).rad2deg().mean() < 5
    twice = corrupted("swapped legs", corrupted("swapped legs", truth))
    assert geodesic(twice[:, legs], truth[:, legs]).rad2deg().mean() < 7


def test_the_table_shows_each_pick_and_counts_what_got_worse() -> None:
    curve = np.linspace(50, 30, 58)
    falling = Walk(np.stack([curve, curve / 2], 1), 57)
    rising = Walk(np.stack([curve[::-1], curve], 1), 57)
    rows = {"both": [(falling, falling), (rising, rising)]}
    _, line, curve_line = table(rows | {"all": rows["both"]})[:3]
    assert line.split()[:5] == ["both", "2", "40.0", "/", "37.5"]
    assert line.split()[-2:] == ["0.50", "0.00"]
    assert curve_line.startswith("all")


@pytest.mark.skipif(not MOCAP.exists(), reason="../shared/data/mocap is absent")
def test_on_held_out_motion_the_error_falls_then_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_paper, "FAMILIES", {"even 15 deg": even})
    rows = evaluate(read_corpus(MOCAP, "test"), 25, 0, load_refiner("paper", body()), body())
    curve = np.mean([paper.errors[:, 0] for paper, _ in rows["all"]], axis=0)
    assert 25 < curve.argmin() < 50  # 15 degrees are assumed at step 36
    assert curve.min() < 0.9 * curve[0]
    suggested = np.mean([paper.errors[paper.suggested, 0] for paper, _ in rows["all"]])
    null = np.mean([null.errors[:, 0].min() for _, null in rows["all"]])
    assert suggested < null  # better than a random path whose step is chosen by the truth
