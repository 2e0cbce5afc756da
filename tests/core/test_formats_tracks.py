import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from format_samples import as_npz, pw3d_sequence
from numpy.typing import NDArray
from project_kit import picture
from round_trips import truth

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Box
from core.formats import glb_writer, reader_for
from core.formats.records import Record
from core.jobs import finish
from core.jobs.exporting import export
from core.project import AcceptTheta1, Frame, Project, Source
from core.safe_reader import read_npz


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def test_3dpw_keeps_cameras_that_change_and_people_without_keypoints(
    tmp_path: Path, body: BodyModel
) -> None:
    cameras = [Camera(700.0 + number, 320, 240, 640, 480) for number in range(2)]
    with Project.create(tmp_path / "p.diffannot") as project:
        for number, camera in enumerate(cameras):
            image = project.add_image(picture(tmp_path / f"{number}.png", number))
            person = project.add_person(image, Box(0, 0, 50, 50), track="walk/1")
            theta = replace(truth(number), camera=camera)
            theta1 = project.add_theta1(person, theta, Source("x"))
            project.decide(AcceptTheta1(person, theta1))
        finish(export(project, tmp_path / "out", "3dpw", body=body))
    path = tmp_path / "out" / "walk_1.npz"
    with np.load(path) as data:
        assert data["cam_intrinsics"][:, 0, 0].tolist() == [700, 701]
        assert data["jointPositions"].shape == data["poses"].shape == (1, 2, 72)
        places = np.array([truth(0).transl, truth(1).transl])
        np.testing.assert_allclose(data["trans"][0], places, atol=1e-6)
        rest = data["jointPositions"][0, :, :3] - places  # of one shape, turned about by nothing
        np.testing.assert_allclose(rest[0], rest[1], atol=1e-5)
    found = [each for each in reader_for(path)[1](tmp_path) if isinstance(each, Record)]
    assert [each.theta1.camera for each in found if each.theta1 is not None] == cameras
    assert [(each.track, each.keypoints, each.box) for each in found] == [
        ("walk/1", None, Box(0, 0, 50, 50))
    ] * 2


def test_a_mirrored_camera_of_3dpw_is_told_in_one_line(tmp_path: Path) -> None:
    data = pw3d_sequence(tmp_path)
    data["cam_poses"][0, 0] *= -1
    path = as_npz(tmp_path / "x.npz", **data)
    with pytest.raises(UnreadableInput, match="is not a 3DPW sequence") as told:
        list(reader_for(path)[1](None))
    assert "\n" not in str(told.value)


def glb(path: Path) -> tuple[dict[str, Any], list[NDArray[np.float32]]]:
    """Read a glb by the book: what it says, and its accessors' numbers."""
    data = path.read_bytes()
    magic, version, total, length, kind = struct.unpack("<4sIII4s", data[:20])
    assert (magic, version, total, kind) == (b"glTF", 2, len(data), b"JSON")
    said = json.loads(data[20 : 20 + length])
    size, kind = struct.unpack("<I4s", data[20 + length : 28 + length])
    assert kind == b"BIN\0" and length % 4 == 0 and size == said["buffers"][0]["byteLength"]
    arrays = []
    for accessor in said["accessors"]:
        view = said["bufferViews"][accessor["bufferView"]]
        start = 28 + length + view["byteOffset"]
        kind = {5126: "<f4", 5125: "<u4"}[accessor["componentType"]]
        array = np.frombuffer(data[start : start + view["byteLength"]], kind)
        array = array.reshape((-1, 3) if accessor["type"] == "VEC3" else (-1, 1))
        assert len(array) == accessor["count"]
        assert array.min(axis=0).tolist() == accessor["min"]
        assert array.max(axis=0).tolist() == accessor["max"]
        arrays.append(array)
    return said, arrays


def film(folder: Path, frames: tuple[int, ...]) -> Project:
    """Make a project of one person over frames of a video, ten a second."""
    made = Project.create(folder / "p.diffannot")
    video = made.add_sequence(folder / "film.mp4", "0" * 64, 10.0)
    for number, frame in enumerate(frames):
        path = picture(folder / f"{number}.png", number)
        image = made.add_image(path, Frame(video, frame, frame / 10))
        person = made.add_person(image, Box(0, 0, 50, 50), track="film/1")
        theta1 = made.add_theta1(person, truth(number), Source("x"))
        made.decide(AcceptTheta1(person, theta1))
    return made


@pytest.mark.parametrize("name", ["amass", "smplcodec", "3dpw"])
def test_a_motion_keeps_its_time_where_frames_are_left_out(
    name: str, tmp_path: Path, body: BodyModel
) -> None:
    with film(tmp_path, (2, 4, 6, 12, 14, 24)) as project:
        finish(export(project, tmp_path / "out", name, body=body))
    found = {path.stem: read_npz(path) for path in (tmp_path / "out").glob("film*")}
    poses = "bodyPose" if name == "smplcodec" else "poses"
    rows = {stem: data[poses].shape[name == "3dpw"] for stem, data in found.items()}
    assert rows == {"film_1_000002": 3, "film_1_000012": 2, "film_1_000024": 1}
    for key in {"frameRate", "mocap_framerate"} & found["film_1_000002"].keys():
        assert found["film_1_000002"][key] == found["film_1_000012"][key] == 5


def test_a_whole_motion_is_one_file_under_its_own_name(tmp_path: Path, body: BodyModel) -> None:
    with film(tmp_path, (3, 4, 5)) as project:
        finish(export(project, tmp_path / "out", "amass", body=body))
    assert [path.name for path in (tmp_path / "out").glob("*.npz")] == ["film_1.npz"]


def test_a_track_moves_in_gltf_as_it_was_seen(tmp_path: Path, body: BodyModel) -> None:
    with film(tmp_path, (0, 1, 4)) as project:
        finish(export(project, tmp_path / "out", "gltf", body=body))
    names = sorted(path.name for path in (tmp_path / "out").glob("*.glb"))
    assert names == ["0_1.glb", "1_1.glb", "2_1.glb", "film_1_animated.glb"]
    said, arrays = glb(tmp_path / "out" / "film_1_animated.glb")
    (sampler,) = said["animations"][0]["samplers"]
    np.testing.assert_allclose(arrays[sampler["input"]][:, 0], [0, 0.1, 0.4], atol=1e-6)
    (shape,) = said["meshes"][0]["primitives"]
    weights = arrays[sampler["output"]].reshape(3, len(shape["targets"]))
    np.testing.assert_array_equal(arrays[shape["indices"]].reshape(-1, 3), body.faces)
    for number in range(3):
        seen = arrays[shape["attributes"]["POSITION"]].copy()
        for weight, target in zip(weights[number], shape["targets"], strict=True):
            seen += weight * arrays[target["POSITION"]]
        expected = body.pose(truth(number))[0] * [1, -1, -1]
        np.testing.assert_allclose(seen, expected, atol=1e-5)
    first = trimesh.load(tmp_path / "out" / "film_1_animated.glb", force="mesh", process=False)
    assert len(first.faces) == len(body.faces)


def test_a_long_track_is_cut_into_equal_animations(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glb_writer, "LONGEST", 3)
    with film(tmp_path, (2, 3, 4, 5)) as project:
        finish(export(project, tmp_path / "out", "gltf", body=body))
    for name in ("film_1_animated.glb", "film_1_animated1.glb"):
        said, arrays = glb(tmp_path / "out" / name)
        times = arrays[said["animations"][0]["samplers"][0]["input"]][:, 0]
        np.testing.assert_allclose(times, [0, 0.1], atol=1e-6)
