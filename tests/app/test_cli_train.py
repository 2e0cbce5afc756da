from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from core.diffusion.denoiser import load_denoiser
from core.progress import Progress
from training import prior
from training.prior import PriorOptions


def test_every_option_reaches_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def train(options: PriorOptions) -> Iterator[Progress]:
        asked.append(options)
        yield Progress(1, 1)

    monkeypatch.setattr(prior, "train_prior", train)
    command = "train prior --data d --out o --steps 4 --batch 6 --seed 7 --log l --processes 2"
    assert main([*command.split(), "--mixed"]) == 0
    assert asked == [
        PriorOptions(
            data=Path("d"),
            out=Path("o"),
            steps=4,
            batch=6,
            seed=7,
            log_dir=Path("l"),
            processes=2,
            mixed=True,
        )
    ]
    assert capsys.readouterr().out == "wrote o\n"


def test_a_prior_is_trained_in_mixed_precision(tmp_path: Path) -> None:
    pytest.importorskip("lightning_fabric")
    poses = np.random.default_rng(0).normal(0, 0.3, (20, 72))
    (tmp_path / "data").mkdir()
    np.savez(tmp_path / "data" / "take.npz", poses=poses, mocap_framerate=30.0)
    out = tmp_path / "prior.safetensors"
    command = f"train prior --data {tmp_path / 'data'} --out {out} --steps 2 --batch 8 --mixed"
    assert main(command.split()) == 0
    denoiser, _ = load_denoiser(out)
    assert denoiser.leave.weight.isfinite().all()
    assert denoiser.leave.weight.ne(0).any()
