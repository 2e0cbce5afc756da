from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from core.body import BodyModel, load_body
from core.camera import Camera
from core.diffusion.denoiser import Denoiser, DenoiserConfig, load_denoiser, save_denoiser
from core.errors import Cancelled, UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.frontends.standing import stand
from core.jobs import finish
from core.keypoints import body_points
from core.pose import Parameters
from core.pose.rotations import rotations_of
from core.pose.vectors import from_vector
from core.progress import CancelToken
from core.refiners import load_refiner
from tests.training.people_kit import EVERYBODY, material
from tests.training.test_prior import corpus
from training import denoise
from training.corpora.mocap import PoseSampler, read_corpus
from training.corpora.records import Joints3D, Sample, Smpl
from training.denoise import DenoiserOptions, given, taken, train_denoiser
from training.pairs import Pair
from training.supervision import Supervision, TrainedPoints
from training.targets import targets_of

pytest.importorskip("lightning_fabric")

SMALL = DenoiserConfig(width=16, blocks=1, embedding=8)


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.mark.parametrize("width", [154, 226])
def test_people_of_different_corpora_train_weights_that_the_refiner_paper_runs(
    tmp_path: Path, body: BodyModel, width: int
) -> None:
    config = replace(SMALL, dim=width)
    out = tmp_path / "out" / "b.safetensors"
    options = DenoiserOptions(
        material=material(tmp_path, watched=True), out=out, steps=3, batch=8, config=config
    )
    messages: list[str] = []
    report = finish(train_denoiser(options), lambda progress: messages.append(progress.message))
    assert (report.done, report.failures) == (EVERYBODY, ())
    for figure in ("loss", "L_ori", "L3D_mm", "L2D_percent", "left"):
        assert f"{figure} " in messages[-1]
    assert not out.with_suffix(".checkpoint").exists()
    theta1 = stand(body, Box(100, 50, 80, 300), Camera.assumed(400, 400))
    refined = load_refiner("paper", body, out).trajectory(theta1, Evidence(Box(0, 0, 9, 9)), 2)
    assert np.isfinite(refined.steps.body_pose).all()


def test_joints_that_the_body_has_not_are_a_regressors(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = np.zeros((17, body.num_vertices), np.float32)
    weights[:, 0] = 1
    path = tmp_path / "J_regressor_h36m.npy"
    np.save(path, weights)
    kept = tmp_path / "kept"
    made = replace(material(tmp_path), kept=kept)
    told: dict[str, str] = {}
    for name, regressor in (("own", None), ("regressed", path)):
        options = DenoiserOptions(
            material=made, out=tmp_path / name, steps=1, batch=4, regressor=regressor, config=SMALL
        )
        finish(train_denoiser(options), lambda one, name=name: told.update({name: one.message}))
    own, regressed = (_figures(told[name])["L3D_mm"] for name in ("own", "regressed"))
    assert regressed > own + 10  # seventeen joints in one vertex
    with pytest.raises(UnreadableInput, match="no_such"):
        finish(train_denoiser(replace(options, regressor=tmp_path / "no_such.npy")))


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    made = material(tmp_path)
    weights = []
    for seed in (1, 1, 2):
        out = tmp_path / f"b{len(weights)}.safetensors"
        made = replace(made, kept=tmp_path / "kept")
        options = DenoiserOptions(material=made, out=out, steps=3, batch=4, seed=seed, config=SMALL)
        finish(train_denoiser(options))
        weights.append(load_file(out)["leave.weight"])
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_stopped_training_goes_on_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denoise, "LoopOptions", _often)
    made = replace(material(tmp_path), kept=tmp_path / "kept")

    def run(out: Path, stop: bool) -> Any:
        cancel = CancelToken()
        options = DenoiserOptions(material=made, out=out, steps=6, batch=4, config=SMALL)
        job = train_denoiser(options, cancel)

        def tell(progress: Any) -> None:
            if stop and progress.done == 4 and "loss" in progress.message:
                cancel.cancel()

        if stop:
            with pytest.raises(Cancelled):
                finish(job, tell)
            return None
        finish(job, tell)
        return load_file(out)["leave.weight"]

    whole = run(tmp_path / "whole.safetensors", stop=False)
    run(tmp_path / "cut.safetensors", stop=True)
    assert (tmp_path / "cut.checkpoint").exists()
    assert torch.equal(run(tmp_path / "cut.safetensors", stop=False), whole)


def _often(steps: int, **rest: Any) -> Any:
    from training.loop import LoopOptions

    return LoopOptions(steps, log_every=2, save_every=2, **rest)


def test_training_may_go_on_from_a_prior(tmp_path: Path) -> None:
    torch.manual_seed(0)
    prior = Denoiser(SMALL, torch.full((154,), 0.25), torch.full((154,), 0.5))
    nn.init.normal_(prior.leave.weight)
    save_denoiser(prior, tmp_path / "prior.safetensors")
    out = tmp_path / "b.safetensors"
    start = tmp_path / "prior.safetensors"
    made = material(tmp_path)
    options = DenoiserOptions(material=made, out=out, start=start, steps=1, batch=4)
    finish(train_denoiser(options))
    trained, _ = load_denoiser(out)
    assert trained.config == SMALL  # the file's, not the options'
    assert trained.mean.eq(0.25).all()
    torch.testing.assert_close(trained.leave.weight, prior.leave.weight, atol=5e-3, rtol=0)


def people(body: BodyModel, count: int = 12) -> list[Pair]:
    """People in one of two poses, with everything known of them; their Θ1 is wrong."""
    rng = np.random.default_rng(0)
    upright = stand(body, Box(100, 50, 80, 300), Camera.assumed(400, 400))
    camera = upright.camera
    bend = rng.normal(0, 0.3, (23, 3)).astype(np.float32)
    intrinsics = np.array([[camera.focal, 0, 200], [0, camera.focal, 200], [0, 0, 1]])
    found = []
    for number in range(count):
        pose = upright.body_pose + (bend if number % 2 else -bend)
        truth = replace(upright, body_pose=pose)
        _, points = body.pose(truth)
        keypoints = Keypoints2D(
            "coco", camera.project(points[body_points("coco")]), np.ones(17, np.float32)
        )
        sample = Sample(
            "made", "train", str(number), None, Box(100, 50, 80, 300), keypoints,
            Joints3D("smpl_45", points, np.ones(45, bool), 0, "camera"),
            Smpl(truth.global_orient, truth.body_pose, truth.betas, truth.transl, "neutral",
                 "camera"),
            intrinsics,
        )  # fmt: skip
        wrong = pose + rng.normal(0, 0.2, (23, 3)).astype(np.float32)
        theta1 = Parameters(truth.global_orient, wrong, truth.betas, truth.transl, camera)
        assert sample.box is not None
        found.append(Pair(sample, theta1, Evidence(sample.box, keypoints)))
    return found


def test_all_three_losses_fall_and_so_does_the_error_of_theta1(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(denoise, "LoopOptions", _short)
    found = people(body)

    def gather(*_: object) -> Any:
        yield from ()
        return body, (found, []), ([], [])

    made = material(tmp_path)
    monkeypatch.setattr(type(made), "gather", gather)
    config = DenoiserConfig(width=64, blocks=2, embedding=16)
    options = DenoiserOptions(
        material=made, out=tmp_path / "b.safetensors", steps=90, batch=32, config=config
    )
    history = []
    finish(train_denoiser(options), lambda progress: history.append(_figures(progress.message)))
    first, last = history[0], history[-1]
    falling = ("loss", "L_ori", "L3D_mm", "L2D_percent", "left")
    assert all(last[name] < 0.92 * first[name] for name in falling)


def _short(steps: int, **rest: Any) -> Any:
    from training.loop import LoopOptions

    return LoopOptions(steps, learning_rate=5e-3, warmup=0, log_every=10, **rest)


def _figures(message: str) -> dict[str, float]:
    return {name: float(value) for name, value in (one.split() for one in message.split(", "))}


def test_rough_people_start_from_theta1_and_keep_their_true_joints(body: BodyModel) -> None:
    found = people(body, 3)
    found[1] = replace(found[1], sample=replace(found[1].sample, joints=None))
    points = TrainedPoints(body)
    true, rough = (denoise._targets(found, points, 154, x_0) for x_0 in ("true", "rough"))
    assert true.true.all() and not rough.true.any()
    theta1 = rotations_of(found[2].theta1)[1]
    torch.testing.assert_close(from_vector(rough.start)[0][2, 1], theta1)
    assert not torch.equal(rough.start, true.start)
    assert torch.equal(rough.joints, true.joints)  # of the second, those of its true parameters
    assert rough.known.all()
    assert rough.intrinsics[0, 0, 0] == found[0].theta1.camera.focal


def test_half_of_a_batch_is_motion_capture_where_there_is_some(
    tmp_path: Path, body: BodyModel
) -> None:
    corpus(tmp_path)
    targets = denoise._targets(people(body, 3), TrainedPoints(body), 226, "true")
    generator = torch.Generator().manual_seed(0)
    motion = denoise._Motion(tmp_path, 226)
    parts = denoise._Draw(targets, motion, 9, 1000, generator)()
    assert [len(part) for part in parts] == [5] * 12 + [4] * 3
    rotations, _ = from_vector(parts[-3])
    assert torch.allclose(parts[-3][:, :216], rotations.flatten(1), atol=1e-5)
    alone = denoise._Draw(targets, None, 9, 1000, generator)()
    assert [len(part) for part in alone] == [9] * 12 + [0] * 3


def test_the_moments_are_those_of_motion_capture_where_there_is_some(tmp_path: Path) -> None:
    corpus(tmp_path / "mocap")
    out = tmp_path / "b.safetensors"
    options = DenoiserOptions(
        material=material(tmp_path),
        out=out,
        x_0="rough",
        mocap=tmp_path / "mocap",
        steps=2,
        batch=8,
        config=SMALL,
    )
    assert finish(train_denoiser(options)).done == EVERYBODY
    trained, _ = load_denoiser(out)
    sampler = PoseSampler(read_corpus(tmp_path / "mocap", "train"))
    drawn = sampler(5000, torch.Generator().manual_seed(3))
    torch.testing.assert_close(trained.mean, drawn.mean(0), atol=0.06, rtol=0)


def test_a_batch_is_rows_of_the_targets(body: BodyModel) -> None:
    found = people(body, 3)
    targets = targets_of(
        [pair.sample for pair in found], [pair.theta1 for pair in found], TrainedPoints(body), 154
    )
    some = given(taken(targets, torch.tensor([2, 0])))
    assert torch.equal(some.start, targets.start[[2, 0]])
    assert torch.equal(some.pixels, targets.pixels[[2, 0]])
    assert torch.equal(some.side, targets.side[[2, 0]])


def test_what_is_left_of_an_error_is_a_share_of_it(body: BodyModel) -> None:
    found = people(body, 4)
    denoiser = Denoiser(SMALL)
    watched = denoise._Validation(found, Supervision(TrainedPoints(body)), denoiser)
    assert watched(denoiser)["left"] > 0

    class Keeps(Denoiser):
        def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            return x

    assert watched(Keeps(SMALL))["left"] == pytest.approx(1, abs=1e-5)
