"""Everything can be reached by Tab, has a name, and shows that it is reached."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import Open

from app import theme
from app.export_dialog import ExportDialog
from app.exports import Wish
from app.figures import FigureDialog
from app.i18n import CHINESE, ENGLISH
from app.keymap import Keymap
from app.palette import Palette
from app.preferences import Preferences
from app.settings_dialog import SettingsDialog
from app.shortcuts import KeysDialog
from app.speaking import speak
from app.tour import Tour
from app.window import MainWindow

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QTextEdit,
)  # fmt: skip
OF_QT = (QScrollBar,)
WHOLE = (QComboBox, QAbstractSpinBox, QAbstractItemView, QLineEdit)


def controls(root: QWidget) -> Iterator[QWidget]:
    """What a person can use in a window, and not the parts Qt makes it of."""
    for widget in root.findChildren(QWidget):
        made_by_qt = widget.objectName().startswith("qt_") or _is_part(widget)
        if isinstance(widget, CONTROLS) and not isinstance(widget, OF_QT) and not made_by_qt:
            yield widget


def _is_part(widget: QWidget) -> bool:
    whole = widget.parentWidget()
    while whole is not None and not isinstance(whole, WHOLE):
        whole = whole.parentWidget()
    return whole is not None


def name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} {name(widget)!r} in {type(widget.parentWidget()).__name__}"


@pytest.fixture
def window(open_window: Open, tmp_path: Path) -> MainWindow:
    return open_window(make_project(tmp_path))


DIALOGS = {
    "window": lambda window: window,
    "palette": lambda window: Palette(window, window.actions_by_name, window.review),
    "keys": lambda window: KeysDialog(window, Keymap()),
    "export": lambda window: ExportDialog(window, window.exports, window.review.path, Wish()),
    "figure": FigureDialog,
    "settings": lambda window: SettingsDialog(window, Preferences(), window._model),
    "tour": lambda window: Tour(window, Keymap()),
}


@pytest.mark.parametrize("which", DIALOGS)
def test_every_control_has_a_name(window: MainWindow, which: str) -> None:
    root = DIALOGS[which](window)
    found = list(controls(root))
    assert len(found) > 1
    assert [describe(widget) for widget in found if not name(widget).strip()] == []


@pytest.mark.parametrize("which", DIALOGS)
def test_every_control_is_reached_by_tab(window: MainWindow, which: str) -> None:
    root = DIALOGS[which](window)
    lists = (Palette,)  # its list is walked by the arrows from the line
    chain, widget = set(), root.nextInFocusChain()
    while widget is not root and widget not in chain:
        chain.add(widget)
        widget = widget.nextInFocusChain()
    unreached = [
        describe(each)
        for each in controls(root)
        if not (each.focusPolicy() & Qt.FocusPolicy.TabFocus and each in chain)
        and not (isinstance(root, lists) and isinstance(each, QAbstractItemView))
    ]
    assert unreached == []


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[None]:
    theme.choose(qapp, Qt.ColorScheme.Light)
    yield
    theme.choose(qapp, Qt.ColorScheme.Unknown)


@pytest.mark.parametrize("scheme", [Qt.ColorScheme.Light, Qt.ColorScheme.Dark])
@pytest.mark.parametrize("which", ["window", "keys", "export", "figure", "settings"])
@pytest.mark.usefixtures("dressed")
def test_focus_is_seen_on_one_control_of_each_kind(
    window: MainWindow, qtbot: QtBot, qapp: QApplication, which: str, scheme: Qt.ColorScheme
) -> None:
    theme.choose(qapp, scheme)
    root = DIALOGS[which](window)
    root.show()
    qtbot.waitUntil(root.isVisible)
    every = [*controls(root), *root.findChildren(QTabBar)]
    there = [each for each in every if each.isVisible() and each.isEnabled()]
    kinds = {(type(each), each.objectName()): each for each in there}
    assert len(kinds) > 2
    for control in kinds.values():
        control.clearFocus()
        before = control.grab().toImage()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(control.hasFocus)
        assert control.grab().toImage() != before, describe(control)


@pytest.mark.parametrize("which", ["keys", "palette", "tour"])
def test_an_open_dialog_follows_the_language(
    window: MainWindow, qapp: QApplication, qtbot: QtBot, which: str
) -> None:
    def words() -> str:
        labels = "".join(each.text() for each in root.findChildren(QLabel))
        lists = [each.model() for each in root.findChildren(QAbstractItemView)]
        return labels + "".join(
            str(model.index(row, 0, parent).data())
            for model in lists
            for parent in (QModelIndex(), model.index(0, 0))
            for row in range(min(model.rowCount(parent), 9))
        )

    root = DIALOGS[which](window)
    english = words()
    speak(qapp, CHINESE)
    try:
        qtbot.waitUntil(lambda: re.search("[a-z]{5,}", words()) is None)
    finally:
        speak(qapp, ENGLISH)
    qtbot.waitUntil(lambda: words() == english)


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK])
def test_what_is_no_text_stands_out_from_its_ground(scheme: theme.Colours) -> None:
    from test_actions import contrast

    for mark in ("accent", "curve", "good", "bad", "flagged", "doubt"):  # WCAG 1.4.11: 3 to 1
        for ground in ("window", "surface"):
            assert contrast(scheme, mark, ground) >= 3, (mark, ground)
    for kind in ("QLineEdit, QPlainTextEdit", "QComboBox, QAbstractSpinBox"):  # their frames
        rule = theme._style_sheet(scheme).split(kind + " {")[1].split("}")[0]
        assert f"border: 1px solid {scheme.curve};" in rule
