import json
import os
import pickletools
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from formats_kit import items
from PIL import Image
from project_kit import add_run, parameters, picture

from core.camera import Camera
from core.errors import ProjectError, UnreadableInput, UnwritableOutput
from core.evidence import Box, Keypoints2D
from core.formats import humandata_reader, reader_for
from core.formats.entries import Chosen
from core.formats.human_data_names import HUMAN_DATA, human_data_index
from core.formats.npz import write_npz
from core.formats.records import Failure, Record
from core.jobs import exporting, finish
from core.keypoints import BODY_POINTS, COCO, CONVENTIONS
from core.pose import Parameters
from core.project import Accept, AcceptTheta1, Project, Reject, Source, State
from core.safe_reader import read_npz

MEMBERS = [
    *("__key_strict__", "__data_len__", "__keypoints_compressed__", "image_path", "bbox_xywh"),
    *("config", "keypoints2d", "keypoints2d_mask", "keypoints2d_convention", "keypoints3d"),
    *("keypoints3d_mask", "keypoints3d_convention", "smpl", "meta", "misc"),
]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two accepted persons (a step, and a Θ1 without keypoints) and a rejected one."""
    (tmp_path / "photos").mkdir()
    with Project.create(tmp_path / "p.diffannot") as made:
        image_id = made.add_image(picture(tmp_path / "photos" / "a.png"))
        points = Keypoints2D("coco", np.arange(34).reshape(17, 2), np.full(17, 0.5))
        for number in range(3):
            box = Box(100 * number, 10.5, 50, 60)
            person_id = made.add_person(image_id, box, points if number == 0 else None)
            made.add_theta1(person_id, parameters(0.1 * number), Source("blazepose", "f" * 64))
        made.decide(Accept(1, add_run(made, 1, 1), 3))
        made.decide(AcceptTheta1(2, 2))
        made.decide(Reject(3))
        yield made


def export(project: Project, out: Path, status: State = State.ACCEPTED) -> dict[str, Any]:
    finish(exporting.export(project, out, chosen=Chosen(status)))
    return read_npz(out)


def test_the_names_are_mmhuman3d_s() -> None:
    assert len(HUMAN_DATA) == len(set(HUMAN_DATA)) == 190
    places = {0: "pelvis", 22: "jaw", 25: "left_index_1", 55: "nose", 60: "left_bigtoe"}
    places |= {66: "left_thumb", 76: "right_eyebrow_1", 127: "right_contour_1"}
    places |= {144: "right_hip_extra", 153: "nose_openpose", 178: "spine_4_3dhp"}
    places |= {187: "head_bottom_pt", 188: "left_hand", 189: "right_hand"}
    assert {place: HUMAN_DATA[place] for place in places} == places


def test_the_names_are_those_of_the_installed_mmhuman3d() -> None:
    installed = pytest.importorskip("mmhuman3d", reason="mmhuman3d is not installed")
    assert tuple(installed.core.conventions.keypoints_mapping.KEYPOINTS_FACTORY["human_data"]) == (
        HUMAN_DATA
    )


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_keypoint_has_a_place_of_its_own_among_the_190(convention: str) -> None:
    # Halpe marks where the hands begin, beside the wrists; mmhuman3d has no place for that
    names = tuple(name for name in CONVENTIONS[convention] if "hand_root" not in name)
    index = human_data_index(names)
    assert (index >= 0).all() and len(set(index)) == len(index)


def test_members_types_and_shapes_are_those_of_humandata(project: Project, tmp_path: Path) -> None:
    data = export(project, tmp_path / "out.npz")
    with zipfile.ZipFile(tmp_path / "out.npz") as archive:
        assert archive.namelist() == [f"{name}.npy" for name in MEMBERS]
    assert not data["__key_strict__"] and not data["__keypoints_compressed__"]
    assert data["__key_strict__"].dtype == bool and data["__data_len__"] == 2
    assert list(data["image_path"]) == ["photos/a.png"] * 2
    assert data["image_path"].dtype.kind == "U"
    np.testing.assert_array_equal(data["bbox_xywh"], [[0, 10.5, 50, 60, 1], [100, 10.5, 50, 60, 1]])
    floats = {"bbox_xywh": (2, 5), "keypoints2d": (2, 190, 3), "keypoints3d": (2, 190, 4)}
    for name, shape in floats.items():
        assert (data[name].dtype, data[name].shape) == (np.float32, shape)
    for name in ("keypoints2d_mask", "keypoints3d_mask"):
        assert (data[name].dtype, data[name].shape) == (np.uint8, (190,))
    smpl = {"body_pose": (2, 23, 3), "global_orient": (2, 3), "betas": (2, 10), "transl": (2, 3)}
    assert {name: array.shape for name, array in data["smpl"].items()} == smpl
    assert {array.dtype for array in data["smpl"].values()} == {np.dtype(np.float32)}
    assert data["meta"] == {"gender": ["n", "n"]}


def test_rows_hold_the_curated_annotation_and_its_evidence(
    project: Project, tmp_path: Path
) -> None:
    data = export(project, tmp_path / "out.npz")
    for row, person_id in enumerate((1, 2)):
        curated = project.curated(person_id)
        assert curated is not None
        for name, column in data["smpl"].items():
            np.testing.assert_array_equal(column[row], getattr(curated, name))
    nose, hip = HUMAN_DATA.index("nose"), HUMAN_DATA.index("left_hip_extra")
    np.testing.assert_array_equal(data["keypoints2d"][0, nose], [0, 1, 0.5])
    np.testing.assert_array_equal(data["keypoints2d"][0, hip], [22, 23, 0.5])
    assert not data["keypoints2d"][1].any()
    assert data["keypoints2d_mask"].sum() == len(COCO)
    assert data["keypoints3d_mask"].sum() == len(BODY_POINTS)
    pelvis = data["keypoints3d"][:, HUMAN_DATA.index("pelvis")]
    assert (pelvis[:, 3] == 1).all() and (pelvis[:, 2] > 2).all()
    np.testing.assert_array_equal(data["misc"]["camera_focal"], [700.5, 700.5])
    np.testing.assert_array_equal(data["misc"]["image_size"], [[640, 480]] * 2)


def test_every_row_says_where_it_is_from(project: Project, tmp_path: Path) -> None:
    first, second = map(json.loads, export(project, tmp_path / "out.npz")["misc"]["provenance"])
    expected = {"project": "p.diffannot", "journal_head": 3, "person": 1, "frontend": "blazepose"}
    expected |= {"frontend_sha256": "f" * 64, "refiner": "identity", "step": 3, "decision": 1}
    expected |= {"refiner_sha256": "w", "refined_with_body_sha256": "b"}
    expected |= {"seed": 0, "steps": 4, "suggested_step": 2, "state": "accepted"}
    assert {name: first[name] for name in expected} == expected
    assert first["decided_at"].endswith("+00:00") and first["decided_by"]
    assert second["step"] == 0 and "refiner" not in second


def test_the_same_project_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    export(project, tmp_path / "a.npz")
    export(project, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_dictionaries_are_pickled_for_the_oldest_numpy(project: Project, tmp_path: Path) -> None:
    export(project, tmp_path / "out.npz")
    modules = set()
    with zipfile.ZipFile(tmp_path / "out.npz") as archive:
        for name in ("smpl", "meta", "misc"):
            data = archive.read(f"{name}.npy")
            operations = list(pickletools.genops(data[data.index(b"\n") + 1 :]))
            assert operations[0][0].name == "PROTO" and operations[0][1] == 3
            modules |= {str(arg) for op, arg, _ in operations if op.name == "GLOBAL"}
            assert not {op.name for op, _, _ in operations} & {"STACK_GLOBAL", "FRAME"}
    assert modules == {
        "numpy.core.multiarray _reconstruct",
        "numpy ndarray",
        "numpy dtype",
    }


def test_bytes_that_look_like_a_module_name_are_left_alone(tmp_path: Path) -> None:
    text = "cnumpy._core.multiarray"
    with (tmp_path / "x.npz").open("wb") as file:
        write_npz(file, {"a": {"text": text, "array": np.frombuffer(text.encode(), np.uint8)}})
    data = read_npz(tmp_path / "x.npz")["a"]
    assert data["text"] == text and data["array"].tobytes().decode() == text


def test_nothing_accepted_is_said_and_no_file_made(tmp_path: Path) -> None:
    with (
        Project.create(tmp_path / "q.diffannot") as empty,
        pytest.raises(ProjectError, match="Nothing to export"),
    ):
        export(empty, tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


def test_other_states_are_exported_by_their_rough_annotation(
    project: Project, tmp_path: Path
) -> None:
    data = export(project, tmp_path / "out.npz", State.REJECTED)
    np.testing.assert_array_equal(data["smpl"]["betas"], [parameters(0.2).betas])


FULL = """
import resource, signal, sys
from pathlib import Path
from core.jobs import finish
from core.jobs.exporting import export
from core.project import Project
project = Project.open(Path(sys.argv[1]))
job = export(project, Path(sys.argv[2]))
next(job)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
finish(job)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
def test_a_full_disk_leaves_the_old_export(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    out.write_bytes(b"the old one")
    command = [sys.executable, "-c", FULL, str(project.path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "core.errors.UnwritableOutput" in done.stderr.splitlines()[-1]
    assert out.read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "p.diffannot", "photos"]


def test_a_missing_folder_is_said(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UnwritableOutput, match="cannot be written"):
        export(project, tmp_path / "absent" / "out.npz")


def test_what_is_exported_is_read_back(project: Project, tmp_path: Path) -> None:
    export(project, tmp_path / "out.npz")
    name, read = reader_for(tmp_path / "out.npz")
    assert name == "humandata"
    first, second = read()
    assert isinstance(first, Record) and isinstance(second, Record)
    curated, person = project.curated(1), project.person(1)
    assert first.theta1 is not None and curated is not None and first.placed
    assert first.theta1.camera == curated.camera
    np.testing.assert_array_equal(first.theta1.transl, curated.transl)
    np.testing.assert_array_equal(first.theta1.body_pose, curated.body_pose)
    assert first.image.resolve() == person.image_path
    assert first.box == person.evidence.box
    assert first.keypoints is not None and first.keypoints.convention == "human_data"
    assert (first.keypoints.confidence > 0).sum() == len(COCO)
    assert second.keypoints is None


def humandata(folder: Path, rows: int = 3, **changes: Any) -> Path:
    """Write a foreign file, as mmhuman3d does with numpy's own savez."""
    Image.new("RGB", (64, 48)).save(folder / "a.png")
    smpl = {
        "global_orient": np.zeros((rows, 3)),
        "body_pose": np.zeros((rows, 69)),
        "betas": np.zeros((rows, 10)),
    }
    items: dict[str, Any] = {
        "__key_strict__": False,
        "image_path": ["a.png"] * rows,
        "bbox_xywh": np.tile([1.0, 2, 30, 40], (rows, 1)),
        "keypoints2d": np.ones((rows, 190, 3)),
        "keypoints2d_mask": np.ones(190, dtype=np.uint8),
        "smpl": smpl,
    }
    np.savez_compressed(folder / "h.npz", **{**items, **changes})
    return folder / "h.npz"


def test_a_foreign_file_is_read(tmp_path: Path) -> None:
    (record, *_) = items(humandata_reader, humandata(tmp_path))
    assert isinstance(record, Record) and record.theta1 is not None
    assert not record.placed
    assert record.theta1.camera == Camera.assumed(64, 48)


def test_compressed_keypoints_are_filled_up(tmp_path: Path) -> None:
    mask = np.zeros(190, dtype=np.uint8)
    mask[[0, 55]] = 1
    points = np.tile([[3.0, 4, 1], [5, 6, 0.5]], (3, 1, 1))
    path = humandata(tmp_path, keypoints2d=points, keypoints2d_mask=mask)
    (record, *_) = items(humandata_reader, path)
    assert isinstance(record, Record) and record.keypoints is not None
    assert np.flatnonzero(record.keypoints.confidence).tolist() == [0, 55]
    np.testing.assert_array_equal(record.keypoints.points[55], [5, 6])


def test_rows_with_impossible_values_are_named_and_the_rest_kept(tmp_path: Path) -> None:
    rows = 11
    smpl = {
        "global_orient": np.zeros((rows, 3)),
        "body_pose": np.zeros((rows, 23, 3)),
        "betas": np.zeros((rows, 10)),
        "transl": np.tile([0.0, 0, 5], (rows, 1)),
    }
    box = np.tile([1.0, 2, 30, 40], (rows, 1))
    points = np.ones((rows, 190, 3))
    smpl["body_pose"][1, 4, 2] = np.nan
    smpl["body_pose"][2, 4, 2] = 99
    smpl["betas"][3, 0] = -1e6
    smpl["transl"][4, 0] = 1e9
    box[5, 2] = np.nan
    points[6, 0, 0] = 1e20
    focal, centre = np.full(rows, 500.0), np.full((rows, 2), 100.0)
    focal[7:10] = 0, -500, np.nan
    centre[10, 1] = np.inf
    misc = {"camera_focal": focal, "camera_centre": centre}
    columns = {"smpl": smpl, "bbox_xywh": box, "keypoints2d": points, "misc": misc}
    path = humandata(tmp_path, rows, **columns)
    first, *rest = items(humandata_reader, path)
    assert isinstance(first, Record) and first.placed
    assert all(isinstance(found, Failure) for found in rest)
    assert rest[0].name == "row 1 (a.png)"


@pytest.mark.parametrize(
    "changes",
    [
        {"bbox_xywh": np.ones((2, 4))},
        {"keypoints2d": np.ones((3, 17, 3))},
        {"keypoints2d_convention": "unheard_of"},
        {"smpl": {"betas": np.ones((3, 10))}},
        {"smpl": np.ones(4)},
        {"bbox_xywh": "text"},
        {"bbox_xywh": np.full((3, 3), 50.0)},
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableInput, match="not a HumanData file"):
        list(items(humandata_reader, humandata(tmp_path, **changes)))


def test_rows_of_another_length_are_told(tmp_path: Path) -> None:
    arrays = ("global_orient", "body_pose", "betas")
    smpl = {name: np.zeros((3, size)) for name, size in zip(arrays, (3, 69, 300), strict=True)}
    with pytest.raises(UnreadableInput, match=r"betas has rows of shape \(300,\), not \(10,\)"):
        list(items(humandata_reader, humandata(tmp_path, smpl=smpl)))


def test_what_is_not_needed_is_not_unfolded(tmp_path: Path) -> None:
    path = humandata(tmp_path, vertices=np.zeros((3, 5)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("torn.npy", b"no array")
    assert all(isinstance(found, Record) for found in items(humandata_reader, path))


def test_a_hostile_or_torn_file_is_refused(tmp_path: Path) -> None:
    path = humandata(tmp_path, smpl=np.array(Hostile(tmp_path / "ran"), dtype=object))
    with pytest.raises(UnreadableInput):
        list(items(humandata_reader, path))
    assert not (tmp_path / "ran").exists()
    np.load(path, allow_pickle=True)["smpl"]
    assert (tmp_path / "ran").exists()  # it does harm where it is let
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableInput):
        reader_for(path)


class Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def test_a_body_without_translation_is_placed_on_its_keypoints_or_in_its_box() -> None:
    from core.body import load_body
    from core.evidence import Evidence
    from core.formats.placing import places

    body = load_body()
    truth = replace(
        parameters(),
        global_orient=np.array([np.pi, 0, 0], dtype=np.float32),
        transl=np.array([0.4, 0.3, 4], dtype=np.float32),
    )
    vertices, points = body.pose(truth)
    seen = truth.camera.project(points)
    unplaced: Parameters = replace(truth, transl=np.zeros(3, dtype=np.float32))
    keypoints = Keypoints2D("smpl_45", seen, np.ones(45))
    low, high = (truth.camera.project(vertices).min(0), truth.camera.project(vertices).max(0))
    box = Box(*map(float, low), *map(float, high - low))
    # more bodies than are posed at a time, of two kinds and two cameras
    far = replace(unplaced, camera=replace(truth.camera, focal=2 * truth.camera.focal))
    thetas = [unplaced, far, unplaced] * 40
    found = places(thetas, [Evidence(box, keypoints)] * 2 * 40 + [Evidence(box)] * 40, body)
    on_keypoints, in_box = found[:80], found[80:]
    near, wide = (np.array([theta is kind for theta in thetas]) for kind in (unplaced, far))
    np.testing.assert_allclose(on_keypoints[near[:80]] - truth.transl, 0, atol=0.005)
    np.testing.assert_allclose(in_box[near[80:]] - truth.transl, 0, atol=0.02)
    assert on_keypoints[wide[:80], 2].min() > 7 and in_box[wide[80:], 2].min() > 7
