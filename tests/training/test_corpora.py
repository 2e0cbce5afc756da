from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidAnnotation, UnreadableInput
from core.keypoints import CONVENTIONS
from training.corpora import CORPORA, layouts, read
from training.corpora.__main__ import main
from training.corpora.records import Layout, Sample

ROWS = [layout for name in CORPORA for layout in layouts(name).values()]


@pytest.mark.parametrize("name", CORPORA)
def test_every_split_states_order_unit_and_frame_and_where_it_lies(name: str) -> None:
    for split, layout in layouts(name).items():
        assert layout.split == split in ("train", "validation", "test")
        assert layout.expected
        if layout.joints is not None:
            assert layout.root in CONVENTIONS[layout.joints]
            assert layout.unit in (1.0, 0.001) and layout.frame == "camera"


def test_the_tables_are_those_of_the_data_sets() -> None:
    found = {(row.corpus, row.split): (row.joints, row.unit, row.keypoints) for row in ROWS}
    assert found["3DPW", "test"] == ("smpl_24", 1.0, "pw3d")
    assert found["MPI-INF-3DHP", "train"] == ("mpi_inf_3dhp", 0.001, "mpi_inf_3dhp")
    assert found["MPI-INF-3DHP", "test"] == ("mpi_inf_3dhp_test", 0.001, "mpi_inf_3dhp_test")
    assert found["Halpe", "train"] == (None, 1.0, "halpe")
    assert found["COCO", "validation"] == (None, 1.0, "coco")
    sizes = {"pw3d": 18, "smpl_24": 24, "mpi_inf_3dhp": 28, "mpi_inf_3dhp_test": 17, "halpe": 136}
    assert {name: len(CONVENTIONS[name]) for name in sizes} == sizes


def test_a_table_of_unknown_names_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no convention"):
        Layout("x", "train", "files", keypoints="coco_18")
    with pytest.raises(ValueError, match="no joint"):
        Layout("x", "train", "files", joints="smpl_24", root="pelvis_extra")


def test_points_that_are_not_as_many_as_the_table_says_are_refused() -> None:
    layout = Layout("x", "train", "f", "coco", "smpl_24", "pelvis", 0.001, "camera", 0.5)
    with pytest.raises(InvalidAnnotation, match=r"\(18, 2\)"):
        layout.keypoints2d(np.zeros((18, 2)), np.zeros(18))
    with pytest.raises(InvalidAnnotation, match="smpl_24"):
        layout.joints3d(np.zeros((17, 3)))
    joints = layout.joints3d(np.full((24, 3), 500.0), [1] * 23 + [0])
    assert joints.points[0].tolist() == [0.5, 0.5, 0.5]
    assert joints.known.tolist() == [True] * 23 + [False]
    assert layout.keypoints2d(np.ones((17, 2)), np.ones(17)).points[0].tolist() == [1.5, 1.5]


def test_joints_that_are_no_numbers_are_not_known() -> None:
    layout = Layout("x", "test", "files", joints="smpl_24", root="pelvis", frame="camera")
    points = np.zeros((24, 3))
    points[5, 1] = np.nan
    joints = layout.joints3d(points)
    assert not joints.known[5] and joints.known.sum() == 23
    assert np.isfinite(joints.points).all()


@pytest.mark.parametrize("name", CORPORA)
def test_a_missing_data_set_gives_one_line_with_what_is_expected(name: str, tmp_path: Path) -> None:
    for split, layout in layouts(name).items():
        with pytest.raises(UnreadableInput) as caught:
            list(read(name, tmp_path / "nowhere", split))
        assert str(tmp_path) in str(caught.value) and layout.expected in str(caught.value)
        assert "\n" not in str(caught.value)


def test_unknown_corpora_and_splits_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="Known: coco, halpe"):
        list(read("lspet", tmp_path, "train"))
    with pytest.raises(UnreadableInput, match="It has train, test"):
        list(read("mpi_inf_3dhp", tmp_path, "validation"))


def test_frames_of_motion_are_samples_without_a_picture(tmp_path: Path) -> None:
    poses = np.zeros((2, 72))
    poses[1, 5] = 0.25
    np.savez(tmp_path / "walk.npz", poses=poses, mocap_framerate=30)
    split = "validation" if list(read("mocap", tmp_path, "validation")) else "train"
    found = list(read("mocap", tmp_path, split))
    assert len(found) == 2 and isinstance(found[1], Sample)
    assert found[1].image is None and found[1].smpl is not None
    assert found[1].smpl.body_pose[0, 2] == 0.25
    assert found[1].smpl.frame == "world" and found[1].name.endswith("walk/00001")


def test_the_command_counts_a_data_set_or_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = tmp_path / "s1"
    subject.mkdir()
    np.savez(subject / "walk.npz", poses=np.zeros((3, 72)), mocap_framerate=30)
    assert main(["mocap", str(tmp_path), "--split", "train"]) == 0
    out = capsys.readouterr().out
    assert "3 people, 0 broken" in out and "3 with smpl" in out and "0 with joints" in out
    assert main(["halpe", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
