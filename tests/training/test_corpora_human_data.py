from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import UnreadableInput
from core.formats.human_data_names import HUMAN_DATA
from core.formats.npz import write_npz
from core.formats.records import Failure
from training.corpora import read
from training.corpora.records import Sample

NAMES = ["S1/a.jpg", "S1/a.jpg", "S1/b.jpg"]
KEPT = [HUMAN_DATA.index(name) for name in ("left_knee", "headtop", "pelvis_extra")]


def content(**changes: Any) -> dict[str, Any]:
    """Three rows with compressed keypoints, in mmhuman3d's order of members."""
    rng = np.random.default_rng(0)
    mask = np.zeros(190, dtype=np.uint8)
    mask[KEPT] = 1
    points = rng.uniform(0, 500, (3, 3, 3))
    points[..., 2] = 1
    joints = rng.normal(size=(3, 3, 4))
    joints[..., 3] = 1
    joints[1, 2, 3] = 0
    smpl = {
        "body_pose": rng.normal(size=(3, 23, 3)), "global_orient": rng.normal(size=(3, 3)),
        "betas": rng.normal(size=(3, 10)),
    }  # fmt: skip
    made = {
        "__key_strict__": False, "__data_len__": 3, "__keypoints_compressed__": True,
        "image_path": NAMES, "bbox_xywh": np.array([[1.0, 2, 30, 40, 1]] * 3), "config": "test",
        "keypoints2d": points, "keypoints2d_mask": mask, "keypoints3d": joints,
        "keypoints3d_mask": mask, "smpl": smpl, "meta": {"gender": ["m", "f", "n"]},
    }  # fmt: skip
    return {**made, **changes}


def write(folder: Path, data: dict[str, Any], name: str = "h36m_test.npz") -> Path:
    for picture in NAMES:
        path = folder / picture
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with (folder / name).open("wb") as file:
        write_npz(file, data)
    return folder


def samples(folder: Path) -> list[Sample]:
    return [one for one in read("human_data", folder, "test") if isinstance(one, Sample)]


def test_rows_come_with_everything_that_the_file_has(tmp_path: Path) -> None:
    data = content()
    found = samples(write(tmp_path, data))
    assert [one.name for one in found] == [
        "h36m_test/S1/a.jpg/0", "h36m_test/S1/a.jpg/1", "h36m_test/S1/b.jpg/0",
    ]  # fmt: skip
    one = found[1]
    assert one.image == tmp_path / "S1/a.jpg" and one.box is not None and one.box.height == 40
    assert one.smpl is not None and one.smpl.transl is None
    np.testing.assert_array_equal(one.smpl.body_pose, data["smpl"]["body_pose"][1].astype("f4"))
    assert [one.smpl.gender for one in found if one.smpl] == ["male", "female", "neutral"]


def test_compressed_keypoints_take_their_places_among_the_190(tmp_path: Path) -> None:
    data = content()
    one = samples(write(tmp_path, data))[0]
    assert one.keypoints is not None and one.joints is not None
    np.testing.assert_allclose(one.keypoints.points[KEPT], data["keypoints2d"][0, :, :2], rtol=1e-6)
    assert one.keypoints.confidence.sum() == 3
    np.testing.assert_allclose(one.joints.points[KEPT], data["keypoints3d"][0, :, :3], rtol=1e-6)
    assert np.flatnonzero(one.joints.known).tolist() == sorted(KEPT)
    assert HUMAN_DATA[one.joints.root] == "pelvis_extra"


def test_the_camera_is_known_where_diffannot_wrote_it(tmp_path: Path) -> None:
    assert samples(write(tmp_path / "theirs", content()))[0].intrinsics is None
    misc = {"camera_focal": [900.0, 1000, 1100], "camera_centre": [[320.0, 240]] * 3}
    one = samples(write(tmp_path / "ours", content(misc=misc)))[1]
    assert one.intrinsics is not None
    np.testing.assert_array_equal(one.intrinsics, [[1000, 0, 320], [0, 1000, 240], [0, 0, 1]])


def test_the_pelvis_is_the_root_where_there_is_no_other(tmp_path: Path) -> None:
    second = samples(write(tmp_path, content()))[1]
    assert second.joints is not None and HUMAN_DATA[second.joints.root] == "pelvis"


def test_a_row_without_parameters_or_with_an_empty_box_is_told_apart(tmp_path: Path) -> None:
    data = content(has_smpl=np.array([1, 0, 1]))
    data["bbox_xywh"][2, 2] = 0
    found = list(read("human_data", write(tmp_path, data), "test"))
    assert isinstance(found[0], Sample) and found[0].smpl is not None
    assert isinstance(found[1], Sample) and found[1].smpl is None
    assert isinstance(found[2], Failure) and found[2].name == "h36m_test.npz row 2 (S1/b.jpg)"


@pytest.mark.parametrize(
    "changes",
    [
        {"keypoints3d": np.zeros((3, 5, 4))},
        {"keypoints2d": np.zeros((2, 3, 3))},
        {"keypoints2d_convention": "coco"},
        {"smpl": {"body_pose": np.zeros((3, 23, 3))}},
        {"bbox_xywh": np.zeros((1, 5))},
        {"misc": {"camera_focal": np.ones(2), "camera_centre": np.ones((2, 2))}},
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableInput, match=r"h36m_test\.npz"):
        samples(write(tmp_path, content(**changes)))


def test_missing_files_and_pictures_are_said_in_one_line(tmp_path: Path) -> None:
    folder = write(tmp_path, content())
    with pytest.raises(UnreadableInput, match=r"nothing is there\. Expected are \*_train\.npz"):
        list(read("human_data", folder, "train"))
    (folder / "S1/b.jpg").unlink()
    with pytest.raises(UnreadableInput, match=r"1 of 2 are missing.*b\.jpg"):
        samples(folder)
