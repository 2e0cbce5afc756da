"""Import and export from the command line: formats by content, folders, splits, exit status."""

import gzip
import json
from pathlib import Path

import pytest
from format_fuzz import fresh
from format_samples import MATRICES, POSE
from formats_kit import picture
from round_trips import project_in

from app.cli import main
from core.project import Project


def test_a_folder_of_openpose_is_read_and_a_folder_of_pictures_too(tmp_path: Path) -> None:
    folder = fresh("openpose", tmp_path / "x")
    project = tmp_path / "p.diffannot"
    Project.create(project).close()
    assert main(["import", str(project), str(folder)]) == 0
    for path in folder.glob("*.json"):
        path.unlink()
    assert main(["import", str(project), str(folder)]) == 0
    with Project.open(project) as opened:
        assert len(opened.rows()) == 2 and len(opened.images()) == 2


def test_a_bad_row_is_named_and_what_is_left_out_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = POSE.copy(), MATRICES.copy()
    try:
        POSE[0, 4] = float("nan")
        path = fresh("amass", tmp_path / "x")
    finally:
        POSE[:], MATRICES[:] = kept
    project = tmp_path / "p.diffannot"
    Project.create(project).close()
    assert main(["import", str(project), str(path), "--json"]) == 1
    out, err = capfd.readouterr()
    told = json.loads(out)
    assert told["done"] == told["persons"] == 1 and len(told["failures"]) == 1
    assert "failed: frame 0" in err and "note: the hands" in err
    assert any("hands" in note for note in told["notes"])


def test_an_export_is_dealt_to_splits_and_wrong_shares_are_told(tmp_path: Path) -> None:
    project_in(tmp_path).close()
    command = ["export", str(tmp_path / "p"), "--out", str(tmp_path / "x.csv"), "--format", "csv"]
    assert main([*command, "--split", "train=1,test=1", "--split-by", "track", "--seed", "3"]) == 0
    rows = [path.read_text().splitlines()[1:] for path in tmp_path.glob("x_*.csv")]
    assert sum(map(len, rows)) == 3
    assert (tmp_path / "x.csv.card.md").is_file()
    for wrong in ("train", "train=-1", "train=x", ""):
        assert main([*command, "--split", wrong]) == 2
    assert main([*command, "--tag", "nobody"]) == 2


def test_a_folder_that_holds_nothing_to_read_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project_in(tmp_path).close()
    project, out = str(tmp_path / "p"), tmp_path / "motions"
    assert main(["export", project, "--out", str(out), "--format", "amass"]) == 0
    assert main(["import", project, str(out)]) == 2
    assert "one by one" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("p.diffannot", "a project"),
        ("j.jsonl", "diffannot replay"),
        ("t.csv", "spreadsheets"),
        ("photo.png", "Import the folder"),
        ("set.tar.gz", "Unpack it"),
        ("nothing.json", "is empty"),
        ("folder", "is empty"),
    ],
)
def test_what_is_given_by_mistake_is_told_in_one_line(
    name: str, what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project_in(tmp_path).close()
    project = str(tmp_path / "p")
    for out, form in (("j.jsonl", "journal"), ("t.csv", "csv")):
        assert main(["export", project, "--out", str(tmp_path / out), "--format", form]) == 0
    picture(tmp_path / "photo.png")
    (tmp_path / "set.tar.gz").write_bytes(gzip.compress(b"x" * 999))
    (tmp_path / "nothing.json").touch()
    (tmp_path / "folder").mkdir()
    capfd.readouterr()
    assert main(["import", project, str(tmp_path / name)]) == 2
    said = " ".join(capfd.readouterr().err.split())
    assert what in said and "Traceback" not in said
