from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import CONTROL, SHIFT, Open, press, states

from app.keymap import Keymap
from app.settings import Settings
from app.shortcuts import KeysDialog
from app.window import MainWindow
from core.project import State

NONE = Qt.KeyboardModifier.NoModifier


def editor(window: MainWindow) -> KeysDialog:
    window.actions_by_name["keys"].trigger()
    return window.findChildren(KeysDialog)[-1]


@pytest.fixture
def shown(qtbot: QtBot) -> KeysDialog:
    window = QWidget()
    window.resize(900, 700)
    qtbot.addWidget(window)
    dialog = KeysDialog(window, Keymap())
    dialog.window_behind = window  # or it is collected
    dialog.show()
    return dialog


def choose(shown: KeysDialog, name: str) -> None:
    shown.tree.setCurrentItem(shown._rows[name])


def record(
    shown: KeysDialog, name: str, key: Qt.Key, held: Qt.KeyboardModifier = NONE, text: str = ""
) -> None:
    choose(shown, name)
    shown.recorder.click()
    assert shown.recorder.waiting
    QTest.sendKeyEvent(QTest.KeyAction.Click, shown.recorder, key, text, held)


def keys(window: MainWindow, name: str) -> list[str]:
    return [key.toString() for key in window.actions_by_name[name].shortcuts()]


def test_a_recorded_key_works_at_once_and_after_a_restart(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    shown = editor(window)
    record(shown, "reject", Qt.Key.Key_F7)
    assert keys(window, "reject") == ["F7", "R"]
    assert shown._rows["reject"].text(1) == "F7, R"
    assert "(F7 or R)" in window.actions_by_name["reject"].toolTip()
    shown.close()
    press(window, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: states(path)[0] == State.REJECTED)
    assert Settings().keymap.keys("reject") == ("F7", "R")


@pytest.mark.parametrize(
    ("key", "held", "text", "taken"),
    [
        (Qt.Key.Key_F5, NONE, "", "F5"),
        (Qt.Key.Key_Question, SHIFT, "?", "?"),
        (Qt.Key.Key_M, SHIFT, "M", "Shift+M"),
        (Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier, "5", "Num+5"),
        (Qt.Key.Key_Return, CONTROL, "\r", "Ctrl+Return"),
        (Qt.Key.Key_Shift, SHIFT, "", ""),
        (Qt.Key.Key_Escape, NONE, "\x1b", ""),
    ],
)
def test_a_key_is_taken_as_it_would_be_written(
    shown: KeysDialog,
    key: Qt.Key,
    held: Qt.KeyboardModifier,
    text: str,
    taken: str,
) -> None:
    recorded: list[str] = []
    shown.recorder.recorded.connect(recorded.append)
    record(shown, "light", key, held, text)
    assert recorded == ([QKeySequence(taken).toString()] if taken else [])
    assert shown.recorder.waiting == (key == Qt.Key.Key_Shift)


def test_a_key_that_is_taken_says_whose_and_asks(shown: KeysDialog) -> None:
    record(shown, "flag", Qt.Key.Key_R, text="r")
    assert "“Reject”" in shown.notice.text()
    assert shown.keymap == Keymap()
    shown.leave.click()
    assert shown.keymap == Keymap()
    assert not shown.take.isVisible()
    record(shown, "flag", Qt.Key.Key_R, text="r")
    shown.take.click()
    assert shown.keymap.keys("flag") == ("R", "F")
    assert shown.keymap.keys("reject") == ()
    assert shown.notice.text() == "“Reject” has no key now"
    choose(shown, "reject")
    shown.reset.click()
    assert shown.keymap.keys("reject") == ("R",)
    assert shown.keymap.keys("flag") == ("F",)


def test_a_held_key_cannot_be_given(shown: KeysDialog) -> None:
    record(shown, "flag", Qt.Key.Key_V, text="v")
    assert "while it is held" in shown.notice.text()
    assert shown.keymap == Keymap()


def test_a_preset_and_back(shown: KeysDialog) -> None:
    told: list[Keymap] = []
    shown.changed.connect(told.append)
    shown.presets.setCurrentIndex(shown.presets.findData("left-hand"))
    shown.presets.activated.emit(shown.presets.currentIndex())
    assert told[-1].keys("step_on") == ("W", "Right")
    choose(shown, "step_on")
    shown.none.click()
    assert told[-1].keys("step_on") == ()
    shown.reset_all.click()
    assert told[-1] == Keymap("left-hand")


def test_the_list_is_searched_by_name_and_by_key(shown: KeysDialog) -> None:
    shown.line.setText("sugg")
    seen = {name for name, row in shown._rows.items() if not row.isHidden()}
    assert {"accept_suggested", "suggested"} <= seen
    assert "undo" not in seen
    shown.line.setText("ctrl+z")
    assert not shown._rows["undo"].isHidden()
    assert shown._rows["flag"].isHidden()


def test_the_keys_of_the_number_pad_go_before_the_digits(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    window.dialogs.use_keys(Keymap("number-pad"))
    step = window.review.step
    pad = Qt.KeyboardModifier.KeypadModifier
    QTest.keyClick(window, Qt.Key.Key_6, pad)
    assert window.review.step == step + 1
    QTest.keyClick(window, Qt.Key.Key_9, pad)
    assert window.review.step == step + 6
    press(window, Qt.Key.Key_9)  # the row of digits: fits the picture
    assert window.review.step == step + 6
    assert window.picture.port.fitted == "picture"
