from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.body import load_body
from core.camera import Camera
from core.errors import UnwritableOutput
from core.evidence import Box
from core.frontends import load_frontend
from core.jobs import Report, finish
from core.preview import HEADER, TILE, write_previews
from core.project import Project, Source


def test_a_person_with_a_body_gets_three_views_and_one_without_the_picture_alone(
    tmp_path: Path,
) -> None:
    Image.new("RGB", (320, 240), (90, 140, 90)).save(tmp_path / "field.png")
    body = load_body()
    with Project.create(tmp_path / "p.diffannot") as project:
        image = project.add_image(tmp_path / "field.png")
        first = project.add_person(image, Box(20, 20, 80, 200))
        project.add_person(image, Box(180, 20, 80, 200))
        standing = load_frontend("standing", body).annotate(
            np.zeros((240, 320, 3), dtype=np.uint8), Box(20, 20, 80, 200)
        )
        assert standing.theta1.camera == Camera.assumed(320, 240)
        project.add_theta1(first, standing.theta1, Source("standing", "", ""))
        report = finish(write_previews(project, body, tmp_path / "out"))
    names = ["00001_field.png", "00002_field.png"]
    assert report == Report(2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    placed, empty = (np.asarray(Image.open(tmp_path / "out" / name)) for name in names)
    middle = (HEADER + TILE[1] // 2, TILE[0] // 2)
    assert tuple(placed[middle]) == (90, 140, 90)
    over = placed[middle[0], middle[1] + TILE[0] + 8].astype(int)
    assert abs(over - (90, 140, 90)).max() > 40, "the body covers the middle of its box"
    assert placed.shape[1] > empty.shape[1] - 1


def test_a_picture_that_is_gone_is_named_and_its_namesake_drawn(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.diffannot") as project:
        for folder in ("left", "right"):
            (tmp_path / folder).mkdir()
            file = tmp_path / folder / "same.png"
            Image.new("RGB", (32, 24), (len(folder), 0, 0)).save(file)
            project.add_person(project.add_image(file), Box(2, 2, 20, 20))
        body = load_body()
        assert finish(write_previews(project, body, tmp_path / "both")) == Report(2)
        (tmp_path / "left" / "same.png").unlink()
        report = finish(write_previews(project, body, tmp_path / "one"))
    assert len(list((tmp_path / "both").iterdir())) == 2
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["00002_same.png"]
    assert report.done == 1
    assert report.failures[0].startswith("left/same.png person 1: The picture")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        Project.create(tmp_path / "p.diffannot") as project,
        pytest.raises(UnwritableOutput, match="cannot be made"),
    ):
        finish(write_previews(project, load_body(), tmp_path / "file" / "out"))
