from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from core.errors import Cancelled
from core.jobs import finish
from core.pose.rotations import axis_angle_to_matrix
from core.progress import CancelToken, Progress
from core.refiners.level.network import LevelConfig, LevelNetwork, load_level, save_level
from training import level
from training.level import LevelOptions, part_errors, settings, train_level
from training.loop import LoopOptions
from training.mistakes import Mistakes

pytest.importorskip("lightning_fabric")

TINY = LevelConfig(width=48, blocks=1, embedding=16, guessing=16)


def corpus(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for subject in range(24):
        poses = rng.normal(0, 0.1, (20, 72))
        (folder / f"s{subject}").mkdir(parents=True)
        np.savez(folder / f"s{subject}" / "take.npz", poses=poses, mocap_framerate=30.0)
    return folder


def said(message: str) -> dict[str, float]:
    figures = (part.rsplit(" ", 1) for part in message.split(", "))
    return {name: float(value) for name, value in figures}


def test_errors_of_parts_and_of_the_whole_by_hand() -> None:
    true = torch.eye(3).expand(1, 24, 3, 3)
    turns = torch.zeros(1, 24, 3)
    turns[0, 16, 0] = turns[0, 18, 2] = torch.pi / 6  # left shoulder and elbow by 30 degrees
    wrong = part_errors(axis_angle_to_matrix(turns), true)
    arm, whole = (2 * 900 / 5) ** 0.5, (2 * 900 / 24) ** 0.5
    torch.testing.assert_close(wrong, torch.tensor([[0, arm, 0, 0, 0, whole]]), atol=1e-3, rtol=0)


def test_the_dial_is_told_the_parts_errors_or_something_between_them_and_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(level, "MISTOLD", (0.0, 0.0))
    wrong = torch.tensor([[10.0, 40, 20, 20, 0, 20]]).repeat(50, 1)
    dial = settings(wrong, torch.Generator().manual_seed(0))
    torch.testing.assert_close(dial[:, 0], wrong[:, :5])
    low, high = dial[:, 1].min(0).values, dial[:, 1].max(0).values
    assert 10 <= low[0] < 12 and 18 < high[0] <= 20.01  # 20 · (10 / 20)^share
    assert 19.99 <= low[1] < 22 and 38 < high[1] <= 40.01
    torch.testing.assert_close(dial[:, 1, 2], wrong[:, 5])
    assert 2 <= low[4] < 3  # a part that is right is held to be 2 degrees off at least


def all_twisted(_: Mistakes, true: Tensor, generator: torch.Generator) -> Tensor:
    turn = 0.4 + 0.2 * torch.rand(len(true), 23, 1, generator=generator)
    rough = true.clone()
    rough[:, 1:] = true[:, 1:] @ axis_angle_to_matrix(turn * torch.tensor([0, 0, 1.0]))
    return rough


def test_a_short_training_learns_what_is_always_wrong_from_keypoints_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mistakes, "__call__", all_twisted)
    monkeypatch.setattr(level, "LoopOptions", quick)
    monkeypatch.setattr(level, "WATCHED", 64)
    out = tmp_path / "out" / "w.safetensors"
    options = LevelOptions(corpus(tmp_path / "data"), (), out, steps=24, batch=8, config=TINY)
    news: list[Progress] = []
    report = finish(train_level(options), news.append)
    assert report.failures == ()
    figures = said(news[-1].message)
    assert figures["synthetic_blind"] < 0.8
    assert figures["synthetic_seen"] < 0.8
    network, _ = load_level(out)
    assert network.config == TINY
    assert not out.with_suffix(".checkpoint").exists()


def test_a_training_goes_on_from_other_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level, "LoopOptions", quick)
    monkeypatch.setattr(level, "WATCHED", 16)
    torch.manual_seed(5)
    save_level(LevelNetwork(TINY), tmp_path / "a.safetensors")
    data, out = corpus(tmp_path / "data"), tmp_path / "b.safetensors"
    start = tmp_path / "a.safetensors"
    finish(train_level(LevelOptions(data, (), out, start, steps=1, batch=4)))
    before, after = load_file(start), load_file(out)
    assert load_level(out)[0].config == TINY
    drift = before["enter.weight"].float() - after["enter.weight"].float()
    assert drift.abs().max() < 1e-3  # in one step nothing but weight decay gets there
    assert not before["leave.weight"].equal(after["leave.weight"])


def test_a_training_that_was_stopped_goes_on_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = corpus(tmp_path / "data")
    weights = []
    for stopped in (False, True):
        out = tmp_path / f"{stopped}.safetensors"
        monkeypatch.setattr(level, "LoopOptions", closely)
        monkeypatch.setattr(level, "WATCHED", 16)
        options = LevelOptions(data, (), out, steps=4, batch=8, config=TINY)
        if stopped:
            cancel = CancelToken()
            with pytest.raises(Cancelled):
                stop_after(train_level(options, cancel), cancel, 3)
        finish(train_level(options))
        weights.append(load_file(out))
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def quick(steps: int, learning_rate: float) -> LoopOptions:
    return LoopOptions(steps, learning_rate=20 * learning_rate, warmup=0)


def closely(steps: int, learning_rate: float) -> LoopOptions:
    return LoopOptions(steps, learning_rate=learning_rate, warmup=0, save_every=2, log_every=1)


def stop_after(job: Iterator[Progress], cancel: CancelToken, steps: int) -> None:
    for progress in job:
        if progress.done == steps:
            cancel.cancel()
