"""Pictures and people added many at a time: the same people as one by one, and as before."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from project_kit import parameters, picture

from core import images
from core.errors import ProjectError
from core.evidence import Box, Keypoints2D
from core.images import image_size
from core.project import Found, Joining, Picture, Project, Remove, Source

A, NEAR_A, B, ELSEWHERE = (
    Box(0, 0, 100, 100),
    Box(20, 0, 100, 100),
    Box(40, 0, 100, 100),
    Box(300, 0, 100, 100),
)
"""NEAR_A shares two thirds with A and with B; A and B share three sevenths."""
SOURCE = Source("file")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.create(tmp_path / "p.diffannot")
    made.add_image(picture(tmp_path / "a.png"))
    return made


def points(value: float) -> Keypoints2D:
    return Keypoints2D("coco", np.full((17, 2), value), np.ones(17))


def test_a_row_goes_to_whom_it_overlaps_and_its_person_keeps_the_box(project: Project) -> None:
    known = project.add_person(1, A)
    rows = [Found(1, NEAR_A, points(5), None, parameters(0.1)), Found(1, ELSEWHERE)]
    ids = project.add_people(rows, SOURCE, Joining())
    assert ids == [known, 2]
    person = project.person(known)
    assert person.evidence.box == A
    assert person.evidence.keypoints is not None and person.theta1 is not None
    assert len(project.rows()) == 2
    before = project.rows()
    assert project.add_people(rows, SOURCE, Joining()) == ids
    assert project.rows() == before


def test_two_rows_of_a_file_are_never_one_person(project: Project) -> None:
    known = project.add_person(1, A)
    joining = Joining()
    assert project.add_people([Found(1, NEAR_A), Found(1, A)], SOURCE, joining) == [2, known]
    # nor in the next write of the same file
    assert project.add_people([Found(1, B)], SOURCE, joining) == [3]


def test_the_most_alike_are_joined_whatever_their_order(project: Project) -> None:
    first, second = project.add_person(1, A), project.add_person(1, ELSEWHERE)
    close, closer = replace(A, x=30), replace(A, x=10)
    ids = project.add_people([Found(1, close), Found(1, closer)], SOURCE, Joining())
    assert ids == [3, first]
    beside = replace(ELSEWHERE, x=310)
    assert project.add_people([Found(1, beside)], SOURCE, Joining()) == [second]


def test_who_was_removed_is_joined_by_the_same_box_only(project: Project) -> None:
    gone = project.add_person(1, A)
    project.decide(Remove(gone))
    assert project.add_people([Found(1, A)], SOURCE, Joining()) == [gone]
    assert project.add_people([Found(1, NEAR_A)], SOURCE, Joining()) == [2]


def test_rows_of_one_box_are_one_person_and_the_last_counts(project: Project) -> None:
    rows = [Found(1, A, points(1), "t", parameters(0.1)), Found(1, A, points(2))]
    assert project.add_people(rows, SOURCE) == [1, 1]
    person = project.person(1)
    assert person.track == "t" and person.theta1 is not None
    assert person.evidence.keypoints is not None
    assert person.evidence.keypoints.points[0, 0] == 2


def test_a_picture_that_is_not_there_adds_nobody(project: Project) -> None:
    with pytest.raises(ProjectError, match="no image 9"):
        project.add_people([Found(1, A), Found(9, A)], SOURCE)
    assert project.rows() == []


def test_pictures_are_found_moved_and_added_in_one_write(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.png").rename(tmp_path / "moved.png")
    twin = picture(tmp_path / "twin.png")  # the same content at another place
    new = picture(tmp_path / "new.png", 99)
    paths = [tmp_path / "moved.png", twin, new, new]
    assert project.add_pictures([Picture.of(path) for path in paths]) == [1, 2, 3, 3]
    assert [row.path for row in project.images()] == ["moved.png", "twin.png", "new.png"]


@pytest.mark.parametrize("behind", [False, True])
def test_a_turned_png_is_told_without_unfolding_it(
    behind: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(tmp_path / "plain.png")
    body = b"eXIf" + exif.tobytes().removeprefix(b"Exif\x00\x00")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    data = (tmp_path / "plain.png").read_bytes()
    at = data.index(b"IEND" if behind else b"IDAT") - 4
    (tmp_path / "a.png").write_bytes(data[:at] + chunk + data[at:])
    assert image_size(tmp_path / "a.png") == (30, 40)
    if not behind:
        monkeypatch.setattr(images.Image.Image, "load", None)
        monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
        assert image_size(tmp_path / "a.png") == (30, 40)
        assert image_size(tmp_path / "plain.png") == (40, 30)
