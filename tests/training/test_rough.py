from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.camera import Camera
from core.contract.people import body
from core.errors import UnreadableInput
from core.evidence import Box, Evidence
from core.pose import JOINTS, PARTS, Parameters
from core.pose.rotations import axis_angle_to_matrix, geodesic
from training import clicks, mistakes
from training.clicks import click
from training.corpora.mocap import PoseSampler, Take
from training.corpora.records import Sample, Smpl
from training.mistakes import Mistakes, mean_pose
from training.pairs import Pair
from training.rough import Rough, RoughSource, Views

FOCAL = 900.0


def motion() -> PoseSampler:
    poses = np.random.default_rng(0).normal(0, 0.3, (40, 24, 3)).astype(np.float32)
    return PoseSampler([Take("a/walk", "anna", poses)])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def poses(count: int) -> Tensor:
    return axis_angle_to_matrix(0.3 * torch.randn(count, 24, 3, generator=generator(9)))


def pair(error: float = 0.1, known: bool = True) -> Pair:
    rng = np.random.default_rng(1)
    orient = np.array([np.pi, 0.1, 0.05], np.float32)
    pose = rng.normal(0, 0.2, (23, 3)).astype(np.float32)
    betas, transl = np.full(10, 0.5, np.float32), np.array([0.4, 0.1, 4.0], np.float32)
    smpl = Smpl(orient, pose, betas, transl, "neutral", "camera")
    intrinsics = np.array([[FOCAL, 0, 310], [0, FOCAL, 250], [0, 0, 1]])
    sample = Sample("c", "train", "a", smpl=smpl if known else None, intrinsics=intrinsics)
    camera = Camera(FOCAL, 320, 240, 640, 480)
    theta1 = Parameters(orient, pose + np.float32(error), betas, transl, camera)
    return Pair(sample, theta1, Evidence(Box(0, 0, 100, 100)))


def missed(rough: Rough, transl: Tensor) -> Tensor:
    """Misses (B, 45) of the keypoints by the true pose seen by Θ1's camera."""
    points = body().points(rough.true, rough.betas, transl)
    return rough.sight.miss(points).norm(dim=-1) * (rough.weight > 0)


def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "NOISE", 0.0)
    monkeypatch.setattr(clicks, "WILD", 0.0)
    monkeypatch.setattr("training.rough.FITTED", 0.0)


def test_who_is_mirrored_and_rolled_is_still_seen_where_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact(monkeypatch)
    views = Views.of([pair(0.0)] * 4)
    turned = views.mirrored(torch.tensor([False, True, False, True])).rolled(
        torch.tensor([0.0, 0.0, 0.4, -0.7])
    )
    rough = RoughSource(body(), motion(), [pair()]).seen(turned, generator())
    # The corpus' camera has another principal point: its keypoints are where that one sees them.
    shift = torch.cat([turned.centre / FOCAL * turned.transl[:, 2:], torch.zeros(4, 1)], dim=1)
    assert missed(rough, turned.transl + shift).max() < 0.02
    assert geodesic(turned.rough, turned.true).max() < 1e-3
    apart = body().points(turned.true, turned.betas, turned.transl)[:, [1, 2]]
    assert (apart[0] - apart[1] * torch.tensor([-1.0, 1, 1])).flip(0).norm() > 0.01
    torch.testing.assert_close(apart[0].norm(dim=-1), apart[2].norm(dim=-1), atol=1e-4, rtol=0)


def test_every_source_gives_whole_people_who_stand_on_their_keypoints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact(monkeypatch)
    rough = RoughSource(body(), motion(), [pair(), pair(0.3)])(40, generator())
    again = Rough(*rough.parts())
    assert again.pixels is rough.pixels and again.centre is rough.centre
    assert all(part.isfinite().all() and len(part) == 40 for part in rough.parts())
    identity = rough.rotations @ rough.rotations.mT - torch.eye(3)
    assert identity.abs().max() < 1e-4
    wrong = geodesic(rough.true, rough.rotations).rad2deg()
    assert 3 < wrong.square().mean(1).sqrt().median() < 40
    placed = body().points(rough.rotations, rough.betas, rough.transl)
    off = rough.sight.miss(placed).norm(dim=-1)
    given = rough.weight > 0
    enough = given.sum(1) >= 3
    assert ((off * given).sum(1) / given.sum(1))[enough].median() < 0.25


def test_the_same_seed_draws_the_same_people() -> None:
    source = RoughSource(body(), motion(), [pair()])
    one, same, other = (source(8, generator(seed)) for seed in (1, 1, 2))
    assert all(a.equal(b) for a, b in zip(one.parts(), same.parts(), strict=True))
    assert not one.pixels.equal(other.pixels)


def test_people_whose_truth_is_not_known_cannot_be_learnt_from() -> None:
    assert len(Views.of([pair(), pair(known=False)])) == 1
    with pytest.raises(UnreadableInput, match="Of nobody"):
        Views.of([pair(known=False)])
    world = pair().sample.smpl
    assert world is not None
    moved = replace(pair().sample, smpl=replace(world, frame="world"))
    with pytest.raises(UnreadableInput):
        Views.of([replace(pair(), sample=moved)])


def test_mistakes_differ_from_person_to_person_and_leave_no_joint_alone() -> None:
    true = poses(2000)
    rough = Mistakes(mean_pose(true))(true, generator())
    wrong = geodesic(true, rough).rad2deg()
    assert (wrong.median(0).values > 1).all()
    person = wrong.square().mean(1).sqrt()
    low, high = person.quantile(torch.tensor([0.1, 0.9])).tolist()
    assert high > 2 * low and 5 < low < high < 60
    left, right = (wrong[:, list(PARTS[part])].mean(1) for part in ("left arm", "right leg"))
    alike = torch.corrcoef(torch.stack([left, right]))[0, 1]
    assert 0.1 < alike < 0.95  # a bad picture is bad all over, and still limbs fail one at a time


def seen_from(rotations: Tensor) -> Tensor:
    """Body points (B, 24, 3) from the pelvis."""
    count = len(rotations)
    points = body().points(rotations, torch.zeros(count, 10), torch.zeros(count, 3))
    return points[:, :24] - points[:, :1]


def test_who_is_taken_for_seen_from_the_other_side_keeps_the_outline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for share, value in (("BEHIND", 1.0), ("TURNED", 0.0), ("STRANGER", 0.0)):
        monkeypatch.setattr(mistakes, share, value)
    true = poses(4)
    there, seen = seen_from(true), seen_from(mistakes.lost(true, generator()))
    other = [
        JOINTS.index(name.replace("left", "@").replace("right", "left").replace("@", "right"))
        for name in JOINTS
    ]
    flip = torch.tensor([1.0, 1, -1])
    torch.testing.assert_close(seen, there[:, other] * flip, atol=0.02, rtol=0)


def test_few_are_lost_and_the_others_stay_as_they_are() -> None:
    true = poses(3000)
    rough = mistakes.lost(true, generator())
    moved = (geodesic(true, rough) > 1e-3).any(1).float().mean()
    assert 0.1 < moved < 0.17  # 6, 5 and 3 %
    assert true.equal(poses(3000))


def test_the_mean_pose_is_what_turns_about_it_average_to() -> None:
    centre = axis_angle_to_matrix(torch.full((24, 3), 0.3))
    about = axis_angle_to_matrix(0.2 * torch.randn(500, 24, 3, generator=generator()))
    mean = mean_pose(centre @ about)
    assert geodesic(mean, centre)[1:].max() < 0.05
    assert mean[0].equal(torch.eye(3))


def test_keypoints_are_given_as_conventions_have_them_with_gaps_noise_and_wild_ones() -> None:
    pixels, side = torch.zeros(2000, 45, 2), torch.full((2000,), 100.0)
    draws = [click(pixels, side, generator(seed)) for seed in range(40)]
    counts = {int((weight > 0).any(0).sum()) for _, weight in draws}
    assert {17, 45} <= counts <= {17, 23, 45}
    moved, weight = draws[0]
    blind = (weight == 0).all(1)
    assert 0.25 < blind.float().mean() < 0.4
    moved, weight = moved[~blind], weight[~blind]
    given = weight > 0
    assert 0.5 < given[:, given.any(0)].float().mean() < 0.9
    off = moved.norm(dim=-1)[given] / 100
    assert 0.05 < (off == 0).float().mean() < 0.2
    assert (off > 0.12).float().mean() > 0.005 and off.median() < 0.05
    assert ((weight == 0) | ((weight >= 0.5) & (weight <= 1))).all()
