"""Orders and filters of the queue."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from project_kit import add_run, make, picture

from core.errors import UnreadableInput
from core.evidence import Box
from core.project import Accept, AskSecond, Bulk, Project, Reject, Remark, Remove, State, Tag
from core.project.filtering import matching, with_state
from core.project.queue import Columns, Order, read_columns


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make(tmp_path / "jockey.diffannot") as made:
        made.add_person(made.add_image(picture(tmp_path / "soccer.png", 50)), Box(1, 2, 30, 40))
        made.add_image(picture(tmp_path / "empty.png", 90))
        yield made


def found(columns: Columns, text: str) -> list[int]:
    return columns.ids[matching(columns, text)].tolist()


def test_columns_hold_what_rows_say_and_empty_pictures(project: Project) -> None:
    project.decide(Accept(1, 1, 3, {"left arm": 1}))
    project.decide(Tag(2, ("dark", "wet")))
    columns = project.columns()
    assert columns.ids.tolist() == [1, 2, 3, 4, -3]
    assert [columns.person(row) for row in range(4)] == project.rows()
    assert columns.path(4) == "empty.png"
    assert [columns.row(key) for key in (1, 4, -3, 77)] == [0, 3, 4, -1]


def test_changed_columns_are_those_read_anew(project: Project) -> None:
    columns = project.columns()
    assert columns.texts
    entry = project.decide(Bulk((Reject(1), Tag(3, ("dark",)))))
    changed = project.reread(columns, [1, 3])
    anew = project.columns()
    assert columns.states.tolist() != changed.states.tolist() == anew.states.tolist()
    assert list(changed.values) == list(anew.values)
    assert changed.texts == anew.texts != columns.texts
    assert changed.person(0).decided_at == entry.time
    for order in Order:
        assert changed.order(order).tolist() == anew.order(order).tolist()


def test_who_comes_or_goes_is_seen(project: Project) -> None:
    columns = project.columns()
    project.decide(Remove(4))
    assert project.reread(columns, [4]).ids.tolist() == [1, 2, 3, -2, -3]
    project.undo()
    assert project.reread(project.columns(), [4]).ids.tolist() == [1, 2, 3, 4, -3]


def test_an_empty_project_has_no_rows(tmp_path: Path) -> None:
    with Project.create(tmp_path / "none.diffannot") as none:
        columns = none.columns()
    assert len(columns) == 0 and found(columns, "is:flagged x") == []
    assert columns.row(1) == -1


@pytest.mark.parametrize("order", [Order.GAIN, Order.SCORE])
def test_the_largest_gain_or_error_comes_first_and_the_unknown_last(
    project: Project, order: Order
) -> None:
    columns = project.columns()
    columns.numbers[order][:4] = [3, 9, 5, float("nan")]
    assert columns.ids[columns.order(order)].tolist() == [2, 3, 1, 4, -3]
    assert columns.ids[columns.order(Order.FILE)].tolist() == [1, 2, 3, 4, -3]


def test_who_was_decided_last_comes_first(project: Project) -> None:
    for person_id in (2, 1):
        project.decide(Reject(person_id))
    columns = project.columns()
    columns.numbers[Order.TIME][:2] = [20.0, 10.0]
    assert columns.ids[columns.order(Order.TIME)].tolist() == [1, 2, 3, 4, -3]


def test_runs_that_lie_apart_and_reviewers_who_differ_come_first(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.rows()[1].disagreement is None
    add_run(project, 2, 2)
    assert project.rows()[1].disagreement == pytest.approx(0, abs=1e-4)
    add_run(project, 2, 2, suggested=4)
    # axis-angles grow from 0.02 to 0.04 about (1, 1, 1), half as much at 23 of the 24 joints
    degrees = 0.02 * 3**0.5 * 180 / 3.141592653589793
    expected = degrees * (1 + 23 / 2) / 24
    assert project.rows()[1].disagreement == pytest.approx(expected, rel=1e-3)
    for who, decision in (("ann", Accept(3, 3, 1)), ("bob", Reject(3))):
        monkeypatch.setenv("LOGNAME", who)
        project.decide(decision)
    columns = project.columns()
    assert columns.ids[columns.order(Order.DISAGREEMENT)].tolist()[:2] == [3, 2]
    assert found(columns, "is:disputed") == [3]
    assert found(columns, "by:BOB") == [3]
    assert found(columns, "apart>0.5 apart<180") == [2]


def test_filters_let_through_what_they_name(project: Project) -> None:
    project.decide(Reject(1))
    project.decide(Accept(2, 2, 3, {"left arm": 1}))
    project.decide(AskSecond(3))
    project.decide(Tag(3, ("Dark", "wet")))
    project.decide(Remark(4, "Hand behind back"))
    columns = project.columns()
    for text, ids in {
        "": [1, 2, 3, 4, -3],
        "SOCC": [4],
        "jockey png": [1, 2, 3],
        "hand back": [4],
        "is:rejected": [1],
        "is:rejected is:second-opinion": [1, 3],
        "is:decided": [1, 2, 3],
        "is:decided jockey -#dark": [1, 2],
        "is:mixed": [2],
        "part:left-arm": [2],
        "part:right-arm": [],
        "-part:left-arm jockey": [1, 3],
        "is:noted": [4],
        "#dark": [3],
        "#dar": [],
        "-is:undecided": [1, 2, 3, -3],
        "score>4": [1, 2, 3],
        "score>=6": [],
        "score>": [1, 2, 3, 4, -3],
        "is:": [1, 2, 3, 4, -3],
        "#": [1, 2, 3, 4, -3],
    }.items():
        assert found(columns, text) == ids, text


@pytest.mark.parametrize("text", ["is:nonsense", "part:tail", "score>much", "gain<1e"])
def test_a_filter_that_names_what_there_is_not_is_told(project: Project, text: str) -> None:
    with pytest.raises(UnreadableInput, match=r"is no (state|part)|needs a number"):
        matching(project.columns(), text)


def test_a_state_is_written_into_a_filter_and_out_of_it() -> None:
    text = with_state("jockey", State.FLAGGED, True)
    assert text == "jockey is:flagged"
    assert with_state(text, State.FLAGGED, False) == "jockey"


def test_filters_are_kept_in_the_project(project: Project) -> None:
    project.keep_filter("mine", "#dark")
    project.keep_filter("hard", "gain>10")
    project.keep_filter("mine", "")
    with Project.open(project.path) as again:
        assert again.filters() == {"hard": "gain>10"}


def test_a_list_of_persons_reads_no_arrays(project: Project) -> None:
    seen: list[str] = []
    with project._store.read() as session:
        session.connection().connection.driver_connection.set_trace_callback(seen.append)
        read_columns(session)
    assert not any("arrays" in statement for statement in seen)
