from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from test_prior import corpus
from test_rough import body, generator, motion
from torch import Tensor, nn

from app.cli import main
from core.errors import Cancelled
from core.jobs import Report, finish
from core.jobs.report import Job
from core.pose.rotations import matrix_to_axis_angle
from core.progress import CancelToken, Progress
from core.refiners.correction import CorrectorConfig, load_corrector
from training import arms
from training.arms import ArmOptions, missed, train_arm
from training.corpora.mocap import Take
from training.gathering import Material, Source
from training.rough import RoughSource

pytest.importorskip("lightning_fabric")
POSES = np.zeros((1, 72), np.float32)
SMALL = CorrectorConfig(width=48, blocks=1, embedding=8)


def moving(folder: Path) -> Path:
    """Write motion of subjects to train on, and of one to watch."""
    corpus(folder)
    names = (f"v{number}" for number in range(99))
    watched = next(name for name in names if Take("a", name, POSES).split == "validation")
    copytree(folder / "s0", folder / watched)
    return folder


class Says(nn.Module):
    def __init__(self, turns: Tensor) -> None:
        super().__init__()
        self.turns = turns

    def forward(self, seen: Tensor, gone: Tensor) -> Tensor:
        return self.turns


@pytest.mark.parametrize("gone", [0.0, 0.6])
def test_who_knows_the_way_misses_nothing_wherever_they_are_asked(gone: float) -> None:
    rough = RoughSource(body(), motion())(8, generator())
    whole = matrix_to_axis_angle(rough.rotations.mT @ rough.true)
    truth = body().points(rough.true, rough.betas, torch.zeros(8, 3))
    rough.points.copy_(truth)  # of Θ1's shape
    share = torch.full((8,), gone)
    assert missed(Says(whole), body(), rough, share) < 1e-3
    off = whole.clone()
    off[:, 4, 0] += 0.24
    more = missed(Says(off), body(), rough, share)
    assert more > 0.01  # a knee of 24 joints by 0.24 rad, and the points below it


@pytest.mark.parametrize("arm", ["one-shot", "bridge"])
def test_a_short_training_takes_some_of_the_error_away(tmp_path: Path, arm: arms.Arm) -> None:
    data = moving(tmp_path / "data")
    out = tmp_path / "out" / "w.safetensors"
    options = ArmOptions(arm=arm, mocap=data, out=out, steps=60, batch=32, config=SMALL)
    said = list(train_arm(options))[-1].message
    figures = {name: float(value) for name, value in map(str.split, said.split(", "))}
    assert figures["mm"] > 10
    assert figures["left"] < 0.9995  # so short a training is all warm-up
    assert load_corrector(out, arm)[0].config == SMALL
    assert not out.with_suffix(".checkpoint").exists()


def test_one_shot_is_asked_at_theta1_alone_and_the_bridge_all_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: dict[str, list[Tensor]] = {"one-shot": [], "bridge": []}
    data = moving(tmp_path / "data")
    for arm, shares in gone.items():

        def watched(*given: object, shares: list[Tensor] = shares) -> Tensor:
            shares.append(given[3])
            return missed(*given)

        monkeypatch.setattr(arms, "missed", watched)
        out = tmp_path / f"{arm}.safetensors"
        finish(train_arm(ArmOptions(arm=arm, mocap=data, out=out, steps=2, batch=16, config=SMALL)))
    assert all(share.eq(0).all() for share in gone["one-shot"])
    assert torch.cat(gone["bridge"]).std() > 0.1


def test_a_training_that_was_called_off_writes_nothing_and_can_be_done_again(
    tmp_path: Path,
) -> None:
    data, weights = moving(tmp_path / "data"), []
    for stopped in (False, True):
        out = tmp_path / f"{stopped}.safetensors"
        token = CancelToken()
        options = ArmOptions(arm="bridge", mocap=data, out=out, steps=3, batch=8, config=SMALL)
        if stopped:
            token.cancel()
            with pytest.raises(Cancelled):
                finish(train_arm(options, token))
            assert not out.exists()
        finish(train_arm(options))
        weights.append(load_file(out)["leave.bias"])
    assert torch.equal(*weights)


def test_every_option_reaches_the_training(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def train(options: ArmOptions) -> Job:
        asked.append(options)
        yield Progress(1, 1)
        return Report(7)

    monkeypatch.setattr(arms, "train_arm", train)
    command = (
        "train one-shot --data m --out o --corpus pw3d=a --watch pw3d=a --frontend blazepose "
        "--frontend hmr-open=c --smpl s --pairs p --steps 4 --batch 6 --seed 7 --log l"
    )
    assert main(command.split()) == 0
    people, watched = (Source("pw3d", Path("a")),), (Source("pw3d", Path("a"), "validation"),)
    common = {"smpl": Path("s"), "kept": Path("p")}
    materials = (
        Material(people, watched, "blazepose", **common),
        Material(people, watched, "hmr-open", Path("c"), **common),
    )
    assert asked == [
        ArmOptions(
            arm="one-shot",
            mocap=Path("m"),
            out=Path("o"),
            materials=materials,
            steps=4,
            batch=6,
            seed=7,
            log_dir=Path("l"),
        )
    ]
    assert capsys.readouterr().out == "7 people trained on, weights in o\n"
    assert main(["train", "bridge", "--data", "m", "--out", "o"]) == 0
    assert (asked[1].arm, asked[1].materials, asked[1].steps) == ("bridge", (), 2_500)
