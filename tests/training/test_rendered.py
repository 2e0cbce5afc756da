from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.camera import Camera
from core.contract.people import body
from core.keypoints import body_points
from core.pose import JOINTS, Parameters
from training.corpora import read
from training.corpora.mocap import Take
from training.corpora.records import Sample
from training.rendered import main, render, visible


def takes() -> list[Take]:
    poses = np.random.default_rng(0).normal(0, 0.15, (6, 24, 3)).astype(np.float32)
    return [Take("a/walk", "anna", poses[:3]), Take("b/run", "bert", poses[3:])]


def rendered(folder: Path, count: int = 3, seed: int = 0, scattered: bool = False) -> list[Sample]:
    progress = list(render(takes(), "test", count, seed, body(), folder, scattered))
    assert [(one.done, one.total) for one in progress] == [(n + 1, count) for n in range(count)]
    return [one for one in read("human_data", folder, "test") if isinstance(one, Sample)]


def test_what_is_written_is_read_as_one_person_who_is_where_the_camera_sees_them(
    tmp_path: Path,
) -> None:
    found = rendered(tmp_path)
    assert len(found) == 3
    for one in found:
        assert one.smpl is not None and one.smpl.betas is not None and one.smpl.transl is not None
        assert one.intrinsics is not None and one.keypoints is not None and one.joints is not None
        focal, cx, cy = one.intrinsics[[0, 0, 1], [0, 2, 2]].tolist()
        camera = Camera(focal, cx, cy, 400, 500)
        theta = Parameters(
            one.smpl.global_orient, one.smpl.body_pose, one.smpl.betas, one.smpl.transl, camera
        )
        vertices, points = body().pose(theta)
        seen = one.keypoints.confidence > 0
        assert 6 < seen.sum() <= 17
        index = body_points("human_data")
        pixels = camera.project(points[index])
        np.testing.assert_allclose(one.keypoints.points[seen], pixels[seen], atol=0.01)
        known = one.joints.known & (index >= 0)
        assert known.sum() >= len(JOINTS)
        np.testing.assert_allclose(one.joints.points[known], points[index[known]], atol=1e-5)
        outline = camera.project(vertices)
        assert one.box is not None
        assert one.box.x < outline[:, 0].min() < one.box.x + 0.1 * one.box.side
        assert one.box.y + one.box.height > outline[:, 1].max()


def test_pictures_lie_by_take_so_that_names_tell_it(tmp_path: Path) -> None:
    names = {one.name.rsplit("/", 2)[0] for one in rendered(tmp_path, count=6)}
    assert names == {"rendered_test/test/a_walk", "rendered_test/test/b_run"}


def test_the_same_seed_gives_the_same_bytes_and_another_other_people(tmp_path: Path) -> None:
    def files(name: str, seed: int) -> dict[str, bytes]:
        folder = tmp_path / name
        folder.mkdir()
        rendered(folder, 2, seed)
        return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    assert files("once", 0) == files("again", 0)
    assert files("once more", 0) != files("other", 1)


def test_scattered_people_are_any_way_round_with_limbs_of_other_moments(tmp_path: Path) -> None:
    def heads(scattered: bool) -> list[float]:
        folder = tmp_path / str(scattered)
        folder.mkdir()
        smpls = [one.smpl for one in rendered(folder, 8, 0, scattered)]
        return [float(Rotation.from_rotvec(one.global_orient).apply([0, 1, 0])[1])
                for one in smpls if one is not None]  # fmt: skip

    def whole(folder: Path) -> int:
        known = np.concatenate([take.poses[:, 1:] for take in takes()])
        smpls = [one.smpl for one in read("human_data", folder, "test") if isinstance(one, Sample)]
        return sum(bool(np.isclose(known, one.body_pose, atol=1e-5).all((1, 2)).any())
                   for one in smpls if one is not None)  # fmt: skip

    # y points down in the camera frame: who is upright has their head at -1
    assert max(heads(False)) < -0.8
    assert max(heads(True)) > 0
    assert whole(tmp_path / "False") == 8 > whole(tmp_path / "True")


def test_points_behind_more_body_than_allowed_are_out_of_sight() -> None:
    wall = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2]], dtype=float)
    points = np.array([[0, 0, 2.1], [0, 0, 2.2], [0, 0, 1.9], [5, 0, 9]], dtype=float)
    camera = Camera(100, 50, 50, 100, 100)
    for faces in ([[0, 1, 2]], [[2, 1, 0]]):
        seen = visible(points, wall, np.array(faces, np.int32), camera, np.full(4, 0.15))
        assert seen.tolist() == [True, False, True, True]


def test_missing_motion_capture_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--mocap", str(tmp_path), "--count", "1", "--out", str(tmp_path / "out")]
    assert main(asked) == 2
    assert capsys.readouterr().err.count("\n") == 1
