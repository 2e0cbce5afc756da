"""Qt's actions and the menu bar, made from the table of actions."""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from app import theme
from app.actions import ACTIONS, MENUS
from app.i18n import tr
from app.keymap import Keymap

Actions = dict[str, QAction]


def make_actions(window: QMainWindow) -> Actions:
    """Make the window's actions and fill its menu bar; handlers are looked up when used."""
    actions: Actions = {}
    menus: dict[str, QMenu] = {}
    for menu in MENUS:
        menus[menu] = window.menuBar().addMenu(tr(menu))
        # status tips would wipe away what was just decided
        menus[menu].setToolTipsVisible(True)
    for spec in ACTIONS:
        action = QAction(window)
        if spec.checked is None:
            action.triggered.connect(_caller(window, spec.handler))
        else:
            action.setCheckable(True)
            action.setChecked(spec.checked)
            action.toggled.connect(_switch(window, spec.handler))
        menus[spec.menu].addAction(action)
        window.addAction(action)
        actions[spec.name] = action
    return actions


def name_actions(actions: Actions, keymap: Keymap) -> None:
    """Give the actions their texts in the present language, their keys, and tips that tell both."""
    for spec in ACTIONS:
        action, keys = actions[spec.name], keymap.keys(spec.name)
        action.setText(tr(spec.text))
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(tooltip(tr(spec.tip), keys))


def name_menus(window: QMainWindow) -> None:
    """Give the menus their names in the present language."""
    for menu, action in zip(MENUS, window.menuBar().actions(), strict=True):
        action.setText(tr(menu))


def dress(actions: Actions) -> None:
    """Give the actions their icons in the colours of the present scheme."""
    for spec in ACTIONS:
        if spec.icon:
            actions[spec.name].setIcon(theme.icon(spec.icon))


def enable(actions: Actions, there: set[str]) -> None:
    """Enable the actions whose needs are there."""
    for spec in ACTIONS:
        actions[spec.name].setEnabled(not spec.needs or spec.needs in there)


def tooltip(tip: str, keys: tuple[str, ...]) -> str:
    """Say what an action does and by which keys."""
    return f"{tip} ({shown_keys(keys, tr(' or '))})" if keys else tip


def shown_keys(keys: tuple[str, ...], between: str) -> str:
    """Return keys as this platform writes them; in Chinese Return and Enter are one word."""
    return between.join(dict.fromkeys(map(shown_key, keys)))


def shown_key(key: str) -> str:
    """Return a key as this platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _find(window: QMainWindow, path: str) -> Callable[..., Any]:
    found: Any = window
    for name in path.split("."):
        found = getattr(found, name)
    method: Callable[..., Any] = found
    return method


def _caller(window: QMainWindow, path: str) -> Callable[[], None]:
    return lambda: _find(window, path)()


def _switch(window: QMainWindow, path: str) -> Callable[[bool], None]:
    return lambda on: _find(window, path)(on)
