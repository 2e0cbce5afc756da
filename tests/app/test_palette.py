from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import CONTROL, Open, press, states

from app.fuzzy import closeness
from app.palette import Palette
from app.window import MainWindow
from core.project import State

CLOSER = [
    ("acc", "Accept the shown step", "Back to the undecided before"),
    ("as", "Accept the suggestion", "Last step"),
    ("undo", "Undo", "Back to the undecided before"),
    ("rej", "Reject", "Previous projection"),
    ("step", "Step on", "Accept the shown step"),
]


@pytest.mark.parametrize(("letters", "closer", "farther"), CLOSER)
def test_beginnings_of_words_and_runs_of_letters_are_closer(
    letters: str, closer: str, farther: str
) -> None:
    assert closeness(letters, closer) > closeness(letters, farther)


@given(st.text("abc xyz", max_size=30), st.data())
def test_any_letters_in_order_are_found_and_no_others(text: str, data: st.DataObject) -> None:
    letters = "".join(letter for letter in text if letter != " " and data.draw(st.booleans()))
    assert (closeness(letters, text) > 0) == bool(letters)
    assert closeness(text + "q", text) == 0


def palette(window: MainWindow) -> Palette:
    press(window, Qt.Key.Key_K, CONTROL)
    return window.findChildren(Palette)[-1]


def texts(shown: Palette) -> list[str]:
    return [entry.text for entry in shown.model.entries]


def test_typing_finds_an_action_and_return_runs_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    shown = palette(window)
    QTest.keyClicks(shown.line, "rej")
    assert texts(shown)[0] == "Reject"
    assert shown.model.entries[0].aside == "R"
    QTest.keyClick(shown.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(path)[0] == State.REJECTED)


def test_arrows_choose_among_what_answers(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    shown = palette(window)
    QTest.keyClicks(shown.line, "five steps")
    assert texts(shown)[:2] == ["Five steps on", "Five steps back"]
    step = window.review.step
    QTest.keyClick(shown.line, Qt.Key.Key_Down)
    QTest.keyClick(shown.line, Qt.Key.Key_Return)
    assert window.review.step == step - 5


def test_a_person_is_found_by_the_name_of_the_picture(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    shown = palette(window)
    QTest.keyClicks(shown.line, "picture_1 · 2")
    assert texts(shown) == ["picture_1 · 2"]
    QTest.keyClick(shown.line, Qt.Key.Key_Return)
    assert window.review.current == 3


def test_what_cannot_be_done_now_is_shown_but_not_chosen(open_window: Open) -> None:
    window = open_window(None)
    window.actions_by_name["palette"].trigger()
    (shown,) = window.findChildren(Palette)
    QTest.keyClicks(shown.line, "reject")
    reject = next(entry for entry in shown.model.entries if entry.text == "Reject")
    assert not reject.enabled
    QTest.keyClick(shown.line, Qt.Key.Key_Return)
    assert shown.isVisible()
    QTest.keyClick(shown.line, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_nonsense_is_answered_in_words(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    shown = palette(window)
    QTest.keyClicks(shown.line, "qqqq")
    assert texts(shown) == []
    assert shown.nothing.isVisible()
    shown.close()
