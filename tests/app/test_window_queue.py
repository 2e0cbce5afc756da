"""The queue in the window: filter, order, select, decide on many; and the history."""

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import CONTROL, SHIFT, Open, journal, press, states

from app import theme
from app.panels.people_list import details
from app.window import MainWindow
from core.project import AcceptTheta1, Bulk, Flag, Project, Reject, State, Tag
from core.project.bulk import Verb
from core.project.queue import Order


def shown(window: MainWindow) -> list[int]:
    return [row.id for row in window.people.model.rows]


def select(window: MainWindow, places: list[int]) -> None:
    chosen = window.people.list.selectionModel()
    for place in places:
        chosen.select(window.people.model.index(place), QItemSelectionModel.SelectionFlag.Select)


def test_typing_filters_the_queue_and_the_next_follows_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=4)
    with Project.open(path) as project:
        project.decide(Tag(2, ("dark",)))
        project.decide(Tag(4, ("dark",)))
    window = open_window(path)
    press(window, Qt.Key.Key_F, CONTROL)
    line = window.people.filter.line
    QTest.keyClicks(line, "#dark")
    qtbot.waitUntil(lambda: shown(window) == [2, 4])
    assert window.review.current == 1  # whoever is shown stays
    assert window.people.filter.found.text() == "2 of 4 shown"
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2)
    press(window, Qt.Key.Key_N)
    assert window.review.current == 4
    assert states(path)[0] == State.REJECTED
    QTest.keyClick(line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(window) == [1, 2, 3, 4])


def test_a_person_who_is_filtered_out_by_the_verdict_is_followed_by_the_next(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=4))
    window.people.filter.line.setText("is:undecided")
    window.review.select(2)
    qtbot.waitUntil(
        lambda: window.review.rows.view.filter != "" and window.review.poses is not None,
    )
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: shown(window) == [1, 3, 4])
    assert window.review.current == 3


def test_where_nobody_matches_the_queue_says_so_and_clears(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    window.people.filter.line.setText("nobody-at-all")
    qtbot.waitUntil(window.people.nobody.isVisible)
    window.people.nobody.button.click()
    qtbot.waitUntil(lambda: shown(window) == [1, 2, 3])
    window.people.filter.line.setText("is:lost")
    qtbot.waitUntil(lambda: "is:lost is no state" in window.people.filter.found.text())
    assert shown(window) == [1, 2, 3]


def test_the_queue_is_ordered_and_a_filter_is_kept(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        project.decide(Flag(2))
    window = open_window(path)
    bar = window.people.filter
    bar.order.setCurrentIndex(bar.order.findData(Order.TIME))
    qtbot.waitUntil(lambda: shown(window) == [2, 1, 3])
    bar.filter_kept.emit("mine", "is:flagged")
    qtbot.waitUntil(lambda: window.review.filters == {"mine": "is:flagged"})
    bar.menu.aboutToShow.emit()
    mine = next(action for action in bar.menu.actions() if action.text() == "mine")
    mine.trigger()
    qtbot.waitUntil(lambda: shown(window) == [2])
    assert "flagged by" in details(window.people.model.rows[0])[0]


def test_several_are_rejected_at_once_and_undone_at_once(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=4)
    window = open_window(path)
    select(window, [0, 2, 3])
    assert window.people.bulk.isVisible()
    assert window.people.bulk.count.text() == "3 selected"
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2)
    (entry,) = journal(path)
    assert entry.decision == Bulk((Reject(1), Reject(3), Reject(4)))
    said = window.statusBar()
    qtbot.waitUntil(lambda: "Rejected 3 persons" in said.currentMessage())
    assert not window.people.bulk.isVisible()
    press(window, Qt.Key.Key_Z, CONTROL)
    count = window.people.count
    qtbot.waitUntil(lambda: count.text() == "0 of 4 decided")
    assert set(states(path)) == {State.UNDECIDED}


def test_who_is_shown_stays_while_others_are_decided_on(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=4))
    select(window, [2, 3])
    chosen = window.people.list.selectionModel()
    chosen.select(window.people.model.index(0), QItemSelectionModel.SelectionFlag.Deselect)
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: window.review.rows.count(State.FLAGGED) == 2)
    qtbot.waitUntil(lambda: not window.people.bulk.isVisible())
    assert (window.review.current, window.review.selected) == (1, [])


def test_suggestions_of_all_are_accepted_by_their_button(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_A, CONTROL)
    accept = window.people.bulk.findChildren(QPushButton)[0]
    qtbot.mouseClick(accept, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.review.rows.count(State.ACCEPTED) == 3)
    assert len(journal(path)) == 1
    window.people.list.selectAll()
    window.people.bulk.wanted.emit(Verb.TAG, "done")
    qtbot.waitUntil(lambda: window.review.rows.tags() == ["done"])
    assert states(path) == [State.ACCEPTED] * 3


def test_history_tells_what_was_done_and_a_click_goes_there(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    model = window.history.model
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.person is not None)
    press(window, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: len(model.deeds) == 2)
    assert model.index(0).data().startswith("Asked for a second opinion, picture_1 · 1 ·")
    assert "the project is here" in model.index(0).data()
    window.history.go_to(1)
    qtbot.waitUntil(lambda: states(path)[1] == State.UNDECIDED)
    qtbot.waitUntil(lambda: model.now == 1)
    assert states(path)[0] == State.REJECTED
    assert "undone; click to do it again" in model.index(0).data()
    window.history.go_to(0)
    qtbot.waitUntil(lambda: model.now == 2)
    assert states(path)[1] == State.SECOND_OPINION
    window.history.start.click()
    qtbot.waitUntil(lambda: set(states(path)) == {State.UNDECIDED})
    qtbot.waitUntil(lambda: model.now == 0 and window.review.person is not None)
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: len(model.deeds) == 3)
    assert "undone, and decided anew" in model.index(1).data()
    assert len(journal(path)) == 7


def test_a_person_who_is_removed_makes_room_for_the_next(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    window.actions_by_name["remove"].trigger()
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert shown(window) == [-1, 2, 3]  # the picture is there, and nobody in it
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: shown(window) == [1, 2, 3])
    assert window.review.current == 1


def test_who_is_in_the_picture_is_listed_under_it_and_gone_to(
    open_window: Open, tmp_path: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    window = open_window(make_project(tmp_path))  # the last two are in one picture
    assert not window.strip.isVisible()
    window.review.select(2)
    assert window.strip.isVisible()
    first, second = window.strip.buttons.values()
    assert (first.isChecked(), second.isChecked()) == (True, False)
    assert second.accessibleName() == "Person 2: to do"
    second.click()
    assert window.review.current == 3
    assert second.isChecked() and not first.isChecked()
    qtbot.waitUntil(lambda: window.review.person is not None)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 1)
    window.review.select(2)
    assert window.strip.buttons[3].accessibleName() == "Person 2: rejected"
    icon = window.strip.buttons[3].icon().pixmap(14).toImage()
    theme.choose(qapp, Qt.ColorScheme.Dark)
    try:
        assert window.strip.buttons[3].icon().pixmap(14).toImage() != icon
    finally:
        theme.choose(qapp, Qt.ColorScheme.Unknown)


def test_nothing_is_made_to_list_one_person_alone(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=5))
    for person in (1, 2, 3):
        window.review.select(person)
        assert window.strip.buttons == {}
    window.review.select(4)  # with the last in one picture
    assert list(window.strip.buttons) == [4, 5] and window.strip.isVisible()
    window.review.select(1)
    assert not window.strip.isVisible()


def test_a_key_with_shift_or_ctrl_goes_to_one_person_and_selects_no_others(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=5)
    window = open_window(path)
    press(window, Qt.Key.Key_U, SHIFT)  # round the end, over all who are between
    assert (window.review.current, window.review.selected) == (5, [])
    press(window, Qt.Key.Key_N, CONTROL)
    assert (window.review.current, window.review.selected) == (1, [])
    qtbot.waitUntil(lambda: window.review.person is not None)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert states(path).count(State.REJECTED) == 1


def test_the_disputed_are_gone_to_by_keys(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_project(tmp_path, persons=4)
    with Project.open(path) as project:
        for who, decide in (("ann", AcceptTheta1), ("bob", lambda person, _: Reject(person))):
            monkeypatch.setenv("LOGNAME", who)
            for person in (2, 4):
                project.decide(decide(person, project.person(person).theta1_id))
    window = open_window(path)
    seen = []
    for held in (SHIFT, SHIFT, SHIFT, SHIFT | CONTROL):
        press(window, Qt.Key.Key_R, held)
        seen.append(window.review.current)
    assert seen == [2, 4, 2, 4]


def test_those_who_are_selected_are_annotated_alone(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    window = open_window(make_project(tmp_path, persons=5, runs=False))
    window.review.stop()
    before = set(models.annotated)
    window.people.choose([4, 5])
    window.review.annotate_all()
    qtbot.waitUntil(lambda: {4, 5} <= set(models.annotated))
    assert 3 not in set(models.annotated) - before
