"""All keys on one page, to look them up and to change them."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from app import theme
from app.actions import ACTIONS, HELD_KEYS, MENUS, MOUSE, ActionSpec, plain, spec_named
from app.fuzzy import closeness
from app.i18n import mark, tr
from app.keymap import PRESETS, Keymap, Keys, is_held
from app.menus import shown_key, shown_keys
from app.recorder import Recorder

SIZE = QSize(760, 620)
MENU_FIRST = (1, 2, 3, 0, 4)
"""Order of the menus here: what a reviewer does most comes first."""

NAME = Qt.ItemDataRole.UserRole
HOLD, WITH_MOUSE = mark("Held"), mark("Mouse")


class KeysDialog(QDialog):
    """Every action with its keys; gives it others, and says whose they were."""

    changed = Signal(object)
    """The `Keymap` to use from now on."""

    def __init__(self, parent: QWidget, keymap: Keymap) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys"))
        self.resize(SIZE.boundedTo(parent.size() - QSize(40, 40)))
        self.keymap = keymap
        self._asked: tuple[ActionSpec, str] | None = None
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Find an action or a key"))
        self.line.setAccessibleName(tr("Find an action or a key"))
        self.line.textChanged.connect(self._filter)
        self.presets = QComboBox()
        self.presets.setAccessibleName(tr("Preset of keys"))
        for name, (title, _) in PRESETS.items():
            self.presets.addItem(tr(title), name)
        self.presets.setCurrentIndex(self.presets.findData(keymap.preset))
        self.presets.activated.connect(self._choose_preset)
        self.tree = self._make_tree()
        self._rows: dict[str, QTreeWidgetItem] = {}
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        """Headings, each with the actions below it."""
        self._fill()
        top = QHBoxLayout()
        top.addWidget(self.line, 1)
        top.addWidget(self.presets)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[2 * theme.SPACE] * 4)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(top)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._make_foot())
        self._show_first()

    def _show_first(self) -> None:
        self.tree.setCurrentItem(next(iter(self._rows.values())))
        self._show_action()

    @override
    def changeEvent(self, event: QEvent) -> None:
        """Write the table in the present language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.tree.clear()
            self._rows.clear()
            self._groups.clear()
            self._fill()
            self._filter(self.line.text())
            self._show_first()

    # building

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName(tr("Actions and their keys"))
        tree.setRootIsDecorated(False)
        tree.setIndentation(2 * theme.SPACE)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.currentItemChanged.connect(self._show_action)
        tree.itemActivated.connect(lambda *_: self.recorder.wait(True))
        return tree

    def _fill(self) -> None:
        self.tree.setHeaderLabels([tr("Action"), tr("Keys")])
        for menu in (MENUS[place] for place in MENU_FIRST):
            group = self._group(plain(tr(menu)))
            for spec in (each for each in ACTIONS if each.menu == menu):
                row = QTreeWidgetItem(group, [plain(tr(spec.text)), self._shown(spec.name)])
                row.setData(0, NAME, spec.name)
                self._rows[spec.name] = row
                self._groups[-1][1].append(row)
        fixed = ((HOLD, [(what, how) for how, what, _ in HELD_KEYS]),
                 (WITH_MOUSE, [(what, how) for how, what in MOUSE]))  # fmt: skip
        for title, pairs in fixed:
            group = self._group(tr(title))
            for what, how in pairs:
                row = QTreeWidgetItem(group, [tr(what), tr(how)])
                row.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.tree.expandAll()

    def _group(self, title: str) -> QTreeWidgetItem:
        group = QTreeWidgetItem(self.tree, [title])
        group.setFont(0, theme.font(bold=True))
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self._groups.append((group, []))
        return group

    def _make_foot(self) -> QFrame:
        foot = QFrame()
        self.what = QLabel()
        self.what.setWordWrap(True)
        self.notice = QLabel()
        self.notice.setWordWrap(True)
        self.recorder = Recorder()
        self.recorder.recorded.connect(self._recorded)
        self.take = self._button(tr("Take it over"), self._take)
        self.leave = self._button(tr("Leave it there"), self._leave)
        self.none = self._button(tr("No key"), lambda: self._give(()))
        self.reset = self._button(tr("As in the preset"), self._reset)
        self.reset_all = self._button(tr("All as in the preset"), self._reset_all)
        buttons = QHBoxLayout()
        buttons.addWidget(self.recorder)
        for button in (self.take, self.leave, self.none, self.reset):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.reset_all)
        column = QVBoxLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        for widget in (self.what, self.notice):
            column.addWidget(widget)
        column.addLayout(buttons)
        return foot

    def _button(self, text: str, do: object) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(do)
        return button

    # what is shown

    @property
    def action(self) -> ActionSpec | None:
        """The action whose keys can be changed now."""
        item = self.tree.currentItem()
        name = item.data(0, NAME) if item else None
        return spec_named(name) if name else None

    def _show_action(self, *_: object) -> None:
        self._say("")
        spec = self.action
        for button in (self.recorder, self.none, self.reset):
            button.setEnabled(spec is not None)
        self.what.setText(tr(spec.tip) if spec else "")
        if spec is not None:
            self.none.setEnabled(bool(self.keymap.keys(spec.name)))
            self.reset.setEnabled(spec.name in self.keymap.changes)
        self.reset_all.setEnabled(bool(self.keymap.changes))

    def _say(self, text: str, asking: bool = False) -> None:
        self.notice.setText(text)
        for button in (self.take, self.leave):
            button.setVisible(asking)
        for button in (self.recorder, self.none, self.reset):
            button.setVisible(not asking)
        if not asking:
            self._asked = None

    def _shown(self, name: str) -> str:
        return shown_keys(self.keymap.keys(name), ", ")

    def _filter(self, wanted: str) -> None:
        for name, row in self._rows.items():
            near = closeness(wanted, row.text(0)) or closeness(wanted, plain(spec_named(name).text))
            row.setHidden(bool(wanted) and not near and wanted.lower() not in row.text(1).lower())
        for group, rows in self._groups:
            group.setHidden(bool(wanted) and all(row.isHidden() for row in rows))

    # changing

    def _recorded(self, key: str) -> None:
        spec = self.action
        if spec is None or not key:
            return
        owner = self.keymap.owner(key)
        if is_held(key):
            self._say(tr("{key} acts while it is held. Choose another key", key=shown_key(key)))
        elif owner is None or owner == spec.name:
            self._give((key, *(each for each in self.keymap.keys(spec.name) if each != key)))
        else:
            self._asked = spec, key
            has = plain(tr(spec_named(owner).text))
            self._say(tr("{key} belongs to “{owner}”", key=shown_key(key), owner=has), asking=True)
            self.take.setFocus()

    def _take(self) -> None:
        if self._asked is None:
            return
        spec, key = self._asked
        owner = self.keymap.owner(key)
        self._give((key, *self.keymap.keys(spec.name)))
        if owner and not self.keymap.keys(owner):
            self._say(tr("“{owner}” has no key now", owner=plain(tr(spec_named(owner).text))))

    def _leave(self) -> None:
        self._say("")
        self.recorder.setFocus()

    def _give(self, keys: Keys) -> None:
        if self.action is not None:
            self._use(self.keymap.with_keys(self.action.name, keys))

    def _reset(self) -> None:
        if self.action is not None:
            self._give(self.keymap.of_preset(self.action.name))

    def _reset_all(self) -> None:
        self._use(Keymap(self.keymap.preset))

    def _choose_preset(self) -> None:
        self._use(Keymap(self.presets.currentData()))

    def _use(self, keymap: Keymap) -> None:
        self.keymap = keymap
        for name, row in self._rows.items():
            row.setText(1, self._shown(name))
        self._show_action()
        self.changed.emit(keymap)
