import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from project_kit import add_run, parameters, picture

from core.body import BodyModel, load_body
from core.errors import Cancelled, InvalidAnnotation, MissingModel, NoPersonFound
from core.evidence import Box, Evidence, Keypoints2D
from core.frontends import RoughAnnotation
from core.jobs import (
    NOBODY,
    Options,
    Report,
    accept_suggested,
    annotate,
    annotate_person,
    finish,
)
from core.jobs.importing import import_file, import_images
from core.pose import Parameters
from core.progress import CancelToken
from core.project import (
    Flag,
    MoveBox,
    MoveKeypoint,
    Person,
    Project,
    Reject,
    Source,
    State,
)
from core.refiners import load_refiner
from core.trajectory import Trajectory

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"
OPTIONS = Options(steps=3)


class Scripted:
    """A frontend that finds two people, and nobody in boxes at the left edge."""

    name = "scripted"
    weights_sha256 = "s" * 64

    def __init__(self) -> None:
        self.looked = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        return [Box(10, 10, 50, 60), Box(0, 10, 50, 60)] if image[0, 0, 0] > 100 else []

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        self.looked += 1
        if box.x == 0:
            raise NoPersonFound("Nobody is in the box")
        return RoughAnnotation(parameters(0.2), Keypoints2D("coco", np.ones((17, 2)), np.ones(17)))


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.diffannot") as made:
        made.add_image(picture(tmp_path / "people.png", 200))
        made.add_image(picture(tmp_path / "landscape.png", 10))
        yield made


def test_annotate_keeps_what_works_and_names_what_fails(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("identity", body)
    report = finish(annotate(project, Scripted(), refiner, body, OPTIONS))
    assert (report.done, report.skipped) == (1, 0)
    assert [failure.partition(":")[0] for failure in report.failures] == [
        "landscape.png",
        "people.png person 2",
    ]
    first, second = project.rows()
    assert first.suggested_step is not None and first.score is not None
    assert not second.has_theta1 and second.note == NOBODY
    person = project.person(first.id)
    assert person.run is not None and len(person.run.trajectory) == 4
    assert person.source is not None
    assert (person.source.frontend, person.source.weights_sha256) == ("scripted", "s" * 64)
    assert person.evidence.keypoints is not None


def test_a_picture_that_was_changed_is_not_annotated(project: Project, body: BodyModel) -> None:
    known = project.add_image(picture(project.path.parent / "known.png", 200))
    person_id = project.add_person(known, Box(10, 10, 50, 60))
    for name in ("people.png", "known.png"):
        picture(project.path.parent / name, 201)
    report = finish(annotate(project, Scripted(), load_refiner("identity", body), body, OPTIONS))
    assert report.done == 0
    changed = [failure for failure in report.failures if "has changed since" in failure]
    assert [failure.partition(":")[0] for failure in changed] == [
        "people.png",
        "known.png person 1",
    ]
    assert project.person(person_id).theta1 is None


def test_annotate_goes_on_where_it_was(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("identity", body)
    frontend = Scripted()
    token = CancelToken()
    with pytest.raises(Cancelled):
        for progress in annotate(project, frontend, refiner, body, OPTIONS, token):
            if "person 1" in progress.message:
                token.cancel()
    assert frontend.looked == 1
    report = finish(annotate(project, frontend, refiner, body, OPTIONS))
    assert (report.done, report.skipped, len(report.failures)) == (0, 1, 2)
    assert frontend.looked == 2  # at the person that was not done, not again at the other
    assert finish(annotate(project, frontend, refiner, body, Options(3, seed=1))).done == 1


def test_two_programs_at_once_make_one_run(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("identity", body)

    class Overtaken(Scripted):
        def annotate(self, *what: Any) -> RoughAnnotation:
            with Project.open(project.path) as other:
                finish(annotate(other, Scripted(), refiner, body, OPTIONS))
            return super().annotate(*what)

    finish(annotate(project, Overtaken(), refiner, body, OPTIONS))
    with closing(sqlite3.connect(project.path)) as file:
        for table in ("theta1", "run", "keypoints"):
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table


def test_a_moved_box_is_looked_into_and_moved_keypoints_refined_again(
    project: Project, body: BodyModel
) -> None:
    frontend, refiner = Scripted(), load_refiner("identity", body)
    finish(annotate(project, frontend, refiner, body, OPTIONS))
    before = project.person(1)

    def again() -> Person:
        finish(annotate_person(project, 1, frontend, refiner, body, OPTIONS))
        return project.person(1)

    assert again().run.id == before.run.id
    project.decide(MoveKeypoint(1, before.keypoints_id, 3, 20, 30))
    by_moved = again()
    assert (by_moved.theta1_id, frontend.looked) == (before.theta1_id, 2)
    assert by_moved.run.id != before.run.id
    project.undo()
    assert project.person(1).run.id == before.run.id
    project.decide(MoveBox(1, Box(20, 20, 40, 50)))
    moved = again()
    assert frontend.looked == 3
    assert moved.theta1_id != before.theta1_id
    assert again().run.id == moved.run.id
    assert frontend.looked == 3


def test_what_was_made_for_a_box_that_has_moved_meanwhile_is_dropped(
    project: Project, body: BodyModel
) -> None:
    class Slow(Scripted):
        def annotate(self, *what: Any) -> RoughAnnotation:
            project.decide(MoveBox(1, Box(20, 20, 40, 50)))
            return super().annotate(*what)

    person = project.add_person(1, Box(10, 10, 50, 60))
    finish(annotate_person(project, person, Slow(), load_refiner("identity", body), body, OPTIONS))
    assert project.person(person).theta1 is None


def test_annotate_leaves_decided_persons_alone(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("identity", body)
    for x in (1, 100):
        project.add_person(1, Box(x, 10, 50, 60))
    project.decide(Reject(1))
    project.decide(Flag(2))
    finish(annotate(project, Scripted(), refiner, body, OPTIONS))
    assert [row.has_theta1 for row in project.rows()] == [False, True]


def test_annotate_tells_how_far_it_is(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("identity", body)
    told = list(annotate(project, Scripted(), refiner, body, OPTIONS))
    assert [(each.done, each.total) for each in told] == [(0, 2), (1, 2), (0, 2), (1, 2), (2, 2)]


def test_the_window_s_job_is_the_same_work(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("identity", body)
    for x in (0, 10):
        project.add_person(1, Box(x, 10, 50, 60))
    with pytest.raises(NoPersonFound):
        finish(annotate_person(project, 1, Scripted(), refiner, body, OPTIONS))
    assert project.rows()[0].note == NOBODY
    job = annotate_person(project, 2, Scripted(), refiner, body, OPTIONS)
    assert [progress.message.split()[0] for progress in job] == ["looking", "refining", "scoring"]
    again = annotate_person(project, 2, Scripted(), refiner, body, OPTIONS)
    assert finish(again) == Report(skipped=1)
    assert finish(annotate(project, Scripted(), refiner, body, OPTIONS)).skipped == 1


def test_ray_gives_what_this_process_gives(project: Project, body: BodyModel) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    from core.frontends import load_frontend
    from core.jobs.on_ray import ray_engine

    for x in (0, 10, 200):
        project.add_person(1, Box(x, 10, 50, 60))
    models = load_frontend("standing", body), load_refiner("paper", body), body
    engine = ray_engine("standing", "paper", None, OPTIONS)
    assert finish(annotate(project, *models, OPTIONS, engine=engine)).done == 3
    spread = [project.person(row.id).run for row in project.rows()]
    with Project.create(project.path.with_name("local.diffannot")) as local:
        local.add_image(project.image_path(1))
        for x in (0, 10, 200):
            local.add_person(1, Box(x, 10, 50, 60))
        finish(annotate(local, *models, OPTIONS))
        for row, run in zip(local.rows(), spread, strict=True):
            here = local.person(row.id).run
            assert here is not None and run is not None
            mine, other = here.trajectory.steps.body_pose, run.trajectory.steps.body_pose
            np.testing.assert_array_equal(mine, other)


def test_ray_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.jobs.on_ray import ray_engine

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingModel, match=r"pip install 'diffannot\[ray\]'"):
        ray_engine("standing", "paper", None, OPTIONS)


class Broken:
    name = "broken"
    weights_sha256 = ""

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = 57, seed: int = 0
    ) -> Trajectory:
        raise InvalidAnnotation("the refiner gave up")


def test_a_refiner_that_fails_leaves_nothing_half_done(project: Project, body: BodyModel) -> None:
    report = finish(annotate(project, Scripted(), Broken(), body, OPTIONS))
    assert any("gave up" in failure for failure in report.failures)
    first = project.rows()[0]
    assert not first.has_theta1 and first.note == ""
    refiner = load_refiner("identity", body)
    assert finish(annotate(project, Scripted(), refiner, body, OPTIONS)).done == 1


def test_accept_takes_the_suggested_step_where_it_gains_enough(project: Project) -> None:
    for x in (1, 100, 200):
        project.add_person(1, Box(x, 10, 50, 60))
    for person_id in (1, 2):
        project.decide(Flag(person_id))
        project.undo()
        project.add_theta1(person_id, parameters(0.2), Source("x"))
        add_run(project, person_id, person_id, suggested=2)
    project.decide(Reject(2))
    assert finish(accept_suggested(project, min_gain=3.0)) == Report(0, 2)
    assert finish(accept_suggested(project, min_gain=2.7)) == Report(1, 1)
    assert [row.state for row in project.rows()] == [
        State.ACCEPTED,
        State.REJECTED,
        State.UNDECIDED,
    ]
    assert project.person(1).chosen_step == 2


def test_pictures_of_a_folder_are_added_once_and_bad_ones_named(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    picture(folder / "b.png")
    picture(folder / "deep" / "a.JPG".lower())
    (folder / "torn.png").write_bytes((folder / "b.png").read_bytes()[:20])
    (folder / "notes.txt").write_text("no picture")
    with Project.create(tmp_path / "p.diffannot") as project:
        for _ in range(2):
            report = finish(import_images(project, folder))
            assert report.done == 2 and len(report.failures) == 1
        assert len(project.images()) == 2


@pytest.mark.skipif(not PHOTOS.exists(), reason="../shared/data is absent")
def test_importing_real_coco_keypoints_twice_changes_nothing(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.diffannot") as project:
        for _ in range(2):
            job = import_file(project, PHOTOS / "coco_person_keypoints_785.json")
            assert finish(job) == Report(1)
        (row,) = project.rows()
        assert row.image.endswith("000000000785.jpg")


IMPORT_AND_HANG = """
import sys
from pathlib import Path
from core.jobs.importing import import_file
from core.project import Project
project = Project.open(Path(sys.argv[1]))
for progress in import_file(project, Path(sys.argv[2])):
    if progress.done == 5:
        sys.stdout.write("half way\\n")
        sys.stdout.flush()
        sys.stdin.read()
"""


def test_an_import_that_is_killed_can_be_done_again(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    people = [{"image_id": 1, "bbox": [10 * k, 5, 9, 9], "keypoints": [1] * 51} for k in range(9)]
    images = [{"id": 1, "file_name": "a.png"}]
    (tmp_path / "k.json").write_text(json.dumps({"images": images, "annotations": people}))
    Project.create(tmp_path / "p.diffannot").close()
    command = [sys.executable, "-c", IMPORT_AND_HANG, tmp_path / "p.diffannot", tmp_path / "k.json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"half way\n"
        process.kill()
    with Project.open(tmp_path / "p.diffannot") as project:
        assert finish(import_file(project, tmp_path / "k.json")) == Report(9)
        assert len(project.rows()) == 9


def test_another_recommender_makes_another_run(project: Project, body: BodyModel) -> None:
    refiner = load_refiner("random-8", body)
    assert finish(annotate(project, Scripted(), refiner, body, OPTIONS)).done == 1
    person = project.rows()[0].id
    first = project.person(person).run
    assert first is not None
    for done in (1, 0):  # the second time there is nothing to do
        other = replace(OPTIONS, recommender="nearest")
        assert finish(annotate(project, Scripted(), refiner, body, other)).done == done
    second = project.person(person).run
    assert second is not None and second.id != first.id
    assert second.suggestion.by == "nearest" != first.suggestion.by
