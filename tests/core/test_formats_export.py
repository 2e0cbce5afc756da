import csv
import errno
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import trimesh
from project_kit import parameters, picture
from round_trips import FIELDS, READ_BACK, carried, project_in, truth

from core.body import BodyModel, load_body
from core.errors import Cancelled, UnreadableInput, UnwritableOutput
from core.evidence import Box
from core.formats import journal
from core.formats.entries import Chosen, Splits
from core.jobs import finish
from core.jobs.exporting import Pictures, export
from core.progress import CancelToken
from core.project import AcceptTheta1, Project, Remark, Source, Tag

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with project_in(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", READ_BACK)
def test_what_a_format_carries_is_what_the_docs_say(
    name: str, tmp_path: Path, body: BodyModel
) -> None:
    said = carried(tmp_path, name, body)
    marks = " | ".join("yes" if said[field] else "no" for field in FIELDS)
    assert f"| {name} | {marks} |" in DOCS.read_text().splitlines()
    assert said["pose"]


@pytest.mark.parametrize("name", ["humandata", "spin", "smpl", "3dpw", "amass"])
def test_an_npz_is_read_by_numpy_of_any_age(
    name: str, project: Project, tmp_path: Path, body: BodyModel
) -> None:
    finish(export(project, tmp_path / "out", name, body=body))
    out = tmp_path / "out"
    for path in [out] if out.is_file() else out.glob("*.npz"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                data = archive.read(member)
                assert b"numpy._core" not in data
                if name != "humandata":  # its dictionaries are pickled, as HumanData's own are
                    assert b"'descr': '|O'" not in data[:200]


def test_a_long_export_is_called_off_and_leaves_the_old_file(
    project: Project, tmp_path: Path, body: BodyModel
) -> None:
    out, cancel = tmp_path / "out.npz", CancelToken()
    out.write_bytes(b"the old one")
    with pytest.raises(Cancelled):
        for progress in export(project, out, "humandata", body=body, cancel=cancel):
            if progress.message.startswith("writing"):  # all persons are read
                cancel.cancel()
    assert out.read_bytes() == b"the old one"
    assert not list(tmp_path.glob(".*"))


def test_every_export_has_its_provenance_and_a_card(
    project: Project, tmp_path: Path, body: BodyModel
) -> None:
    finish(export(project, tmp_path / "set.json", "coco", body=body, licence="CC0"))
    lines = (tmp_path / "set.json.provenance.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    assert len(lines) == 3
    assert (first["image"], first["frontend"], first["step"]) == ("0.png", "x", 0)
    assert first["decided_by"] and first["decided_at"] and first["journal_head"] == 3
    card = json.loads((tmp_path / "set.json.card.json").read_text())
    facts = card["diffannot"]
    assert card["license"] == "CC0" and card["conformsTo"].endswith("/croissant/1.0")
    assert (facts["persons"], facts["images"], facts["tracks"]) == (3, 3, 1)
    assert len(card["distribution"][0]["sha256"]) == 64
    page = (tmp_path / "set.json.card.md").read_text()
    assert (
        "| licence of the pictures | CC0 |" in page
        and "| persons, images, tracks | 3, 3, 1 |" in page
    )


def test_splits_are_dealt_by_seed_and_keep_tracks_together() -> None:
    names = [f"{number}.png" for number in range(1000)]
    deal = Splits({"train": 8, "test": 2})
    dealt = [deal.of(name, None) for name in names]
    assert 740 < dealt.count("train") < 860
    assert dealt == [Splits({"train": 8, "test": 2}).of(name, None) for name in names]
    assert dealt != [Splits({"train": 8, "test": 2}, seed=1).of(name, None) for name in names]
    together = Splits({"train": 1, "test": 1}, by="track")
    assert len({together.of(name, "walk") for name in names}) == 1
    assert len({together.of(name, None) for name in names}) == 2


def test_each_split_is_a_file_of_its_own(project: Project, tmp_path: Path, body: BodyModel) -> None:
    chosen = Chosen(splits=Splits({"train": 1, "test": 1}, by="track"))
    report = finish(export(project, tmp_path / "set.jsonl", "jsonl", chosen, body))
    parts = {path.stem: path.read_text().splitlines() for path in tmp_path.glob("set_*.jsonl")}
    assert report.done == sum(map(len, parts.values())) == 3
    lines = [json.loads(line) for part in parts.values() for line in part]
    assert len({line["split"] for line in lines if line["track"] == "t"}) == 1
    assert all(f"set_{line['split']}" in parts for line in lines)


def test_only_the_tagged_are_exported(project: Project, tmp_path: Path, body: BodyModel) -> None:
    project.decide(Tag(2, ("good",)))
    finish(export(project, tmp_path / "x.jsonl", "jsonl", Chosen(tags=("good",)), body))
    (line,) = (tmp_path / "x.jsonl").read_text().splitlines()
    assert json.loads(line)["number"] == 1 and json.loads(line)["image"] == "1.png"


def test_copied_pictures_are_named_and_changed_ones_fail(
    project: Project, tmp_path: Path, body: BodyModel
) -> None:
    picture(tmp_path / "1.png", colour=99)
    out = tmp_path / "x.jsonl"
    report = finish(export(project, out, "jsonl", body=body, pictures=Pictures.COPY))
    assert report.done == 2 and len(report.failures) == 1 and "changed" in report.failures[0]
    named = [json.loads(line)["image"] for line in out.read_text().splitlines()]
    assert named == ["x_pictures/0.png", "x_pictures/2.png"]
    for name in named:
        assert (tmp_path / name).read_bytes() == (tmp_path / Path(name).name).read_bytes()


def test_pictures_of_one_name_are_kept_apart_and_may_be_links(
    tmp_path: Path, body: BodyModel
) -> None:
    with Project.create(tmp_path / "p.diffannot") as project:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            image = project.add_image(picture(tmp_path / folder / "1.png", ord(folder)))
            person = project.add_person(image, Box(0, 0, 50, 50))
            project.decide(
                AcceptTheta1(person, project.add_theta1(person, parameters(), Source("x")))
            )
        finish(export(project, tmp_path / "x.jsonl", "jsonl", body=body, pictures=Pictures.LINK))
        finish(export(project, tmp_path / "out", "amass", body=body))
    one, other = sorted((tmp_path / "x_pictures").rglob("1.png"), key=lambda path: len(path.parts))
    assert {path.name for path in (tmp_path / "out").glob("*.npz")} == {"1_1.npz", "1_1_.npz"}
    assert one.samefile(tmp_path / "a" / "1.png") and other.samefile(tmp_path / "b" / "1.png")


def test_a_spreadsheet_runs_nothing(project: Project, tmp_path: Path, body: BodyModel) -> None:
    project.decide(Remark(1, '=HYPERLINK("http://x")'))
    finish(export(project, tmp_path / "x.csv", "csv", body=body))
    rows = list(csv.DictReader((tmp_path / "x.csv").open()))
    assert [row["image"] for row in rows] == ["0.png", "1.png", "2.png"]
    assert rows[0]["remark"].startswith("'=")
    boxes = [[float(row[f"box_{name}"]) for name in vars(Box(0, 0, 1, 1))] for row in rows]
    assert boxes == [[40.5 + number, 30, 100, 220.25] for number in range(3)]


def test_a_journal_comes_back_as_it_was(project: Project, tmp_path: Path) -> None:
    finish(export(project, tmp_path / "j.jsonl", "journal"))
    before, after = project.journal(), journal.read(tmp_path / "j.jsonl")
    assert [each.to_json_line() for each in after] == [each.to_json_line() for each in before]
    assert len(after) == 3


@pytest.mark.parametrize("name,suffix", [("gltf", "glb"), ("obj", "obj"), ("ply", "ply")])
def test_meshes_stand_upright_before_the_camera(
    name: str, suffix: str, project: Project, tmp_path: Path, body: BodyModel
) -> None:
    finish(export(project, tmp_path / "meshes", name, body=body))
    mesh = trimesh.load(tmp_path / "meshes" / f"0_1.{suffix}", force="mesh", process=False)
    assert len(mesh.faces) == len(body.faces)
    expected = body.pose(truth(0))[0] * [1, -1, -1]
    np.testing.assert_allclose(mesh.vertices, expected, rtol=0, atol=1e-6)
    assert mesh.vertices[:, 2].max() < 0


def test_a_folder_of_somebody_else_is_left_alone(
    project: Project, tmp_path: Path, body: BodyModel
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UnwritableOutput, match="no export"):
        finish(export(project, tmp_path / "mine", "amass", body=body))
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    finish(export(project, tmp_path / "new", "amass", body=body))
    finish(export(project, tmp_path / "new", "amass", body=body))
    assert sorted(path.name for path in (tmp_path / "new").glob("*.npz")) == ["2_1.npz", "t.npz"]
    assert not list(tmp_path.glob(".new*"))


@pytest.mark.parametrize("name", ["amass", "smplcodec", "3dpw"])
def test_a_full_disk_leaves_the_old_folder(
    name: str, project: Project, tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(export(project, tmp_path / "out", name, body=body))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    written = []

    def full(file: IO[bytes], columns: object) -> None:
        written.append(file.write(b"a part"))
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    module = {"3dpw": "pw3d"}.get(name, name)
    monkeypatch.setattr(f"core.formats.{module}_writer.write_npz", full)
    with pytest.raises(UnwritableOutput, match="No space"):
        finish(export(project, tmp_path / "out", name, body=body))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert not list(tmp_path.glob(".out*"))


def test_an_unknown_format_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no format x"):
        finish(export(project, tmp_path / "x", "x"))
