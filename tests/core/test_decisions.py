"""What each kind of edit changes, and that undoing takes it back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from project_kit import add_run, make, parameters, states

from core.errors import InvalidAnnotation, ProjectError
from core.evidence import Box, Keypoints2D
from core.parts import compose
from core.project import (
    Accept,
    AcceptTheta1,
    AskSecond,
    Bulk,
    Decision,
    Flag,
    MoveBox,
    MoveKeypoint,
    Pick,
    Place,
    Project,
    Reject,
    Remark,
    Remove,
    Source,
    State,
    Tag,
)
from core.project.rebuilding import rebuild

POINTS = Keypoints2D("coco", np.full((17, 2), 30), np.full(17, 0.5))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make(tmp_path / "p.diffannot") as made:
        yield made


def test_accepted_parts_come_from_their_own_steps(project: Project) -> None:
    project.decide(Accept(1, 1, 3, {"left arm": 1}))
    person, curated = project.person(1), project.curated(1)
    assert person.run is not None and curated is not None
    expected = compose(person.run.trajectory, {"left arm": 1}, 3)
    np.testing.assert_array_equal(curated.body_pose, expected.body_pose)
    steps = person.run.trajectory.steps.body_pose
    assert not np.array_equal(curated.body_pose, steps[3])
    assert (person.chosen_step, person.chosen_parts) == (3, {"left arm": 1})
    assert person.row.mixed and not project.rows()[1].mixed
    assert project.journal()[0].describe() == "accepted step 3 (left arm 1) of person 1"


def test_a_pick_is_kept_without_a_verdict_until_there_is_a_newer_run(project: Project) -> None:
    project.decide(Pick(1, 1, 3, {"right leg": 4}))
    person = project.person(1)
    assert (person.row.state, person.chosen_step) == (State.UNDECIDED, 3)
    assert person.chosen_parts == {"right leg": 4}
    assert person.row.decided_by is None and project.curated(1) is None
    add_run(project, 1, 1)
    assert (project.person(1).chosen_step, project.person(1).chosen_parts) == (None, {})
    project.undo()
    assert project.person(1).chosen_parts == {}


def test_parts_and_steps_that_are_not_there_are_refused(project: Project) -> None:
    with pytest.raises(InvalidAnnotation, match="no part tail"):
        Accept(1, 1, 3, {"tail": 1})
    with pytest.raises(ProjectError, match=r"Step 5 is outside 0\.\.4"):
        project.decide(Pick(1, 1, 3, {"left arm": 5}))
    assert project.journal() == []


def test_tags_and_notes_leave_the_verdict_as_it_is(project: Project) -> None:
    project.decide(Accept(1, 1, 2))
    project.decide(Tag(1, ("dark", "occluded")))
    project.decide(Remark(1, "left hand behind\nthe back"))
    project.decide(Tag(1, ("dark",)))
    row = project.rows()[0]
    assert (row.state, row.chosen_step) == (State.ACCEPTED, 2)
    assert (row.tags, row.remark) == (("dark",), "left hand behind\nthe back")
    ((_, _, last),) = project.people([1])
    assert last is not None and last.decision == Accept(1, 1, 2)
    for _ in range(3):
        project.undo()
    row = project.rows()[0]
    assert (row.state, row.tags, row.remark) == (State.ACCEPTED, (), "")


def test_a_tag_is_a_word() -> None:
    assert Tag(1, ("b", "a", "b")).tags == ("a", "b")
    for text in ("two words", "", " "):
        with pytest.raises(InvalidAnnotation, match="one word"):
            Tag(1, (text,))


def test_it_is_told_who_gave_the_verdict_and_when(project: Project) -> None:
    entry = project.decide(AskSecond(1))
    row = project.rows()[0]
    assert row.state is State.SECOND_OPINION
    assert (row.decided_by, row.decided_at) == (entry.who, entry.time)
    project.undo()
    assert project.rows()[0].decided_by is None


def test_reviewers_who_differ_are_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for who, decision in (("ann", Accept(1, 1, 2)), ("bob", Flag(1)), ("bob", Reject(1))):
        assert not project.rows()[0].disputed
        monkeypatch.setenv("LOGNAME", who)
        project.decide(decision)
    assert project.rows()[0].disputed
    project.decide(Accept(1, 1, 4))
    assert not project.rows()[0].disputed


def test_each_reviewer_s_last_accepted_steps_are_kept_apart(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(who: str, decision: Decision) -> dict[str, int]:
        monkeypatch.setenv("LOGNAME", who)
        project.decide(decision)
        return {who: accept.step for who, accept in project.person(1).accepts.items()}

    assert decide("ann", Accept(1, 1, 2)) == {"ann": 2}
    assert decide("bob", Accept(1, 1, 4, {"left arm": 1})) == {"ann": 2, "bob": 4}
    assert project.person(1).accepts["bob"].parts == {"left arm": 1}
    assert decide("ann", Flag(1)) == {"ann": 2, "bob": 4}
    assert decide("ann", Accept(1, 1, 3)) == {"ann": 3, "bob": 4}
    assert decide("bob", Reject(1)) == {"ann": 3}
    project.undo()
    assert project.person(1).accepts.keys() == {"ann", "bob"}
    theta1 = project.person(1).theta1_id
    assert theta1 is not None
    other_run = add_run(project, 1, theta1)
    assert decide("cat", Accept(1, other_run, 1)) == {"ann": 3, "bob": 4, "cat": 1}
    runs = {who: accept.run_id for who, accept in project.person(1).accepts.items()}
    assert runs == {"ann": 1, "bob": 1, "cat": other_run}
    assert project.run(1).id == 1
    with pytest.raises(ProjectError, match="no run 99"):
        project.run(99)
    assert decide("ann", AcceptTheta1(1, theta1)) == {"ann": 0, "bob": 4, "cat": 1}


def test_a_moved_box_is_the_same_person_still(project: Project) -> None:
    project.decide(MoveBox(1, Box(5, 6, 70, 80)))
    assert project.person(1).evidence.box == Box(5, 6, 70, 80)
    assert project.add_person(1, Box(0, 0, 50, 50)) == 1  # imported again
    project.decide(MoveBox(1, Box(9, 9, 9, 9)))
    project.undo()
    assert project.person(1).evidence.box == Box(5, 6, 70, 80)
    project.undo()
    assert project.person(1).evidence.box == Box(0, 0, 50, 50)


def test_a_removed_person_is_gone_from_the_list_and_comes_back(project: Project) -> None:
    project.decide(Reject(1))
    project.decide(Remove(1))
    assert [row.id for row in project.rows()] == [2, 3]
    assert project.add_person(1, Box(0, 0, 50, 50)) == 1
    assert [row.id for row in project.rows()] == [2, 3]
    project.undo()
    assert states(project) == "ruu"


def test_a_person_who_is_drawn_can_be_undone(project: Project) -> None:
    drawn, _ = project.draw_person(1, Box(300, 10, 40, 50))
    assert project.draw_person(1, Box(300, 10, 40, 50)) == (drawn, None)
    assert [(row.id, row.number) for row in project.rows()][-1] == (drawn, 4)
    project.undo()
    assert len(project.rows()) == 3
    again, _ = project.draw_person(1, Box(400, 10, 40, 50))
    assert again != drawn and project.rows()[-1].number == 5


def test_a_moved_keypoint_counts_more_than_any_machine_s(project: Project) -> None:
    project.add_keypoints(1, POINTS, "blazepose")
    first = project.person(1).keypoints_id
    assert first is not None
    project.decide(MoveKeypoint(1, first, 9, 41.5, 42.25))
    project.add_keypoints(1, Keypoints2D("coco", np.ones((17, 2)), np.ones(17)), "other")
    moved = project.person(1).evidence.keypoints
    assert moved is not None
    assert moved.points[9].tolist() == [41.5, 42.25] and moved.confidence[9] == 1
    assert moved.points[8].tolist() == [30, 30] and moved.confidence[8] == 0.5
    project.undo()
    undone = project.person(1).evidence.keypoints
    assert undone is not None and undone.points[8].tolist() == [1, 1]
    for keypoints_id, index in ((first, 17), (first, -1), (99, 0)):
        with pytest.raises(ProjectError):
            project.decide(MoveKeypoint(1, keypoints_id, index, 0, 0))


def test_a_bulk_decision_is_one_entry_and_one_undo(project: Project) -> None:
    project.decide(Flag(2))
    bulk = Bulk((Reject(1), Reject(2), Accept(3, 3, 1)))
    assert project.decide(bulk).id == 2
    assert states(project) == "rra"
    assert project.journal()[1].decision == bulk
    assert project.journal()[1].describe() == "decided on 3 persons"
    assert Bulk((Reject(1), Reject(2))).describe() == "rejected 2 persons"
    project.undo()
    assert states(project) == "ufu"
    project.redo()
    assert states(project) == "rra"
    assert len(project.journal()) == 4


def test_a_bulk_decision_is_made_on_all_or_on_nobody(project: Project) -> None:
    with pytest.raises(ProjectError, match="no person 99"):
        project.decide(Bulk((Reject(1), Reject(99))))
    assert (states(project), project.journal()) == ("uuu", [])
    with pytest.raises(InvalidAnnotation):
        Bulk(())


def test_jumping_undoes_and_redoes_to_there(project: Project) -> None:
    for decision in (Reject(1), Flag(2), Bulk((Reject(2), Flag(3)))):
        project.decide(decision)
    assert [entry.target for entry in project.jump(1)] == [3, 2]
    assert states(project) == "ruu"
    assert [entry.target for entry in project.jump(3)] == [2, 3]
    assert states(project) == "rrf"
    assert project.jump(3) == []
    project.jump(0)
    assert states(project) == "uuu"
    project.decide(Flag(1))
    with pytest.raises(ProjectError, match="other decisions were made since"):
        project.jump(2)
    assert states(project) == "fuu"


def test_undo_after_a_write_that_failed_undoes_the_right_decision(project: Project) -> None:
    project.decide(Reject(1))
    with pytest.raises(ProjectError), project.batch():
        project.decide(Flag(2))
        project.undo()
        project.decide(Flag(99))
    project.decide(Flag(3))
    undone = project.undo()
    assert undone is not None and undone.decision == Flag(3)
    assert states(project) == "ruu"


def test_what_is_placed_by_hand_is_undone_with_its_bulk(project: Project) -> None:
    project.decide(Bulk((Place(1, parameters(0.3)), Place(2, parameters(0.4)))))
    for person_id, value in ((1, 0.3), (2, 0.4)):
        theta1 = project.person(person_id).theta1
        assert theta1 is not None
        np.testing.assert_array_equal(theta1.betas, parameters(value).betas)
    project.undo()
    source = project.person(1).source
    assert source is not None and source.frontend == "x"


def test_the_run_by_the_keypoints_that_count_is_shown(project: Project) -> None:
    project.add_keypoints(1, POINTS, "blazepose")
    person = project.person(1)
    assert person.theta1_id is not None and person.keypoints_id is not None
    first = add_run(project, 1, person.theta1_id)
    project.decide(MoveKeypoint(1, person.keypoints_id, 9, 41.5, 42.25))
    assert shown_run(project) == first  # until there is one by the moved keypoint
    second = add_run(project, 1, person.theta1_id)
    assert shown_run(project) == second
    project.undo()
    assert shown_run(project) == first
    project.redo()
    assert shown_run(project) == second


def test_what_was_found_in_a_moved_box_comes_and_goes_with_it(
    project: Project, tmp_path: Path
) -> None:
    given = project.person(1)
    project.decide(MoveBox(1, Box(5, 6, 70, 80)))
    assert project.person(1).looked_elsewhere
    found = project.add_theta1(1, parameters(0.7), Source("x"), in_box=True)
    project.add_keypoints(1, POINTS, "x", in_box=True)
    moved = project.person(1)
    assert (moved.theta1_id, moved.keypoints_source) == (found, "x")
    assert not moved.looked_elsewhere
    project.undo()
    undone = project.person(1)
    assert (undone.theta1_id, undone.keypoints_id) == (given.theta1_id, given.keypoints_id)
    assert not undone.looked_elsewhere
    project.redo()
    again = project.person(1)
    assert (again.theta1_id, again.keypoints_id) == (found, moved.keypoints_id)
    rebuild(project.path, tmp_path / "again.diffannot")
    with Project.open(tmp_path / "again.diffannot") as rebuilt:
        assert rebuilt.person(1).theta1_id == found
        rebuilt.undo()
        assert rebuilt.person(1).theta1_id == given.theta1_id


def test_a_body_placed_by_hand_stays_where_the_box_is_moved(project: Project) -> None:
    project.decide(Place(1, parameters(0.6)))
    placed = project.person(1).theta1_id
    project.decide(MoveBox(1, Box(5, 6, 70, 80)))
    assert project.person(1).theta1_id == placed
    assert not project.person(1).looked_elsewhere


def shown_run(project: Project) -> int:
    run = project.person(1).run
    assert run is not None
    return run.id
