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
from app.actions import ACTIONS, FILE, HELD_KEYS, MOUSE, REVIEW, STEPS, VIEW, shown_key

KEYS_WIDTH = 160
COLUMNS = ((REVIEW, FILE), (STEPS, VIEW))


class KeysDialog(QDialog):
    """Shows every action that has a key, by menu, and what the mouse does."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 24)
        layout.setSpacing(56)
        for menus in COLUMNS:
            column = QVBoxLayout()
            for menu in menus:
                rows = [
                    (", ".join(map(shown_key, spec.keys)), spec.text.replace("&", "").rstrip("…"))
                    for spec in ACTIONS
                    if spec.menu == menu and spec.keys
                ]
                if menu == VIEW:
                    rows += [(key, text) for key, text, _ in HELD_KEYS]
                column.addWidget(_table(menu.replace("&", ""), rows))
            if menus[-1] == VIEW:
                column.addWidget(_table("Mouse", list(MOUSE)))
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
