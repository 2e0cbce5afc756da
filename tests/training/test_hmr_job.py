"""Training of `hmr-open`: what is learnt, and the whole job on a small scale."""

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body import BodyModel, load_body
from core.errors import Cancelled, MissingModel, UnreadableInput
from core.frontends.hmr.network import HmrConfig, load_network
from core.pose.rotations import axis_angle_to_matrix, matrix_to_rot6d
from core.progress import CancelToken, Progress
from training.corpora.mocap import Take, read_corpus
from training.hmr.composing import Labels
from training.hmr.job import WEIGHTS, HmrOptions, _surprise, errors, losses, train_hmr
from training.loop import LoopOptions

TINY = HmrConfig(4, (1, 1, 1, 1), hidden=16, dropout=0.0, size=32, points=24)


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def upright(turn: float) -> torch.Tensor:
    """Two bodies at rest, turned about the vertical; rotations (2, 24, 3, 3)."""
    rotations = torch.eye(3).repeat(2, 24, 1, 1)
    rotations[:, 0] = axis_angle_to_matrix(torch.tensor([0.0, turn, 0.0]))
    return rotations


CELLS = 200


def said(rotations: torch.Tensor, body: BodyModel) -> tuple[torch.Tensor, ...]:
    pose = matrix_to_rot6d(rotations, "columns").flatten(1)
    heat = torch.zeros(2, 24, CELLS, CELLS)
    at = ((seen(rotations, body)[:, :24] + 1) / 2 * CELLS).long()
    heat[torch.arange(2)[:, None], torch.arange(24), at[..., 1], at[..., 0]] = 1
    return pose, torch.zeros(2, 10), torch.tensor([[0.5, 0.1, 0.2]] * 2), heat


def seen(rotations: torch.Tensor, body: BodyModel) -> torch.Tensor:
    points = body.points(rotations, torch.zeros(2, 10), torch.zeros(2, 3))
    return 0.5 * (points[..., :2] + torch.tensor([0.1, 0.2]))


def test_the_truth_costs_nothing(body: BodyModel) -> None:
    rotations = upright(0.3)
    labels = Labels(rotations, torch.zeros(2, 10), seen(rotations, body))
    terms = losses(said(rotations, body), labels, body)
    assert set(terms) == {*WEIGHTS, "loss"}
    for name in ("joints_3d", "joints_2d", "pose", "shape"):
        torch.testing.assert_close(terms[name], torch.zeros(2), atol=1e-4, rtol=0)


def test_a_quarter_turn_costs_what_it_should(body: BodyModel) -> None:
    true, guess = upright(0.0), upright(np.pi / 2)
    labels = Labels(true, torch.zeros(2, 10), seen(true, body) + torch.tensor([0.3, 0.4]))
    terms = losses(said(guess, body), labels, body)
    # one of 24 rotations: four of nine entries are 1 off
    torch.testing.assert_close(terms["pose"], torch.full((2,), 4 / 9 / 24))
    points = body.points(true, torch.zeros(2, 10), torch.zeros(2, 3))
    flat = (points - points[:, :1])[..., [0, 2]].norm(dim=-1).mean(dim=1)
    torch.testing.assert_close(terms["joints_3d"], sqrt(2) * flat, atol=1e-4, rtol=0)
    still = losses(said(true, body), labels, body)
    torch.testing.assert_close(still["joints_2d"], torch.full((2,), 0.5), atol=1e-4, rtol=0)
    pose, _, camera, heat = said(true, body)
    shape = losses((pose, torch.ones(2, 10), camera, heat), labels, body)["shape"]
    torch.testing.assert_close(shape, torch.ones(2))


def test_a_landmark_is_shared_out_among_the_cells_around_it() -> None:
    # 2 by 2 cells, centres at -0.5 and 0.5; a point at (0, -0.5) lies between the upper two
    pixels = torch.tensor([[[0.0, -0.5], [-0.5, 0.5], [1.2, 0.0]]])
    even = torch.full((1, 3, 2, 2), 0.25)
    torch.testing.assert_close(_surprise(even, pixels), torch.tensor([[log(4), log(4), 0]]))
    sure = torch.tensor([[[0.5, 0.5], [0, 0]], [[0, 0], [1, 0]], [[1, 0], [0, 0]]])[None]
    torch.testing.assert_close(_surprise(sure, pixels), torch.tensor([[log(2), 0, 0]]))


def test_errors_are_in_millimetres_and_shares_of_the_crop(body: BodyModel) -> None:
    true, guess = upright(0.0), upright(np.pi)
    labels = Labels(true, torch.zeros(2, 10), seen(true, body) + torch.tensor([0.03, 0.04]))
    images = torch.zeros(2, 3, 8, 8)
    plain = errors(lambda _: said(true, body), images, labels, body)
    assert plain["mpjpe"] == pytest.approx(0, abs=0.01)
    assert plain["share_2d"] == pytest.approx(0.025, abs=1e-5)
    assert plain["landmarks"] == pytest.approx(0.025, abs=0.004)
    turned = errors(lambda _: said(guess, body), images, labels, body)
    assert turned["mpjpe"] > 200
    assert turned["pa_mpjpe"] == pytest.approx(0, abs=0.1)


def corpus(folder: Path) -> Path:
    poses = np.random.default_rng(0).normal(0, 0.2, (30, 72)).astype(np.float32)
    names = ["cmu_01_01_01", "cmu_07_07_01"]
    np.savez(folder / "mocap.npz", poses=poses, name=np.array(names), length=np.array([20, 10]))
    return folder


def options(folder: Path, steps: int) -> HmrOptions:
    out = folder / "out.safetensors"
    return HmrOptions(data=corpus(folder), out=out, steps=steps, batch=4, config=TINY, people=8)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.hmr.job.WATCHED", 4)
    monkeypatch.setattr("training.hmr.job.BACKGROUNDS", 2)
    monkeypatch.setattr("training.hmr.cutouts.OUTFITS", 4)


@pytest.mark.usefixtures("few")
def test_the_job_writes_weights_that_the_frontend_can_read(tmp_path: Path) -> None:
    chosen = options(tmp_path, 3)
    messages = [progress.message for progress in train_hmr(chosen)]
    assert "mpjpe" in messages[-1]
    network, sha256 = load_network(chosen.out)
    assert network.config == TINY
    assert len(sha256) == 64
    assert not network.training
    pose, _, camera, _ = network(torch.zeros(1, 3, 32, 32))
    assert pose.shape == (1, 144) and camera.shape == (1, 3)
    # it starts from an upright body seen from in front
    torch.testing.assert_close(
        network.head.init_pose[0, :6], torch.tensor([1.0, 0, 0, 0, -1, 0]), atol=0, rtol=0
    )


@pytest.mark.usefixtures("few")
def test_the_job_can_be_stopped_while_people_are_drawn(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(train_hmr(options(tmp_path, 3), cancel))


@pytest.mark.usefixtures("few")
def test_a_training_that_goes_on_may_be_made_longer_but_not_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []

    def watching_fit(*given: object) -> Generator[Progress, None, None]:
        plans.append(given[7])
        yield Progress(0, 1)

    monkeypatch.setattr("training.hmr.job.fit", watching_fit)
    short = options(tmp_path, 3)
    for asked in (short, replace(short, steps=5), replace(short, seed=9)):
        list(train_hmr(asked))
    assert plans[0] == plans[1] != plans[2]


@pytest.mark.usefixtures("few")
def test_a_training_that_was_cut_off_ends_with_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.hmr.job.read_corpus", trained_on_alone)
    often = partial(LoopOptions, log_every=1, save_every=2)
    monkeypatch.setattr("training.hmr.job.LoopOptions", often)
    whole, cut_off = tmp_path / "whole", tmp_path / "cut_off"
    for folder in (whole, cut_off):
        folder.mkdir()
    list(train_hmr(options(whole, 7)))
    chosen, cancel = options(cut_off, 7), CancelToken()
    with pytest.raises(Cancelled):
        for progress in train_hmr(chosen, cancel):
            if progress.done == 5:  # the fifth step is lost, the ring of 8 is renewed by then
                cancel.cancel()
    with pytest.raises(UnreadableInput, match="another training"):
        next(train_hmr(replace(chosen, seed=9)))  # before anybody is drawn
    list(train_hmr(chosen))
    assert chosen.out.read_bytes() == (whole / "out.safetensors").read_bytes()


def trained_on_alone(folder: Path, split: str) -> list[Take]:
    return read_corpus(folder, split) if split == "train" else []


def test_missing_weights_say_how_to_train_them(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="diffannot train hmr"):
        load_network(tmp_path / "nothing.safetensors")
