"""What holds for every format: one small file each, written as its own tools write it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from format_samples import BETAS, POSE, SAMPLES, pictures

from core.body import BodyModel, load_body
from core.errors import Cancelled
from core.formats import READERS, reader_for
from core.formats.records import Failure, Record
from core.jobs import finish, importing
from core.jobs.importing import import_file
from core.progress import CancelToken
from core.project import Project

EVERY = pytest.mark.parametrize("sample", SAMPLES)

POINTS_ONLY = {
    *("coco", "coco-wholebody", "halpe", "crowdpose", "openpose", "mpi-inf-3dhp"),
    *("mpi-inf-3dhp test", "cvat", "label-studio"),
}
"""Samples without SMPL."""
HANDLESS = {"humandata of smplx", "amass"}
ONE_SHAPE = {"3dpw", "3dpw npz", "amass", "smplcodec"}
SHAPELESS = {"humandata of smplx", "bev"}
UPRIGHT = {"amass": [[1, 0, 0], [0, 0, -1], [0, 1, 0]], "smplcodec": np.diag([1, -1, -1])}
"""How the formats that turn bodies upright are turned to the camera."""


def written(sample: str, folder: Path) -> Path:
    pictures(folder)
    return SAMPLES[sample][1](folder)


def images(sample: str, folder: Path) -> Path | None:
    return folder if sample == "phalp tracks" else None


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@EVERY
def test_a_file_is_recognised_by_its_content_and_read_whole(sample: str, tmp_path: Path) -> None:
    path = written(sample, tmp_path)
    name, read = reader_for(path)
    assert name == SAMPLES[sample][0]
    items = list(read(images(sample, tmp_path)))
    assert not [each for each in items if isinstance(each, Failure)]
    found = [each for each in items if isinstance(each, Record)]
    assert len(found) == 2
    assert all(each.image.is_file() for each in found)
    for row, record in enumerate(found):
        if sample in POINTS_ONLY:
            assert record.theta1 is None and record.keypoints is not None
        else:
            check(sample, record, row)


def check(sample: str, record: Record, row: int) -> None:
    theta1 = record.theta1
    assert theta1 is not None
    hands = 21 if sample in HANDLESS else 23
    np.testing.assert_allclose(theta1.body_pose[:hands], POSE[row, 1 : 1 + hands], atol=1e-6)
    assert not theta1.body_pose[hands:].any()
    betas = BETAS[0 if sample in ONE_SHAPE else row]
    np.testing.assert_allclose(theta1.betas, 0 * betas if sample in SHAPELESS else betas, atol=1e-6)
    from scipy.spatial.transform import Rotation

    expected = Rotation.from_rotvec(POSE[row, 0])
    if sample in UPRIGHT:
        expected = Rotation.from_matrix(UPRIGHT[sample]) * expected
    off = expected.inv() * Rotation.from_rotvec(theta1.global_orient)
    assert off.magnitude() < 1e-6


@EVERY
def test_a_second_import_changes_nothing(sample: str, tmp_path: Path, body: BodyModel) -> None:
    path = written(sample, tmp_path)
    with Project.create(tmp_path / "p.diffannot") as project:
        first = finish(import_file(project, path, None, images(sample, tmp_path), body))
        assert (first.done, first.failures) == (2, ())
        rows = project.rows()
        assert len(rows) == 2 and all(row.has_theta1 == (sample not in POINTS_ONLY) for row in rows)
        before = [project.person(row.id).theta1_id for row in rows]
        shutil.copy(project.path, tmp_path / "before")
        assert finish(import_file(project, path, None, images(sample, tmp_path), body)).done == 2
        assert project.rows() == rows
        assert [project.person(row.id).theta1_id for row in rows] == before


def test_an_import_that_is_called_off_leaves_whole_persons_and_goes_on_later(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 1)
    path, cancel = written("humandata", tmp_path), CancelToken()
    with Project.create(tmp_path / "p.diffannot") as project:
        with pytest.raises(Cancelled):
            for _ in import_file(project, path, body=body, cancel=cancel):
                cancel.cancel()  # it is at the first person
        (row,) = project.rows()
        assert row.has_theta1 and row.name.startswith("a.png")
        finish(import_file(project, path, body=body))
        assert len(project.rows()) == 2


def test_every_reader_has_a_sample() -> None:
    assert {name for name, _ in SAMPLES.values()} == set(READERS)
