import io
import struct
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from core.errors import UnreadableInput
from core.evidence import Evidence
from core.formats import matlab
from core.formats.records import Failure
from core.keypoints import MPI_INF_3DHP, MPI_INF_3DHP_TEST
from training.corpora import layouts, mpi_inf_3dhp, read
from training.corpora.records import Sample

CAMERAS = 14


def samples(folder: Path, split: str) -> list[Sample]:
    return [one for one in read("mpi_inf_3dhp", folder, split) if not isinstance(one, Failure)]


def write_train(folder: Path, frames: int = 3, stills: bool = False) -> Path:
    """All sixteen sequences: `annot2`, `annot3` as cells of tables (frames, 28 * 2 or 3)."""
    rng = np.random.default_rng(0)
    cells = {name: np.empty((CAMERAS, 1), dtype=object) for name in ("annot2", "annot3")}
    for camera in range(CAMERAS):
        cells["annot2"][camera, 0] = rng.uniform(0, 2047, (frames, 56))
        cells["annot3"][camera, 0] = rng.normal(0, 900, (frames, 84))
    held = io.BytesIO()
    others = {"cameras": np.arange(CAMERAS), "frames": np.arange(frames)}
    scipy.io.savemat(held, {**cells, **others}, do_compression=True)
    for who in range(1, 9):
        for take in (1, 2):
            sequence = folder / f"S{who}" / f"Seq{take}"
            (sequence / "imageSequence").mkdir(parents=True)
            (sequence / "annot.mat").write_bytes(held.getvalue())
            for camera in range(CAMERAS):
                if stills:
                    place = sequence / "imageFrames" / f"video_{camera}"
                    place.mkdir(parents=True)
                    for frame in range(frames):
                        (place / f"frame_{frame + 1:06}.jpg").touch()
                else:
                    (sequence / "imageSequence" / f"video_{camera}.avi").touch()
    return folder


def write_test(folder: Path, frames: int = 4) -> Path:
    """All six sequences: HDF5 with axes reversed, one person."""
    rng = np.random.default_rng(1)
    for number in range(1, 7):
        sequence = folder / "mpi_inf_3dhp_test_set" / f"TS{number}"
        (sequence / "imageSequence").mkdir(parents=True)
        for frame in range(frames):
            (sequence / "imageSequence" / f"img_{frame + 1:06}.jpg").touch()
        with h5py.File(sequence / "annot_data.mat", "w") as file:
            file["annot2"] = rng.uniform(0, 1000, (frames, 1, 17, 2))
            file["univ_annot3"] = rng.normal(0, 900, (frames, 1, 17, 3))
            file["annot3"] = np.zeros((frames, 1, 17, 3))
            file["valid_frame"] = np.array([[1]] * (frames - 1) + [[0]], dtype=np.uint8)
    return folder


def edit(folder: Path, number: int, name: str, values: np.ndarray) -> None:
    path = folder / "mpi_inf_3dhp_test_set" / f"TS{number}" / "annot_data.mat"
    with h5py.File(path, "a") as file:
        del file[name]
        file[name] = values


def test_every_tenth_frame_of_eight_cameras_is_read(tmp_path: Path) -> None:
    folder = write_train(tmp_path)
    found = samples(folder, "train")
    assert len(found) == -(-16 * 8 * 3 // 10)
    names = [one.name for one in found]
    assert names[:4] == ["S1/Seq1/0/000000", "S1/Seq1/4/000001", "S1/Seq1/7/000002",
                         "S1/Seq2/2/000000"]  # fmt: skip
    assert not any("/3/" in name or "/9/" in name for name in names)
    assert found[1].image == folder / "S1/Seq1/imageSequence/video_4.avi"
    assert found[1].video_frame == 1


def test_millimetres_become_metres_around_the_pelvis(tmp_path: Path) -> None:
    folder = write_train(tmp_path)
    raw = scipy.io.loadmat(folder / "S1/Seq1/annot.mat")
    one = samples(folder, "train")[1]  # camera 4, frame 1
    assert one.joints is not None and one.keypoints is not None
    joints = raw["annot3"][4][0][1].reshape(28, 3) / 1000
    np.testing.assert_allclose(one.joints.points, joints, rtol=1e-5)
    np.testing.assert_allclose(one.joints.centred, joints - joints[4], atol=1e-5)
    points = raw["annot2"][4][0][1].reshape(28, 2)
    np.testing.assert_allclose(one.keypoints.points, points, rtol=1e-5)
    assert one.box is not None
    low, high = points.min(axis=0), points.max(axis=0)
    assert Evidence(one.box, one.keypoints).padded and one.box.width == pytest.approx(
        1.2 * (high - low)[0]
    )
    assert one.box.centre == pytest.approx(tuple((low + high) / 2))


def test_frames_cut_out_of_the_video_are_taken_where_they_lie(tmp_path: Path) -> None:
    folder = write_train(tmp_path, stills=True)
    one = samples(folder, "train")[1]
    assert one.image == folder / "S1/Seq1/imageFrames/video_4/frame_000002.jpg"
    assert one.video_frame is None
    one.image.unlink()
    with pytest.raises(UnreadableInput, match=r"video_4 has 2 of 3 frames.*Expected are S1\.\.S8"):
        samples(folder, "train")


def test_valid_test_frames_inside_the_picture_are_read(tmp_path: Path) -> None:
    folder = write_test(tmp_path)
    points = np.full((4, 1, 17, 2), 500.0)
    points[:, :, 0] = 100
    points[0, 0, 3] = [2048, 5]  # just outside
    points[1, 0, 3] = [1, 2047.9]
    joints = np.zeros((4, 1, 17, 3))
    joints[1, 0, 14] = [100, 200, 3000]
    edit(folder, 5, "annot2", points)
    edit(folder, 5, "univ_annot3", joints)
    found = [one for one in samples(folder, "test") if one.name.startswith("TS5/")]
    assert [one.name for one in found] == ["TS5/000001", "TS5/000002"]  # 0 is out, 3 not valid
    assert found[0].image is not None and found[0].image.name == "img_000002.jpg"
    assert found[0].joints is not None
    np.testing.assert_allclose(found[0].joints.points[14], [0.1, 0.2, 3])
    np.testing.assert_allclose(found[0].joints.centred[0], [-0.1, -0.2, -3])
    assert len(samples(folder, "test")) == 5 * 3 + 2


def test_the_roots_are_the_published_ones() -> None:
    for split, root in (("train", 4), ("test", 14)):
        layout = layouts("mpi_inf_3dhp")[split]
        count = {"train": 28, "test": 17}[split]
        assert layout.joints3d(np.zeros((count, 3))).root == root
        assert layout.unit == 0.001
    assert mpi_inf_3dhp.CAMERAS == (0, 1, 2, 4, 5, 6, 7, 8)


def test_both_orders_name_the_seventeen_joints_that_spin_pairs() -> None:
    of_train = [4, 18, 19, 20, 23, 24, 25, 3, 5, 6, 7, 9, 10, 11, 14, 15, 16]
    of_test = [14, 11, 12, 13, 8, 9, 10, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]
    assert [MPI_INF_3DHP[n] for n in of_train] == [MPI_INF_3DHP_TEST[n] for n in of_test]


@pytest.mark.parametrize("split", ["train", "test"])
def test_half_a_download_is_said_in_one_line(tmp_path: Path, split: str) -> None:
    folder = write_train(tmp_path) if split == "train" else write_test(tmp_path)
    lost = {"train": "S7/Seq2/annot.mat", "test": "mpi_inf_3dhp_test_set/TS4/annot_data.mat"}
    (folder / lost[split]).unlink()
    with pytest.raises(UnreadableInput, match=rf"1 of \d+ are missing.*{lost[split]}") as caught:
        samples(folder, split)
    assert "\n" not in str(caught.value)


def test_missing_pictures_are_said(tmp_path: Path) -> None:
    folder = write_test(tmp_path)
    (folder / "mpi_inf_3dhp_test_set/TS6/imageSequence/img_000002.jpg").unlink()
    with pytest.raises(UnreadableInput, match=r"img_000002\.jpg"):
        samples(folder, "test")


@pytest.mark.parametrize("fault", ["cut", "hdf5", "empty", "no annot3", "few cameras", "uneven"])
def test_torn_and_foreign_annotations_are_refused(tmp_path: Path, fault: str) -> None:
    folder = write_train(tmp_path)
    path = folder / "S1/Seq1/annot.mat"
    raw = scipy.io.loadmat(path)
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:-2000])
    elif fault == "hdf5":
        path.unlink()
        with h5py.File(path, "w") as file:
            file["annot2"] = np.zeros(3)
    elif fault == "empty":
        path.write_bytes(b"")
    elif fault == "no annot3":
        scipy.io.savemat(path, {"annot2": raw["annot2"]})
    elif fault == "few cameras":
        scipy.io.savemat(path, {name: raw[name][:5] for name in ("annot2", "annot3")})
    elif fault == "uneven":
        raw["annot3"][4, 0] = raw["annot3"][4, 0][:1]
        scipy.io.savemat(path, {name: raw[name] for name in ("annot2", "annot3")})
    with pytest.raises(UnreadableInput, match=r"annot\.mat"):
        samples(folder, "train")


@pytest.mark.parametrize("fault", ["cut", "no points", "shape", "other file"])
def test_torn_and_foreign_test_annotations_are_refused(tmp_path: Path, fault: str) -> None:
    folder = write_test(tmp_path)
    path = folder / "mpi_inf_3dhp_test_set/TS1/annot_data.mat"
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:3000])
    elif fault == "no points":
        with h5py.File(path, "a") as file:
            del file["annot2"]
    elif fault == "shape":
        edit(folder, 1, "annot2", np.zeros((4, 1, 16, 2)))
    elif fault == "other file":
        (tmp_path / "x.raw").write_bytes(bytes(1088))
        with h5py.File(path, "a") as file:
            del file["annot2"]
            file.create_dataset(
                "annot2", (4, 1, 17, 2), "f8", external=[(str(tmp_path / "x.raw"), 0, 1088)]
            )
    with pytest.raises(UnreadableInput, match=r"annot_data\.mat"):
        samples(folder, "test")


def test_without_h5py_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_test(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(UnreadableInput, match=r"diffannot\[train\]"):
        samples(folder, "test")


def test_a_small_file_that_unfolds_without_end_is_not_unfolded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = zlib.compress(bytes(20 << 20))
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    path = tmp_path / "annot.mat"
    path.write_bytes(header + struct.pack("<II", 15, len(bomb)) + bomb)
    monkeypatch.setattr(matlab, "LARGEST", 10 << 20)
    with pytest.raises(UnreadableInput, match="unfolds to more"):
        matlab.read_mat5(path, ("annot2",))
