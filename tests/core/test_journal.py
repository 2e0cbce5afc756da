import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_kit import make, parameters, picture, states
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from core.errors import ProjectError, UnreadableInput
from core.evidence import Box
from core.pose import PARTS
from core.project import (
    Accept,
    AcceptTheta1,
    Act,
    AddPerson,
    AskSecond,
    Bulk,
    Decision,
    Flag,
    JournalEntry,
    MoveBox,
    MoveKeypoint,
    Pick,
    Place,
    Reject,
    Remark,
    Remove,
    Tag,
)
from core.project.journal import Mark, Turns
from core.project.wire import decision_from_json, decision_to_json


def test_undo_and_redo_walk_through_the_decisions(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        project.decide(Accept(1, 1, 2))
        project.decide(Reject(2))
        project.decide(Flag(1))
        seen = [states(project)]
        for turn in "uuuurrrr":
            project.undo() if turn == "u" else project.redo()
            seen.append(states(project))
        assert seen == ["fru", "aru", "auu", "uuu", "uuu", "auu", "aru", "fru", "fru"]
        assert project.person(1).chosen_step is None


def test_a_new_decision_ends_what_could_be_redone(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        project.decide(Reject(1))
        project.undo()
        project.decide(Flag(2))
        assert project.redo() is None
        assert states(project) == "ufu"


def test_the_journal_says_who_did_what(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        decided = project.decide(Accept(1, 1, 2))
        project.undo()
        project.redo()
        project.decide(Accept(2, 2, 0))
        entries = project.journal()
    assert [entry.describe() for entry in entries] == [
        "accepted step 2 of person 1",
        "undid: accepted step 2 of person 1",
        "did again: accepted step 2 of person 1",
        "kept step 0 of person 2",
    ]
    assert [entry.target for entry in entries] == [None, 1, 1, None]
    assert entries[0].time == decided.time and decided.time.endswith("+00:00")
    assert decided.who and all(entry.who == decided.who for entry in entries)


def test_the_journal_is_never_changed(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        project.decide(Reject(1))
    engine = create_engine(f"sqlite:///{project.path}")
    for statement in ("UPDATE journal SET who='x'", "DELETE FROM journal"):
        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    engine.dispose()


def test_replaying_a_journal_gives_the_same_decisions(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        project.decide(Accept(1, 1, 2))
        project.decide(Reject(2))
        project.undo()
        project.decide(Place(3, parameters(0.123456789)))
        lines = [entry.to_json_line() for entry in project.journal()]
    picture(tmp_path / "q.png")
    with make(tmp_path / "q.diffannot") as copy:
        entries = [JournalEntry.from_json_line(line) for line in lines]
        assert copy.replay(entries) == 4
        assert copy.replay(entries) == 0
        assert [entry.to_json_line() for entry in copy.journal()] == lines
        assert states(copy) == "auu"
        placed = copy.person(3).theta1
        assert placed is not None
        np.testing.assert_array_equal(placed.betas, parameters(0.123456789).betas)


def test_a_journal_that_does_not_fit_appends_nothing(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        first = project.decide(Reject(1))
        stranger = JournalEntry(2, first.time, "eve", Act.DECIDE, Reject(77), None)
        with pytest.raises(ProjectError, match="no person 77"):
            project.replay([first, JournalEntry(2, "t", "eve", Act.UNDO, Reject(1), 1), stranger])
        with pytest.raises(ProjectError, match="differ from entry 2"):
            project.replay([JournalEntry(2, first.time, "eve", Act.DECIDE, Reject(1), None)])
        assert len(project.journal()) == 1
        assert states(project) == "ruu"


ids = st.integers(1, 2**40)
floats = st.floats(-10, 10, width=32)
steps = st.integers(0, 999)
parts = st.dictionaries(st.sampled_from(sorted(PARTS)), steps)
boxes = st.builds(Box, floats, floats, st.floats(1, 99), st.floats(1, 99))
words = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1)
singles = st.one_of(
    st.builds(Accept, ids, ids, steps, parts),
    st.builds(Pick, ids, ids, steps, parts),
    st.builds(AskSecond, ids),
    st.builds(Remark, ids, st.text()),
    st.builds(Tag, ids, st.lists(words).map(tuple)),
    st.builds(AddPerson, ids, ids, ids, boxes),
    st.builds(MoveBox, ids, boxes),
    st.builds(Remove, ids),
    st.builds(MoveKeypoint, ids, ids, steps, floats, floats),
    st.builds(AcceptTheta1, ids, ids),
    st.builds(Reject, ids),
    st.builds(Flag, ids),
    st.builds(Place, ids, st.builds(parameters, floats)),
)
decisions = singles | st.builds(Bulk, st.lists(singles, min_size=1).map(tuple))


@given(decisions)
def test_decisions_survive_json(decision: Decision) -> None:
    text = json.dumps(decision_to_json(decision))
    again = decision_from_json(json.loads(text))
    assert again.describe() == decision.describe()
    assert json.dumps(decision_to_json(again)) == text


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"kind": "accept", "person_id": 1},
        {"kind": "reject", "person_id": "x"},
        {"kind": "flag", "person_id": 1, "more": 2},
        {"kind": "place", "person_id": 1, "parameters": {"betas": [1]}},
        {"kind": "accept", "person_id": 1, "run_id": 1, "step": 1, "parts": {"tail": 1}},
        {"kind": "tag", "person_id": 1, "tags": ["two words"]},
        {"kind": "move_box", "person_id": 1, "box": [1, 2, 3]},
        {"kind": "bulk", "decisions": []},
        {"kind": "bulk", "decisions": [{"kind": "bulk", "decisions": []}]},
    ],
)
def test_what_is_no_decision_is_refused(data: object) -> None:
    with pytest.raises(UnreadableInput, match="Not a decision"):
        decision_from_json(data)


@given(st.lists(st.sampled_from("dur")))
def test_history_agrees_with_two_stacks_of_a_text_editor(turns: list[str]) -> None:
    marks: list[Mark] = []
    on: list[int] = []
    off: list[int] = []
    for key, turn in enumerate(turns, 1):
        if turn == "d":
            marks.append(Mark(key, Act.DECIDE, None))
            on, off = [*on, key], []
        elif turn == "u" and on:
            marks.append(Mark(key, Act.UNDO, on[-1]))
            on, off = on[:-1], [*off, on[-1]]
        elif turn == "r" and off:
            marks.append(Mark(key, Act.REDO, off[-1]))
            on, off = [*on, off[-1]], off[:-1]
    turns = Turns()
    turns.apply(marks)
    assert (turns.done, turns.undone) == (on, off)
