from pathlib import Path

import pytest

from app.cli import main
from core.diffusion.denoiser import DenoiserConfig, load_denoiser
from core.jobs.report import Job, Report
from core.progress import Progress
from tests.training.people_kit import EVERYBODY, write_3dhp, write_3dpw, write_halpe
from training import as_published, denoise, level
from training.as_published import PublishedOptions
from training.denoise import DenoiserOptions
from training.gathering import Material, Source
from training.level import LevelOptions


def test_every_option_reaches_the_training_of_the_denoiser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def train(options: DenoiserOptions) -> Job:
        asked.append(options)
        yield Progress(1, 1)
        return Report(7, failures=("a: gone",))

    monkeypatch.setattr(denoise, "train_denoiser", train)
    command = (
        "train denoiser --corpus pw3d=a/b --corpus halpe:validation=c=d --watch pw3d=a/b "
        "--watch pw3d:test=e --frontend hmr --checkpoint f --smpl g --pairs h --start i --out o "
        "--x0 rough --regressor r --mocap m --width 226 --steps 4 --batch 6 --seed 7 "
        "--log l --processes 2 --mixed"
    )
    assert main(command.split()) == 1
    material = Material(
        (Source("pw3d", Path("a/b")), Source("halpe", Path("c=d"), "validation")),
        (Source("pw3d", Path("a/b"), "validation"), Source("pw3d", Path("e"), "test")),
        "hmr", Path("f"), Path("g"), Path("h"),
    )  # fmt: skip
    assert asked == [
        DenoiserOptions(
            material=material,
            out=Path("o"),
            start=Path("i"),
            x_0="rough",
            regressor=Path("r"),
            mocap=Path("m"),
            steps=4,
            batch=6,
            seed=7,
            config=DenoiserConfig(dim=226),
            log_dir=Path("l"),
            processes=2,
            mixed=True,
        )
    ]
    out, err = capsys.readouterr()
    assert out == "7 people trained on, weights in o; 1 failed\n"
    assert "failed: a: gone" in err


def test_a_denoiser_is_trained_on_raw_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lightning_fabric")
    pw3d, halpe = write_3dpw(tmp_path / "3dpw"), write_halpe(tmp_path / "halpe")
    out = tmp_path / "b.safetensors"
    mpi = write_3dhp(tmp_path / "3dhp")
    corpora = f"--corpus pw3d={pw3d} --corpus mpi_inf_3dhp:test={mpi} --corpus halpe={halpe}"
    command = f"train denoiser {corpora} --frontend standing --out {out} --steps 2 --batch 8"
    assert main(command.split()) == 0
    assert capsys.readouterr().out.startswith(f"{EVERYBODY} people trained on, weights in")
    denoiser, _ = load_denoiser(out)
    assert denoiser.config == DenoiserConfig()
    assert denoiser.leave.weight.ne(0).any()


def test_every_option_reaches_the_training_as_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def train(options: PublishedOptions) -> Job:
        asked.append(options)
        yield Progress(1, 1)
        return Report(7)

    monkeypatch.setattr(as_published, "train_as_published", train)
    command = (
        "train as-published --corpus pw3d:test=a --watch halpe=b --frontend hmr --checkpoint f "
        "--smpl g --pairs h --out o --width 82 --epochs 4 --batch 6 --seed 7 --log l"
    )
    assert main(command.split()) == 0
    material = Material(
        (Source("pw3d", Path("a"), "test"),), (Source("halpe", Path("b"), "validation"),),
        "hmr", Path("f"), Path("g"), Path("h"),
    )  # fmt: skip
    told = {"width": 82, "epochs": 4, "batch": 6, "seed": 7}
    wanted = PublishedOptions(material=material, out=Path("o"), log_dir=Path("l"), **told)
    assert asked == [wanted]
    assert capsys.readouterr().out == "7 people trained on, weights in o\n"
    assert main([*command.replace("82", "154").split()]) == 2


def test_every_option_reaches_the_training_of_level(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def train(options: LevelOptions) -> Job:
        asked.append(options)
        yield Progress(1, 1)
        return Report(7)

    monkeypatch.setattr(level, "train_level", train)
    command = (
        "train level --data a --out o --corpus human_data=b --watch human_data=c --frontend "
        "blazepose --frontend hmr-open=d --start e --smpl f --pairs g --steps 4 --batch 6 "
        "--seed 7 --log l"
    )
    assert main(command.split()) == 0
    sources = (Source("human_data", Path("b")),), (Source("human_data", Path("c"), "validation"),)
    rest = Path("f"), Path("g")
    materials = (
        Material(*sources, "blazepose", None, *rest),
        Material(*sources, "hmr-open", Path("d"), *rest),
    )
    options = LevelOptions(
        Path("a"), materials, Path("o"), Path("e"), Path("f"), 4, 6, 7, log_dir=Path("l")
    )
    assert asked == [options]
    assert capsys.readouterr().out == "7 people trained on, weights in o\n"
    assert main(["train", "level", "--data", "a", "--out", "o"]) == 0
    assert asked[1].materials == ()
    assert main(["train", "level", "--data", "a", "--out", "o", "--corpus", "human_data=b"]) == 0
    assert [material.frontend for material in asked[2].materials] == ["blazepose"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--corpus pw3d", "pw3d names no data set"),
        ("--corpus =folder", "=folder names no data set"),
        ("--corpus unheard=folder", "no corpus unheard"),
        ("--corpus halpe:test=folder", "halpe has no split test"),
        ("--corpus pw3d=absent", "3DPW (train) is not complete in absent"),
        ("--corpus pw3d=absent --frontend unheard", "no frontend named"),
        ("--corpus pw3d=absent --frontend hmr", "ships without weights"),
        ("--corpus pw3d=absent --smpl absent", "absent"),
        ("--corpus pw3d=absent --width 82", "No denoiser is 82 wide"),
    ],
)
def test_wrong_use_of_a_training_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: str,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if "--frontend" not in options:
        options += " --frontend standing"
    assert main(["train", "denoiser", "--out", "b.safetensors", *options.split()]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert says in err
