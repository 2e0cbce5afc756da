"""All keys on one page, made from the table of actions."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.actions import ACTIONS, FILE, HELD_KEYS, HELP, MOUSE, REVIEW, STEPS, VIEW, plain
from app.i18n import tr
from app.keymap import Keymap
from app.menus import shown_key

KEYS_WIDTH = 160
COLUMNS = ((REVIEW,), (STEPS, FILE, HELP), (VIEW,))


class KeysDialog(QDialog):
    """Shows every action that has a key, by menu, and what the mouse does."""

    def __init__(self, parent: QWidget, keymap: Keymap) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 24)
        layout.setSpacing(40)
        for menus in COLUMNS:
            column = QVBoxLayout()
            for menu in menus:
                rows = [
                    (", ".join(map(shown_key, keymap.keys(spec.name))), plain(tr(spec.text)))
                    for spec in ACTIONS
                    if spec.menu == menu and keymap.keys(spec.name)
                ]
                if menu == VIEW:
                    rows += [(tr("{key} held", key=key), tr(text)) for key, text, _ in HELD_KEYS]
                column.addWidget(_table(plain(tr(menu)), rows))
            if menus[-1] == HELP:
                column.addWidget(_table(tr("Mouse"), [(tr(how), tr(what)) for how, what in MOUSE]))
            column.addStretch(1)
            layout.addLayout(column)


def _table(title: str, rows: list[tuple[str, str]]) -> QWidget:
    widget = QWidget()
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 8, 0, 4)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(3)
    head = QLabel(title)
    head.setFont(theme.font(bold=True))
    grid.addWidget(head, 0, 0, 1, 2)
    for number, (keys, text) in enumerate(rows, start=1):
        label = QLabel(keys)
        label.setObjectName("muted")
        grid.addWidget(label, number, 0)
        grid.addWidget(QLabel(text), number, 1)
    grid.setColumnMinimumWidth(0, KEYS_WIDTH)
    grid.setColumnStretch(1, 1)
    widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    return widget
