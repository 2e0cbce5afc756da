import json
from pathlib import Path
from shutil import copy
from typing import Any

import numpy as np
import pytest
from bench_kit import real_pictures
from PIL import Image
from test_corpora_halpe import annotation
from test_corpora_mpi_inf_3dhp import write_test, write_train
from test_corpora_pw3d import sequence
from test_corpora_pw3d import write as write_pw3d

from app.cli import main
from assets import OPEN_BENCH, OPEN_BODY
from core.body import load_body
from core.keypoints import HALPE

CORRECT = ["3DPCK@150 %", "PA-3DPCK@150 %", "3DAUC %", "PA-3DAUC %"]
QUICK = ["--frontend", "standing", "--refiner", "identity"]


def evaluated(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    """Run the command and return its JSON."""
    out = folder / "table.json"
    assert main(["evaluate", *QUICK, *words, "--json", str(out)]) == status
    facts: dict[str, Any] = json.loads(out.read_text())
    return facts


@pytest.fixture
def smpl(tmp_path: Path) -> list[str]:
    """Files in the places of SMPL's: the open body three times, and a regressor to it."""
    folder = tmp_path / "smpl"
    folder.mkdir()
    for gender in ("NEUTRAL", "MALE", "FEMALE"):
        copy(OPEN_BODY, folder / f"SMPL_{gender}.npz")
    regressor = np.zeros((17, load_body().num_vertices), np.float32)
    regressor[np.arange(17), np.arange(17) * 400] = 1
    np.save(folder / "J_regressor_h36m.npy", regressor)
    return ["--smpl", str(folder), "--regressor", str(folder / "J_regressor_h36m.npy")]


def test_the_open_bench_is_measured_out_of_the_box(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = evaluated(tmp_path, "--limit", "3", "--figures", str(tmp_path / "figures"))
    assert (facts["bench"], facts["people"], facts["not_measured"]) == ("open", 3, 0)
    assert facts["fixed_step"]["people"] == 3 and facts["fixed_step"]["step"] == 0
    assert facts["frontend"]["name"] == "standing" and len(facts["body"]["sha256"]) == 64
    assert facts["machine"]["cores"] >= 1 and facts["machine"]["torch"]
    first = facts["columns"][0]["errors"]
    assert all(column["errors"]["MPJPE mm"] == first["MPJPE mm"] for column in facts["columns"][:3])
    shown = capsys.readouterr().out
    assert "Algorithm 1 *" in shown and "null, oracle *" in shown and "22 joints" in shown
    for path in (tmp_path / "figures").iterdir():
        with Image.open(path) as image:
            assert image.width > 1000
    assert len(list((tmp_path / "figures").iterdir())) == 3


def test_json_alone_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *QUICK, "--limit", "1", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 1


def test_3dpw_as_downloaded_fills_the_table(
    tmp_path: Path, smpl: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "3dpw"
    for split in ("test", "validation"):
        write_pw3d(tmp_path / split, sequence(), split)
        (tmp_path / split / "sequenceFiles" / split).rename(_made(data / "sequenceFiles") / split)
    (tmp_path / "test" / "imageFiles").rename(data / "imageFiles")
    facts = evaluated(tmp_path, "--bench", "pw3d", "--data", str(real_pictures(data)), *smpl)
    assert facts["protocol"] == "mmhuman3d-pw3d" and facts["averaging"] == "pooled"
    assert (facts["people"], facts["sequences"]) == (8, 1)
    assert facts["fixed_step"]["people"] == 8
    errors = facts["columns"][0]["errors"]
    assert list(errors) == ["MPJPE mm", "PA-MPJPE mm", "PVE mm", *CORRECT]
    assert errors["MPJPE mm"]["mean"] > 10 and errors["PVE mm"]["mean"] > 10
    assert errors["PA-3DAUC %"]["mean"] > errors["3DAUC %"]["mean"]
    shown = " ".join(capsys.readouterr().out.split())
    assert "The paper states: HMR 112.34" in shown and "mean pooled" in shown
    assert "PVE mm 3DPCK@150" in shown


def test_mpi_inf_3dhp_as_downloaded_fills_the_table(tmp_path: Path, smpl: list[str]) -> None:
    data = write_train(write_test(tmp_path / "mpi"), frames=1, stills=True)
    asked = ["--bench", "mpi_inf_3dhp", "--data", str(real_pictures(data)), *smpl]
    facts = evaluated(tmp_path, *asked, "--limit", "5")
    assert facts["protocol"] == "spin-mpi-inf-3dhp" and len(facts["joints"]) == 17
    assert list(facts["columns"][0]["errors"]) == ["MPJPE mm", "PA-MPJPE mm", *CORRECT]
    assert (facts["people"], facts["fixed_step"]["split"]) == (5, "train")
    assert facts["fixed_step"]["people"] == 5


def test_mpi_inf_3dhp_is_measured_without_its_training_set(tmp_path: Path, smpl: list[str]) -> None:
    data = real_pictures(write_test(tmp_path / "mpi"))
    facts = evaluated(tmp_path, "--bench", "mpi_inf_3dhp", "--data", str(data), *smpl)
    assert facts["people"] == 18 and facts["fixed_step"]["step"] is None
    assert "MPI-INF-3DHP (train) is not complete" in facts["fixed_step"]["remark"]


def test_halpe_is_cleansed_and_measured_in_the_picture(tmp_path: Path) -> None:
    data = _made(tmp_path / "halpe")
    whole = [0.0] * (3 * 136)
    for place in range(26):
        whole[3 * place : 3 * place + 3] = [10 + place, 12 + place, 1]
    people = [annotation(n, keypoints=whole, bbox=[10, 10, 40, 90]) for n in (1, 2, 3)]
    people.append(annotation(4, keypoints=[1, 2, 2] * 26))
    people[1]["image_id"], people[2]["bbox"] = 2, [0, 0, 5, 5]
    assert len(HALPE) == 136
    for split, pictures in (("val", "val2017"), ("train", "hico_20160224_det/images/train2015")):
        names = [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2)]
        for name in names:
            (_made(data / pictures) / str(name["file_name"])).touch()
        listed = json.dumps({"images": names, "annotations": people})
        (data / f"halpe_{split}_v1.json").write_text(listed)
    asked = ["--bench", "halpe", "--data", str(real_pictures(data))]
    facts = evaluated(tmp_path, *asked, status=1)
    assert facts["not_measured"] == 1
    assert (facts["protocol"], facts["people"], facts["pictures"]) == ("picture", 2, 2)
    assert facts["split"] == "validation" and "frontend's own" in facts["evidence"]
    errors = facts["columns"][0]["errors"]
    ratio = errors["2D error px of 224"]["mean"] / errors["2D error px"]["mean"]
    assert ratio == pytest.approx(224 / 90)
    assert 0 <= errors["PCK@0.05 %"]["mean"] <= 100


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--bench pw3d", "pw3d does not ship with DiffAnnot. Say --data FOLDER with sequenceFiles"),
        ("--bench halpe --data nowhere", "there is no such folder. Expected are halpe_val_v1.json"),
        ("--bench pw3d --data nowhere", "Say --regressor FILE and --smpl FOLDER"),
        ("--refiner paper --smpl nowhere", "The open bench is of the open body. Leave out --smpl"),
        ("--smpl nowhere", "The whole table is of the open body and of every recommender"),
        ("--refiner paper --weights a --weights b", "One refiner runs one file of weights"),
        ("--refiner best", "There is no refiner named best"),
        ("--frontend hmr", "ships without weights. Say --checkpoint FILE"),
        ("--bench moon", "There is no bench named moon. Known: open, pw3d, mpi_inf_3dhp, halpe"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words.split()]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and says in said


def test_people_who_cannot_be_measured_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (OPEN_BENCH / "rendered_test.npz", *(OPEN_BENCH / "test").rglob("*.jpg")):
        place = tmp_path / "bench" / path.relative_to(OPEN_BENCH)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path)
    (torn,) = tmp_path.rglob("00000.jpg")
    torn.unlink()
    torn.write_bytes(b"no picture")
    asked = ["--limit", "3", "--data", str(tmp_path / "bench")]
    assert evaluated(tmp_path, *asked, status=1)["not_measured"] == 1
    assert "failed: rendered_test/" in capsys.readouterr().err


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
