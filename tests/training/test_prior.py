from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.diffusion.denoiser import DenoiserConfig, load_denoiser
from core.errors import Cancelled
from core.progress import CancelToken
from training.prior import PriorOptions, train_prior

pytest.importorskip("lightning_fabric")


def corpus(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for subject in range(12):
        poses = rng.normal(0, 0.3, (20, 72))
        (folder / f"s{subject}").mkdir(parents=True)
        np.savez(folder / f"s{subject}" / "take.npz", poses=poses, mocap_framerate=30.0)
    return folder


def test_training_writes_weights_that_load_and_reports_on_the_way(tmp_path: Path) -> None:
    config = DenoiserConfig(width=16, blocks=1, embedding=8)
    options = PriorOptions(
        data=corpus(tmp_path / "data"),
        out=tmp_path / "out" / "p.safetensors",
        steps=3,
        batch=8,
        config=config,
    )
    reports = list(train_prior(options))
    assert (reports[-1].done, reports[-1].total) == (3, 3)
    assert "loss" in reports[-1].message
    denoiser, _ = load_denoiser(options.out)
    assert denoiser.config == config
    assert not denoiser.mean.eq(0).all()
    assert not options.out.with_suffix(".checkpoint").exists()


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    data = corpus(tmp_path / "data")
    weights = []
    for seed in (1, 1, 2):
        out = tmp_path / "p.safetensors"
        config = DenoiserConfig(width=16, blocks=1, embedding=8)
        options = PriorOptions(data=data, out=out, steps=5, batch=8, seed=seed, config=config)
        list(train_prior(options))
        weights.append(load_file(out)["leave.bias"])
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_cancelling_stops_before_anything_is_written(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    out = tmp_path / "p.safetensors"
    options = PriorOptions(data=corpus(tmp_path / "data"), out=out, steps=5)
    with pytest.raises(Cancelled):
        list(train_prior(options, cancel))
    assert not out.exists()
