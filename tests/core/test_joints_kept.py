"""Joints in space in project files, and from data sets."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from project_kit import add_run, make, parameters, picture, turn_back

from core.body import load_body
from core.camera import Camera
from core.evidence import Box, Evidence, Joints3D
from core.formats.human_data_names import human_data_index
from core.frontends import load_frontend
from core.jobs import Options, annotate, exporting, finish
from core.jobs.importing import import_file
from core.keypoints import COCO, body_points
from core.pose import Parameters
from core.project import AcceptTheta1, Found, Project, RunKey, Source
from core.project.rebuilding import rebuild
from core.refiners import load_refiner
from core.safe_reader import read_npz


def joints(shift: float = 0) -> Joints3D:
    points = np.arange(51, dtype=np.float32).reshape(17, 3) + shift
    return Joints3D("coco", points, np.linspace(0, 1, 17))


def given(project: Project, known: Joints3D | None) -> int:
    """Give the first person joints, and a Θ1; return the person."""
    box = Box(0, 0, 50, 50)
    return project.add_people([Found(1, box, theta1=parameters(0.1), joints=known)], Source("x"))[0]


def alike(one: Joints3D | None, two: Joints3D) -> bool:
    return one is not None and all(
        getattr(one, name).tobytes() == getattr(two, name).tobytes()
        for name in ("points", "confidence")
    )


def test_joints_come_back_to_the_bit_and_the_newest_count(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        assert project.person(1).evidence.joints is None
        for known in (joints(), joints(), joints(1)):
            assert given(project, known) == 1
        person = project.person(1)
        assert alike(person.evidence.joints, joints(1))
        assert person.joints_id == 2  # the same again changed nothing
        assert project.person(2).evidence.joints is None
    with Project.open(tmp_path / "p.diffannot") as project:
        assert alike(project.person(1).evidence.joints, joints(1))


def test_a_run_is_by_the_joints_there_were(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        theta1_id = project.person(1).theta1_id
        assert theta1_id is not None
        run = project.run(1)
        key = RunKey(run.trajectory.refiner, "w", 0, len(run.trajectory) - 1, "b", "rule")
        assert project.find_run(theta1_id, key) == 1
        given(project, joints())
        assert project.find_run(theta1_id, key) is None
        later = add_run(project, 1, theta1_id)
        assert project.find_run(theta1_id, key) == later


def test_a_project_made_anew_has_them(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        given(project, joints())
        project.decide(AcceptTheta1(1, 1))
    rebuild(tmp_path / "p.diffannot", tmp_path / "q.diffannot")
    with Project.open(tmp_path / "q.diffannot") as project:
        assert alike(project.person(1).evidence.joints, joints())


def test_a_file_from_before_takes_joints_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "p.diffannot"
    make(path).close()
    turn_back(path, 4)
    with Project.open(path) as project:
        assert project.person(1).evidence.joints is None
        given(project, joints())
        assert alike(project.person(1).evidence.joints, joints())


CAMERA = Camera(500, 32, 24, 64, 48)


def standing() -> Parameters:
    orient = np.array([np.pi, 0, 0], np.float32)
    place = np.array([0, 0, 20], np.float32)
    zeros = np.zeros((23, 3), np.float32)
    return Parameters(orient, zeros, np.zeros(10, np.float32), place, CAMERA)


def human_data(folder: Path, **others: Any) -> Path:
    """One person with COCO's points in the picture and in space, and no body."""
    picture(folder / "a.png")
    points = load_body().pose(standing())[1][body_points("coco")]
    index = human_data_index(COCO)
    flat, deep = np.zeros((1, 190, 3), np.float32), np.zeros((1, 190, 4), np.float32)
    flat[0, index] = np.column_stack([CAMERA.project(points), np.ones(17)])
    deep[0, index] = np.column_stack([points - points[0], np.ones(17)])
    columns = {
        "image_path": np.array(["a.png"]),
        "bbox_xywh": np.array([[0, 0, 40, 40, 1]], np.float32),
        "keypoints2d": flat,
        "keypoints3d": deep,
        "keypoints3d_mask": (deep[0, :, 3] > 0).astype(np.uint8),
        "keypoints3d_convention": np.array("human_data"),
    }
    np.savez(folder / "h.npz", **columns | others)
    return folder / "h.npz"


def imported(folder: Path, path: Path, *notes: str) -> Evidence:
    with Project.create(folder / "p.diffannot") as project:
        report = finish(import_file(project, path))
        assert (report.done, report.failures, report.notes) == (1, (), notes)
        return project.person(1).evidence


def test_human_data_brings_joints_compressed_or_not(tmp_path: Path) -> None:
    path = human_data(tmp_path)
    known = imported(tmp_path, path).joints
    assert known is not None and known.convention == "human_data"
    assert (known.confidence > 0).sum() == 17
    told = np.load(path)["keypoints3d"]
    np.testing.assert_array_equal(known.points, told[0, :, :3])
    (tmp_path / "c").mkdir()
    short = human_data(tmp_path / "c", keypoints3d=told[:, told[0, :, 3] > 0])
    assert alike(imported(tmp_path / "c", short).joints, known)


@pytest.mark.parametrize("turn", [(1, -1, -1), (-1, 1, -1)])
def test_joints_along_other_axes_than_the_camera_s_are_left_out(
    tmp_path: Path, turn: tuple[int, int, int]
) -> None:
    told = np.load(human_data(tmp_path))["keypoints3d"] * np.array([*turn, 1], np.float32)
    note = "3D joints of 1 people that are not along the camera's axes"
    evidence = imported(tmp_path, human_data(tmp_path, keypoints3d=told), note)
    assert evidence.joints is None and evidence.keypoints is not None


def test_joints_in_an_order_that_is_not_known_are_left_out_alone(tmp_path: Path) -> None:
    path = human_data(tmp_path, keypoints3d_convention=np.array("secret"))
    evidence = imported(tmp_path, path, "3D joints: the keypoint convention secret is not known")
    assert evidence.joints is None and evidence.keypoints is not None


def test_the_joints_of_our_own_bodies_do_not_come_back_as_evidence(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.npz", tmp_path / "theirs.npz"
    with make(tmp_path / "p.diffannot") as project:
        project.decide(AcceptTheta1(1, 1))
        finish(exporting.export(project, ours))
    data = read_npz(ours)
    del data["misc"]["provenance"]
    np.savez(theirs, **data | {"config": np.array("other"), "misc": np.array(data["misc"])})
    for name, file in (("q", ours), ("r", theirs)):
        with Project.create(tmp_path / f"{name}.diffannot") as project:
            finish(import_file(project, file))
            person = project.person(1)
        assert person.theta1 is not None
        assert (person.evidence.joints is None) == (file is ours)


def test_annotate_is_led_and_judged_by_imported_joints(tmp_path: Path) -> None:
    body, bent = load_body(), standing().body_pose.copy()
    bent[[15, 16, 17, 18]] = 0.4  # shoulders and elbows
    smpl = {name: getattr(standing(), name)[None] for name in ("global_orient", "betas", "transl")}
    path = human_data(tmp_path, smpl=np.array({**smpl, "body_pose": bent[None]}, dtype=object))
    with Project.create(tmp_path / "p.diffannot") as project:
        finish(import_file(project, path))
        frontend, refiner = (load_frontend("standing", body), load_refiner("level", body))
        options = Options(steps=8)
        assert finish(annotate(project, frontend, refiner, body, options)).done == 1
        assert finish(annotate(project, frontend, refiner, body, options)).skipped == 1
        person = project.person(1)
    assert person.run is not None and person.run.suggestion.step > 0
    assert "3D error falls" in person.run.suggestion.reason
    steps = person.run.trajectory.steps
    first, last, true = (body.pose(one)[1][:22] for one in (steps[0], steps[8], standing()))
    before, after = (np.abs(one - one[:1] - (true - true[:1])).mean() for one in (first, last))
    assert after < 0.35 * before
