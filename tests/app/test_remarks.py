from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tiny_projects import SUGGESTED, make_project
from window_kit import Open, journal, press, states

from core.project import Project, Remark, State, Tag


def test_notes_and_tags_are_written_down_when_one_leaves_the_field(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    window.activateWindow()
    remarks = window.inspector.remarks
    remarks.tags.setFocus()
    QTest.keyClicks(remarks.tags, "blurred far")  # b, r and f are keys of the window too
    QTest.keyClick(remarks.tags, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(journal(path)) == 1)
    remarks.note.setFocus()
    QTest.keyClicks(remarks.note, "left hand hidden")
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: len(journal(path)) == 2)
    assert [entry.decision for entry in journal(path)] == [
        Tag(1, ("blurred", "far")),
        Remark(1, "left hand hidden"),
    ]
    assert states(path)[0] == State.UNDECIDED
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.person is not None)
    assert (remarks.tags.text(), remarks.note.toPlainText()) == ("", "")
    press(window, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: remarks.note.toPlainText() == "left hand hidden")
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: remarks.note.toPlainText() == "")


def test_escape_takes_back_what_was_typed(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    remarks = window.inspector.remarks
    remarks.note.setFocus()
    QTest.keyClicks(remarks.note, "no")
    QTest.keyClick(remarks.note, Qt.Key.Key_Escape)
    assert remarks.note.toPlainText() == ""
    assert journal(path) == []


def test_a_note_that_is_being_typed_goes_to_the_person_who_is_accepted(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    remarks = window.inspector.remarks
    remarks.note.setPlainText("good")
    window.review.decider.accept_shown()
    qtbot.waitUntil(lambda: len(journal(path)) == 2)
    with Project.open(path) as project:
        person = project.person(1)
        assert (person.row.remark, person.chosen_step) == ("good", SUGGESTED)
