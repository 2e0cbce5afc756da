"""The reviewer's keys never land in a line that nobody chose to type in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import Open

from app.window import MainWindow


@pytest.fixture
def window(open_window: Open, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    window = open_window(make_project(tmp_path))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def typed_in() -> bool:
    return isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit)


def test_a_window_that_opens_takes_the_keys_itself(window: MainWindow) -> None:
    assert QApplication.focusWidget() is window


@pytest.mark.parametrize(
    ("go", "come"),
    [(QWidget.hide, QWidget.show), (QWidget.setDisabled, QWidget.setEnabled)],
)
def test_keys_stay_keys_when_what_had_the_focus_goes(
    window: MainWindow, go: Callable[..., None], come: Callable[..., None]
) -> None:
    truth = () if go is QWidget.hide else (True,)
    tried = 0
    for widget in window.findChildren(QWidget):
        if not (widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()):
            continue
        widget.setFocus()
        if QApplication.focusWidget() is widget:
            go(widget, *truth)
            focused = QApplication.focusWidget()
            come(widget, *truth)
            tried += 1
            assert focused is not None, widget
            assert not isinstance(focused, QLineEdit | QPlainTextEdit), widget
    assert tried > 20


def test_a_field_that_is_gone_to_by_tab_takes_what_is_typed(window: MainWindow) -> None:
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if typed_in():
            break
    assert typed_in()
