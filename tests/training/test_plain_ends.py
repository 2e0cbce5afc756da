"""Commands of `python -m` and of training say in one line what is missing."""

import runpy
import sys
from pathlib import Path

import pytest

from app.cli import main


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("training.evaluate_paper --data nowhere", "no motion capture in nowhere"),
        ("training.compare --data nowhere", "no motion capture in nowhere"),
        ("training.measure_suggestions --data nowhere", "no motion capture in nowhere"),
        ("training.measure_frontend --frontend standing --mocap nowhere", "no motion capture"),
        ("training.sureness --corpus nowhere", "nowhere"),
        ("training.ablations ranker --paths nowhere", "nowhere holds no paths"),
        ("assets.build_bench --mocap nowhere --out kept", "no motion capture in nowhere"),
        ("assets.build_sample --mocap nowhere", "no motion capture in nowhere"),
        ("assets.contact_sheet --mocap nowhere --out F", "no take"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_what_is_missing_is_said_in_one_line(
    command: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module, *words = command.split()
    (tmp_path / "kept").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [module, *words])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.count("\n") == 1 and says in said
    assert (tmp_path / "kept").is_dir()  # nothing is thrown away before its successor can be made


@pytest.mark.parametrize(
    "command",
    [
        "train prior --data nowhere --out {0}/a/F",
        "train hmr --data nowhere --out {0}/a/F",
        "train denoiser --corpus pw3d=nowhere --out {0}/a/F",
        "train as-published --corpus pw3d=nowhere --out {0}/a/F",
        "train level --data nowhere --out {0}/a/F",
        "train ranker --data nowhere --out {0}/a/F",
        "train one-shot --data nowhere --out {0}/a/F",
        "evaluate --refiner identity --json {0}/a/F",
        "evaluate --refiner identity --figures {0}/a/F",
        "evaluate --figures {0}/a/F",
    ],
)
def test_a_place_that_takes_no_files_is_said_before_the_work(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    assert main(command.format(tmp_path / "file").split()) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "cannot be made" in said
