import io
import pickle
import struct
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.body import load_body
from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Evidence
from core.formats.records import Failure
from core.pose import Parameters
from training.corpora import read
from training.corpora.records import Sample

FRAMES, PEOPLE = 4, 2
FOCAL = 1000.0


class Python2Pickler(pickle._Pickler):
    """Writes text and the bytes of arrays as Python 2 did, whose pickles 3DPW's files are."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_text(self, value: str | bytes) -> None:
        data = value.encode("latin1") if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_text


def of_python_2(value: Any) -> bytes:
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    return file.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def sequence(seed: int = 0) -> dict[str, Any]:
    """A sequence file as 3DPW writes it: two people in the world, seen by a moving camera."""
    rng = np.random.default_rng(seed)
    body = load_body()
    poses = [rng.normal(0, 0.4, (FRAMES, 72)) for _ in range(PEOPLE)]
    betas = [rng.normal(size=n) for n in (10, 300)]  # some files hold more than ten
    trans = [rng.normal(0, 1, (FRAMES, 3)) for _ in range(PEOPLE)]
    positions = []
    for pose, beta, move in zip(poses, betas, trans, strict=True):
        theta = parameters(pose.reshape(-1, 24, 3), beta[:10], move)
        positions.append(body.pose(theta)[1][:, :24].reshape(FRAMES, 72).astype(np.float64))
    cameras = np.tile(np.eye(4), (FRAMES, 1, 1))
    cameras[:, :3, :3] = Rotation.random(FRAMES, rng).as_matrix()
    cameras[:, :3, 3] = rng.normal([0, 0, 6], 0.1, (FRAMES, 3))
    points = [rng.uniform(200, 800, (FRAMES, 3, 18)) for _ in range(PEOPLE)]
    for person in points:
        person[:, 2] = 0.9
    return {
        "sequence": "street_00", "genders": ["m", "f"], "poses": poses, "betas": betas,
        "trans": trans, "jointPositions": positions, "poses2d": points, "cam_poses": cameras,
        "cam_intrinsics": np.array([[FOCAL, 0, 540], [0, FOCAL, 960], [0, 0, 1.0]]),
        "campose_valid": [np.ones(FRAMES, dtype=np.uint16) for _ in range(PEOPLE)],
        "img_frame_ids": np.arange(FRAMES) * 2, "texture_maps": [], "betas_clothed": betas,
        "poses_60Hz": [np.zeros((2 * FRAMES, 72))] * PEOPLE,
    }  # fmt: skip


def parameters(pose: np.ndarray, betas: np.ndarray, transl: np.ndarray) -> Parameters:
    shape = np.tile(betas, (len(pose), 1))
    return Parameters(pose[:, 0], pose[:, 1:], shape, transl, Camera(FOCAL, 540, 960, 1080, 1920))


def write(folder: Path, data: dict[str, Any], split: str = "test", pictures: int = FRAMES) -> Path:
    place = folder / "sequenceFiles" / split
    place.mkdir(parents=True)
    (place / "street_00.pkl").write_bytes(of_python_2(data))
    images = folder / "imageFiles" / "street_00"
    images.mkdir(parents=True)
    for number in range(pictures):
        (images / f"image_{number:05}.jpg").touch()
    return folder


def samples(folder: Path, split: str = "test") -> list[Sample]:
    found = list(read("pw3d", folder, split))
    return [one for one in found if not isinstance(one, Failure)]


def test_a_body_posed_by_what_is_read_stands_where_the_camera_sees_it(tmp_path: Path) -> None:
    body = load_body()
    found = samples(write(tmp_path, sequence()))
    assert len(found) == PEOPLE * FRAMES
    for one in found:
        assert one.smpl is not None and one.smpl.betas is not None and one.joints is not None
        assert one.smpl.transl is not None and one.smpl.frame == one.joints.frame == "camera"
        pose = np.concatenate([one.smpl.global_orient[None], one.smpl.body_pose])
        posed = body.pose(parameters(pose[None], one.smpl.betas, one.smpl.transl[None]))[1][0, :24]
        np.testing.assert_allclose(posed, one.joints.points, atol=1e-5)


def test_the_camera_moves_the_joints_of_its_own_frame(tmp_path: Path) -> None:
    data = sequence()
    found = samples(write(tmp_path, data))
    one = found[FRAMES + 2]  # the second person's third frame
    assert one.name == "street_00/1/00002" and one.image is not None
    assert one.image.name == "image_00002.jpg"
    world = np.append(data["jointPositions"][1][2].reshape(24, 3)[5], 1)
    assert one.joints is not None and one.smpl is not None and one.intrinsics is not None
    np.testing.assert_allclose(
        one.joints.points[5], (data["cam_poses"][2] @ world)[:3], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(one.joints.centred[0], 0)
    assert (one.smpl.gender, one.joints.convention) == ("female", "smpl_24")
    assert one.intrinsics[0, 0] == FOCAL


def test_frames_without_a_camera_or_any_point_are_left_out(tmp_path: Path) -> None:
    data = sequence()
    data["campose_valid"][0][1] = 0
    data["cam_poses"][1] = 0  # no rotation; the other person's frame must not need it
    data["campose_valid"][1][1] = 0
    data["poses2d"][1][3] = 0
    names = [one.name for one in samples(write(tmp_path, data))]
    assert names == [f"street_00/{who}/{n:05}" for who, n in
                     [(0, 0), (0, 2), (0, 3), (1, 0), (1, 2)]]  # fmt: skip


def test_the_box_holds_the_points_that_were_found_and_a_fifth_more(tmp_path: Path) -> None:
    data = sequence()
    data["poses2d"][0][0] = 0
    data["poses2d"][0][0][:, :2] = np.array([[100, 200, 0.8], [300, 250, 0.8]]).T
    one = samples(write(tmp_path, data))[0]
    assert one.box is not None and one.keypoints is not None
    assert (one.box.x, one.box.y) == pytest.approx((80, 195))
    assert (one.box.width, one.box.height) == pytest.approx((240, 60))
    assert Evidence(one.box, one.keypoints).padded
    np.testing.assert_array_equal(one.keypoints.points[1], [300, 250])
    assert one.keypoints.confidence[2:].max() == 0


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("no folder", "there is no such folder"),
        ("no sequences", "there is no sequenceFiles/test"),
        ("no images", "1 of 1 are missing"),
        ("half the images", "2 of 4 are missing, the first is .*image_00002"),
    ],
)
def test_what_is_missing_is_said_in_one_line(tmp_path: Path, broken: str, says: str) -> None:
    folder = tmp_path / "3dpw"
    if broken == "no sequences":
        folder.mkdir()
    elif broken == "no images":
        write(folder, sequence(), pictures=0)
        (folder / "imageFiles" / "street_00").rmdir()
    elif broken == "half the images":
        write(folder, sequence(), pictures=2)
    with pytest.raises(UnreadableInput, match=says) as caught:
        samples(folder)
    assert "Expected are sequenceFiles/test/" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["cut", "no poses", "short", "gender", "not a dictionary"])
def test_torn_and_foreign_pickles_are_refused(tmp_path: Path, fault: str) -> None:
    data: Any = sequence()
    if fault == "no poses":
        del data["poses"]
    elif fault == "short":
        data["trans"][0] = data["trans"][0][:2]
    elif fault == "gender":
        data["genders"] = ["m", "x"]
    elif fault == "not a dictionary":
        data = [1, 2]
    folder = write(tmp_path, data)
    path = folder / "sequenceFiles/test/street_00.pkl"
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(UnreadableInput, match=r"street_00\.pkl"):
        samples(folder)
