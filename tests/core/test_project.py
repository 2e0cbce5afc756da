from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from project_kit import add_run, parameters, picture

from core.camera import Camera
from core.errors import ProjectError, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.project import (
    Accept,
    AcceptTheta1,
    Flag,
    Place,
    Project,
    Reject,
    RunKey,
    Source,
    State,
)
from core.trajectory import PartSuggestion, Suggestion


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.diffannot") as made:
        made.add_image(picture(tmp_path / "a.png"))
        yield made


@pytest.fixture
def person_id(project: Project) -> int:
    return project.add_person(1, Box(10, 20, 100, 200))


@pytest.fixture
def run_id(project: Project, person_id: int) -> int:
    theta1_id = project.add_theta1(person_id, parameters(0.7), Source("blazepose", "sha", "v1"))
    return add_run(project, person_id, theta1_id)


def test_everything_that_goes_in_comes_out(project: Project, tmp_path: Path) -> None:
    points = Keypoints2D("coco", np.random.default_rng(0).random((17, 2)) * 99, np.ones(17))
    person_id = project.add_person(1, Box(10, 20.25, 100, 200), points, track="t7")
    theta1_id = project.add_theta1(person_id, parameters(0.7), Source("blazepose", "sha", "v1"))
    run_id = add_run(project, person_id, theta1_id)
    project.set_note(person_id, "dark")
    project.close()
    with Project.open(project.path) as again:
        person = again.person(person_id)
        assert again.rows() == [person.row]
    assert person.image_path == tmp_path / "a.png"
    assert (person.width, person.height) == (640, 480)
    assert person.evidence.box == Box(10, 20.25, 100, 200)
    assert person.evidence.keypoints is not None
    np.testing.assert_array_equal(person.evidence.keypoints.points, points.points)
    assert person.source == Source("blazepose", "sha", "v1")
    assert person.theta1 is not None and person.run is not None
    assert person.theta1.camera == Camera(700.5, 320, 240, 640, 480)
    np.testing.assert_array_equal(person.theta1.body_pose, parameters(0.7).body_pose)
    run = person.run
    assert (run.id, run.seed, run.weights_sha256, run.body_sha256) == (run_id, 0, "w", "b")
    assert run.trajectory.refiner == "identity"
    parts = (PartSuggestion("left arm", 3, 0.25, "it"),)
    assert run.suggestion == Suggestion(2, 2.75, "lower", 0.5, parts, "rule")
    np.testing.assert_array_equal(run.trajectory.levels, np.arange(5))
    np.testing.assert_array_equal(run.trajectory.steps.betas[0], person.theta1.betas)
    row = person.row
    assert (row.image, row.number, row.note, row.has_theta1) == ("a.png", 1, "dark", True)
    assert (row.suggested_step, row.expected_gain) == (2, 2.75)
    assert row.score == pytest.approx(0.05)


def test_importing_twice_changes_nothing(project: Project, tmp_path: Path) -> None:
    points = Keypoints2D("coco", np.ones((17, 2)), np.ones(17))
    before = None
    for _ in range(2):
        image_id = project.add_image(tmp_path / "a.png")
        person_id = project.add_person(image_id, Box(1, 2, 30, 40), points)
        project.add_theta1(person_id, parameters(0.1), Source("file"))
        content = project.path.read_bytes()[100:]
        assert before in (None, content)
        before = content
    assert len(project.rows()) == 1


def test_another_box_is_another_person(project: Project) -> None:
    assert project.add_person(1, Box(0, 0, 10, 10)) != project.add_person(1, Box(1, 0, 10, 10))
    assert [row.number for row in project.rows()] == [1, 2]


def test_pictures_without_persons_are_listed(project: Project, tmp_path: Path) -> None:
    bare = project.add_image(picture(tmp_path / "bare.png", 77))
    assert [(image.id, image.path) for image in project.empty_images()] == [
        (1, "a.png"),
        (bare, "bare.png"),
    ]
    person = project.person(project.add_person(bare, Box(1, 2, 30, 40)))
    assert [image.id for image in project.empty_images()] == [1]
    assert person.row.image_id == bare
    assert project.rows()[-1].image_id == bare


def test_a_moved_image_takes_its_new_place(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    moved = (tmp_path / "a.png").rename(folder / "a.png")
    assert project.add_image(moved) == 1
    assert project.image_path(1) == moved


def test_project_and_images_move_together(project: Project, person_id: int, tmp_path: Path) -> None:
    project.close()
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    with Project.open(moved / "p.diffannot") as again:
        assert again.person(person_id).image_path == moved / "a.png"


@pytest.mark.parametrize("name", ["a?mode=ro.diffannot", "#1 50%20.diffannot", "Zoë.diffannot"])
def test_odd_names_are_names_like_any_other(tmp_path: Path, name: str) -> None:
    Project.create(tmp_path / name).close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with Project.open(tmp_path / name) as again:
        again.add_image(picture(tmp_path / "a?b #1.png"))
        assert again.image_path(1).exists()


def test_an_image_that_is_none_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_text("no picture")
    with pytest.raises(UnreadableInput, match=r"b\.jpg cannot be read: not a picture"):
        project.add_image(tmp_path / "b.jpg")


def test_a_name_that_the_file_cannot_hold_is_refused(project: Project, tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png").rename(tmp_path / "bad\udcff.png")
    with pytest.raises(UnreadableInput, match="not UTF-8"):
        project.add_image(path)


def test_accepting_a_step_makes_it_the_curated_annotation(
    project: Project, person_id: int, run_id: int
) -> None:
    assert project.curated(person_id) is None
    project.decide(Accept(person_id, run_id, 3))
    curated = project.curated(person_id)
    assert curated is not None
    np.testing.assert_array_equal(curated.global_orient, parameters(0.03).global_orient)
    assert project.rows()[0].state is State.ACCEPTED
    assert project.person(person_id).chosen_step == 3


def test_decisions_stay_on_their_run(project: Project, person_id: int, run_id: int) -> None:
    project.decide(Accept(person_id, run_id, 1))
    newer = project.add_theta1(person_id, parameters(0.9), Source("other"))
    add_run(project, person_id, newer, suggested=4)
    person = project.person(person_id)
    assert person.run is not None
    assert (person.run.id, person.chosen_step) == (run_id, 1)
    assert person.source is not None and person.source.frontend == "blazepose"


def test_a_newer_run_is_shown_while_undecided(
    project: Project, person_id: int, run_id: int
) -> None:
    theta1_id = project.person(person_id).theta1_id
    assert theta1_id is not None
    assert add_run(project, person_id, theta1_id) != run_id
    person = project.person(person_id)
    assert person.run is not None and person.run.id == run_id + 1


def test_a_run_is_found_by_what_made_it_until_the_evidence_changes(
    project: Project, person_id: int, run_id: int
) -> None:
    key = RunKey("identity", "w", 0, 4, "b", "rule")
    assert project.find_run(1, key) == run_id
    assert project.find_run(1, replace(key, seed=1)) is None
    assert project.find_run(1, replace(key, recommender="other")) is None
    project.add_keypoints(person_id, Keypoints2D("coco", np.ones((17, 2)), np.ones(17)), "x")
    assert project.find_run(1, key) is None


def test_a_placed_body_counts_more_than_any_machine(project: Project, person_id: int) -> None:
    project.add_theta1(person_id, parameters(0.7), Source("blazepose"))
    project.decide(Place(person_id, parameters(0.2)))
    project.add_theta1(person_id, parameters(0.8), Source("blazepose"))
    person = project.person(person_id)
    assert person.source is not None and person.source.frontend == "hand"
    assert person.row.state is State.UNDECIDED
    assert person.theta1 is not None
    np.testing.assert_array_equal(person.theta1.transl, parameters(0.2).transl)
    project.undo()
    source = project.person(person_id).source
    assert source is not None and source.frontend == "blazepose"


def test_a_rough_annotation_is_accepted_without_a_run(project: Project, person_id: int) -> None:
    theta1_id = project.add_theta1(person_id, parameters(0.7), Source("file"))
    project.decide(AcceptTheta1(person_id, theta1_id))
    curated = project.curated(person_id)
    assert curated is not None
    np.testing.assert_array_equal(curated.betas, parameters(0.7).betas)


def test_decisions_that_cannot_be_are_refused(
    project: Project, person_id: int, run_id: int
) -> None:
    other = project.add_person(1, Box(300, 0, 50, 50))
    for decision in (
        Accept(person_id, run_id, 5),
        Accept(person_id, run_id, -1),
        Accept(person_id, 99, 0),
        Accept(other, run_id, 0),
        AcceptTheta1(other, 1),
        Reject(99),
        Flag(99),
        Place(person_id, parameters(0.1, (2,))),
    ):
        with pytest.raises(ProjectError):
            project.decide(decision)
    assert project.journal() == []


def test_a_failed_batch_leaves_nothing(project: Project) -> None:
    with pytest.raises(ProjectError), project.batch():
        project.add_person(1, Box(0, 0, 10, 10))
        project.set_note(99, "nobody")
    assert project.rows() == []
