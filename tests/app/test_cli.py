import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tiny_projects import make_project

from app.cli import main
from core.project import Accept, Flag, Project, State
from core.refiners import DEFAULT_REFINER, REFINERS
from core.suggest import DEFAULT_RECOMMENDER

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT.parent / "shared" / "data" / "photos"


class Outcome:
    def __init__(self, status: int, output: str, errors: str) -> None:
        self.status, self.output, self.errors = status, output, errors

    @property
    def data(self) -> Any:
        return json.loads(self.output)


@pytest.fixture
def diffannot(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["diffannot", *map(str, arguments)])
        try:
            status = main()
        except SystemExit as end:
            status = end.code
        captured = capsys.readouterr()
        return Outcome(int(status or 0), captured.out, captured.err)

    return call


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (640, 480), (90, 120, 90)).save(folder / "a.png")
    return folder


@pytest.fixture
def keypoints(tmp_path: Path) -> Path:
    path = tmp_path / "k.json"
    person = {"id": 1, "image_id": 1, "bbox": [200, 60, 180, 400], "keypoints": [0, 0, 0] * 17}
    images = [{"id": 1, "file_name": "a.png"}]
    path.write_text(json.dumps({"images": images, "annotations": [person]}))
    return path


def one_line(text: str) -> bool:
    return len(text.splitlines()) == 1 and "Traceback" not in text


def test_the_whole_way_without_a_window(
    diffannot: Any, photos: Path, keypoints: Path, tmp_path: Path
) -> None:
    project = tmp_path / "p.diffannot"
    made = diffannot("new", project, "--images", photos, "--keypoints", keypoints, "--json")
    assert (made.status, made.data["done"], made.data["persons"]) == (0, 1, 1)
    models = ("--frontend", "standing", "--refiner", "identity", "--steps", 3)
    annotated = diffannot("annotate", project, *models, "--json")
    assert annotated.status == 0 and annotated.data["done"] == 1
    assert annotated.data["persons"][0]["suggested_step"] == 0
    again = diffannot("annotate", project, *models, "--json")
    assert (again.data["done"], again.data["skipped"]) == (0, 1)
    accepted = diffannot("accept", project, "--suggested", "--json")
    assert (accepted.status, accepted.data["states"]["accepted"]) == (0, 1)
    exported = diffannot("export", project, "--format", "humandata", "--out", tmp_path / "o.npz")
    assert (exported.status, exported.output) == (0, f"1 written to {tmp_path / 'o.npz'}\n")
    copy = tmp_path / "q.diffannot"
    assert diffannot("new", copy, "--images", photos).status == 0
    imported = diffannot("import", copy, tmp_path / "o.npz", "--json")
    assert (imported.status, imported.data["done"]) == (0, 1)
    with Project.open(project) as first, Project.open(copy) as second:
        theta1 = second.person(1).theta1
        curated = first.curated(1)
        assert theta1 is not None and curated is not None
        assert theta1.transl.tolist() == curated.transl.tolist()
        assert theta1.camera == curated.camera


def test_a_journal_is_exported_and_replayed(
    diffannot: Any, photos: Path, keypoints: Path, tmp_path: Path
) -> None:
    project, journal = tmp_path / "p.diffannot", tmp_path / "j.jsonl"
    diffannot("new", project, "--images", photos, "--keypoints", keypoints)
    shutil.copy(project, tmp_path / "copy.diffannot")
    with Project.open(project) as opened:
        opened.decide(Flag(1))
    assert diffannot("export", project, "--format", "journal", "--out", journal).status == 0
    replayed = diffannot("replay", tmp_path / "copy.diffannot", "--journal", journal, "--json")
    assert (replayed.status, replayed.data["states"]["flagged"]) == (0, 1)
    with Project.open(tmp_path / "copy.diffannot") as copy:
        assert copy.rows()[0].state is State.FLAGGED
    rebuilt = diffannot("replay", project, "--out", tmp_path / "again" / "p")
    assert (rebuilt.status, "1 entries replayed" in rebuilt.output) == (0, True)
    with Project.open(tmp_path / "again" / "p.diffannot") as again, Project.open(project) as first:
        assert again.rows()[0].state is State.FLAGGED
        assert again.person(1).image_path.samefile(first.person(1).image_path)


def test_items_that_fail_are_named_and_the_status_is_1(
    diffannot: Any, photos: Path, tmp_path: Path
) -> None:
    (photos / "torn.png").write_bytes(b"nothing")
    made = diffannot("new", tmp_path / "p.diffannot", "--images", photos)
    assert made.status == 1
    assert made.output == f"1 images in {tmp_path / 'p.diffannot'}; 1 failed\n"
    assert one_line(made.errors) and "failed: torn.png" in made.errors


@pytest.mark.parametrize("name", sorted(REFINERS))
def test_every_refiner_runs(
    diffannot: Any, photos: Path, keypoints: Path, tmp_path: Path, name: str
) -> None:
    project = tmp_path / "p.diffannot"
    diffannot("new", project, "--images", photos, "--keypoints", keypoints)
    command = ("annotate", project, "--frontend", "standing", "--refiner", name, "--steps", 2)
    assert diffannot(*command, "--json").data["done"] == 1
    with Project.open(project) as opened:
        run = opened.person(1).run
        assert run is not None and run.trajectory.refiner == name


def test_a_run_remembers_the_hash_of_the_users_own_weights(
    diffannot: Any, photos: Path, keypoints: Path, tmp_path: Path
) -> None:
    from core.diffusion.denoiser import Denoiser, DenoiserConfig, save_denoiser

    project, weights = tmp_path / "p.diffannot", tmp_path / "own.safetensors"
    save_denoiser(Denoiser(DenoiserConfig(width=16, blocks=1, embedding=8)), weights)
    diffannot("new", project, "--images", photos, "--keypoints", keypoints)
    command = (
        "annotate",
        project,
        "--frontend",
        "standing",
        "--refiner",
        "paper",
        "--steps",
        2,
        "--json",
    )
    assert diffannot(*command, "--weights", weights).data["done"] == 1
    assert diffannot(*command, "--weights", weights).data["skipped"] == 1
    with Project.open(project) as opened:
        run = opened.person(opened.rows()[0].id).run
        assert run is not None
        assert run.weights_sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert diffannot(*command).data["done"] == 1  # the prior that ships makes another run


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["new"],
        ["new", "p.diffannot", "--images", "absent"],
        ["annotate", "absent.diffannot"],
        ["annotate", "text"],
        ["annotate", "p.diffannot", "--steps", "0"],
        ["annotate", "p.diffannot", "--steps", "many"],
        ["annotate", "p.diffannot", "--steps", "1001"],
        ["annotate", "p.diffannot", "--seed", "-1"],
        ["annotate", "p.diffannot", "--seed", str(2**63)],
        ["annotate", "p.diffannot", "--frontend", "unheard"],
        ["annotate", "p.diffannot", "--frontend", "hmr"],
        ["annotate", "p.diffannot", "--frontend", "hmr", "--checkpoint", "text"],
        ["annotate", "p.diffannot", "--frontend", "hmr", "--checkpoint", "absent.pth"],
        ["annotate", "p.diffannot", "--frontend", "standing", "--checkpoint", "text"],
        ["annotate", "p.diffannot", "--frontend", "standing", "--refiner", "unheard"],
        ["annotate", "p.diffannot", "--frontend", "standing", "--weights", "text"],
        ["annotate", "p.diffannot", "--frontend", "standing", "--weights", "absent.safetensors"],
        ["annotate", "p.diffannot", "--body", "text"],
        ["annotate", "p.diffannot", "--engine", "steam"],
        ["import", "p.diffannot", "absent.json"],
        ["import", "p.diffannot", "text"],
        ["import", "p.diffannot", "text", "--format", "unheard"],
        ["accept", "p.diffannot"],
        ["accept", "p.diffannot", "--suggested", "--min-gain", "-1"],
        ["export", "p.diffannot", "--out", "o.npz"],
        ["export", "p.diffannot", "--out", "o.npz", "--format", "unheard"],
        ["export", "p.diffannot", "--out", "no/such/folder.jsonl", "--format", "journal"],
        ["export", "p.diffannot", "--out", "p.diffannot", "--format", "journal"],
        ["replay", "p.diffannot", "--journal", "text"],
        ["replay", "p.diffannot"],
        ["replay", "p.diffannot", "--journal", "text", "--out", "q.diffannot"],
        ["replay", "p.diffannot", "--out", "p.diffannot"],
        ["review", "absent.diffannot"],
        ["review", "text"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_status_2_and_one_line(
    diffannot: Any,
    tmp_path: Path,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text").write_text("no project, no json")
    Project.create(Path("p.diffannot")).close()
    outcome = diffannot(*arguments)
    assert outcome.status == 2
    assert outcome.output == ""
    assert one_line(outcome.errors), outcome.errors
    Project.open(Path("p.diffannot")).close()  # it is a project still


@pytest.mark.parametrize("name", ["p", "p.diffannot", "batch_v1.2"])
def test_a_project_is_called_diffannot(
    diffannot: Any, photos: Path, tmp_path: Path, name: str
) -> None:
    assert diffannot("new", tmp_path / name, "--images", photos).status == 0
    assert [path.name for path in tmp_path.glob("*.diffannot")] == [
        f"{name.removesuffix('.diffannot')}.diffannot"
    ]
    assert diffannot("accept", tmp_path / name, "--suggested").status == 0, "found by either name"


def test_what_libraries_say_is_not_passed_on(
    diffannot: Any, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 640 * 480 - 1)  # Pillow warns of a bomb
    made = diffannot("new", tmp_path / "p.diffannot", "--images", photos)
    assert (made.status, made.errors) == (0, "")


def test_a_failed_new_leaves_no_project(diffannot: Any, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text("no keypoints")
    words = ("new", tmp_path / "p.diffannot", "--images", photos)
    assert diffannot(*words, "--keypoints", tmp_path / "k.json").status == 2
    assert not (tmp_path / "p.diffannot").exists()


def test_ctrl_c_is_said_on_one_line(
    diffannot: Any, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.cli.projects.import_images", interrupted)
    stopped = diffannot("new", tmp_path / "p.diffannot", "--images", photos)
    assert stopped.status == 130
    assert one_line(stopped.errors) and "what was done is kept" in stopped.errors


def test_models_are_listed_as_json(
    diffannot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIFFANNOT_CACHE", str(tmp_path))
    listed = diffannot("models", "list", "--json")
    assert listed.status == 0
    assert {each["ready"] for each in listed.data} == {False}
    assert "models pull" in diffannot("models", "list").errors


def test_the_doctor_says_what_to_do(
    diffannot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIFFANNOT_CACHE", str(tmp_path))
    looked = diffannot("doctor", "--json")
    assert looked.status == 1
    by_name = {check["name"]: check for check in looked.data}
    weights = by_name["pose_landmark_full.tflite"]
    assert (weights["verdict"], weights["remedy"]) == ("broken", "Run diffannot models pull")
    assert by_name["body"]["verdict"] == "good"
    assert {DEFAULT_REFINER, DEFAULT_RECOMMENDER} <= by_name.keys()  # what annotates by default


@pytest.mark.skipif(sys.platform != "linux", reason="a display is always there")
def test_a_window_without_a_display_is_told_on_one_line(tmp_path: Path) -> None:
    Project.create(tmp_path / "p.diffannot").close()
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    script = "from app.cli import main; raise SystemExit(main())"
    asked = subprocess.run(
        [sys.executable, "-c", script, "review", str(tmp_path / "p.diffannot")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        env=environment,
    )
    assert (asked.returncode, asked.stdout) == (2, "")
    assert one_line(asked.stderr) and "needs a display" in asked.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["models", "list"], ["new", "--help"]])
def test_light_commands_do_not_load_torch_or_qt(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        "from app.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'PySide6', 'core.render.gl', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "torch" not in done.stderr


def test_figures_and_movies_go_by_the_ending_and_are_told_from_one_another(
    diffannot: Any, tmp_path: Path
) -> None:
    project = make_project(tmp_path)
    with Project.open(project) as opened:
        run = opened.person(2).run
        assert run is not None
        opened.decide(Accept(2, run.id, 4))
    drawn = diffannot("export", project, "--figure", "curve", "--out", tmp_path / "c.pdf")
    assert (drawn.status, drawn.output) == (0, f"1 drawn to {tmp_path / 'c.pdf'}\n")
    assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF")
    wrong = diffannot("export", project, "--format", "movie", "--out", tmp_path / "c.png")
    assert wrong.status == 2
    assert "c.png is no name of a movie. End it in .gif or .mp4" in wrong.errors
    steps = diffannot("export", project, "--steps", "0;8", "--out", tmp_path / "c.png")
    assert (steps.status, steps.errors) == (2, "diffannot: 0;8 are no steps. Say 0,8,16\n")
