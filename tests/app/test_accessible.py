"""Everything can be reached by Tab, has a name, and shows that it is reached."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import Open

from app import theme
from app.figures import FigureDialog
from app.keymap import Keymap
from app.palette import Palette
from app.preferences import Preferences
from app.settings_dialog import SettingsDialog
from app.shortcuts import KeysDialog
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


@pytest.mark.usefixtures("dressed")
def test_focus_is_seen(window: MainWindow, qtbot: QtBot) -> None:
    buttons = [each for each in controls(window) if isinstance(each, QAbstractButton)]
    for button in [each for each in buttons if each.isVisible() and each.isEnabled()][:4]:
        button.clearFocus()
        before = button.grab().toImage()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.waitUntil(button.hasFocus)
        assert button.grab().toImage() != before, describe(button)


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK])
def test_what_is_no_text_stands_out_from_its_ground(scheme: theme.Colours) -> None:
    from test_actions import contrast

    for mark in ("accent", "curve", "good", "bad", "flagged"):  # WCAG 1.4.11: 3 to 1
        for ground in ("window", "surface"):
            assert contrast(scheme, mark, ground) >= 3, (mark, ground)
