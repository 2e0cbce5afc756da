"""Slim bars beside the panels: switches, how to compare, decisions, and the keys used most."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.actions import plain
from app.comparison import Comparison, Mode
from app.i18n import mark, tr
from app.keymap import Keymap
from app.menus import shown_key
from app.panels.body import BodyView
from app.panels.elided import ElidedLabel
from app.panels.picture import PictureView


def with_bar(panel: QWidget, bar: QWidget, above: bool = False) -> QWidget:
    """Put a bar below a panel, or above it."""
    both = QWidget()
    layout = QVBoxLayout(both)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(panel, 1)
    layout.insertWidget(0 if above else 1, bar)
    return both


class Bar(QFrame):
    """A row of small controls."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.SPACE, theme.SPACE // 2, theme.SPACE, theme.SPACE // 2)
        self.row.setSpacing(theme.SPACE // 2)

    def add_tool(self, action: QAction, text: str = "") -> QToolButton:
        """Add a small button for an action."""
        button = QToolButton()
        button.setDefaultAction(action)
        button.setText(tr(text))
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )
        # the action's own text comes back whenever the action changes
        action.changed.connect(lambda: button.setText(tr(text)))
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(plain(action.text()))
        self.row.addWidget(button)
        return button


class PictureBar(Bar):
    """Opacity, outline, keypoints, everybody, drawing and adjusting, zoom."""

    def __init__(self, view: PictureView, actions: dict[str, QAction]) -> None:
        super().__init__()
        label = QLabel(tr("Body"))
        label.setObjectName("muted")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(round(100 * view.opacity))
        self.slider.setFixedWidth(80)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(tr("Opacity of the body"))
        self.slider.setToolTip(tr("How strongly the body covers the picture"))
        self.slider.valueChanged.connect(lambda value: view.set_opacity(value / 100))
        view.opacity_changed.connect(lambda value: self.slider.setValue(round(100 * value)))
        self.row.addWidget(label)
        self.row.addWidget(self.slider)
        self.row.addSpacing(theme.SPACE)
        for name in ("outline", "keypoints", "everybody", "draw", "adjust"):
            self.add_tool(actions[name])
        self.row.addStretch(1)
        self.zoom = QLabel()
        self.zoom.setObjectName("muted")
        view.zoomed.connect(lambda scale: self.zoom.setText(f"{scale * 100:.0f} %"))
        self.row.addWidget(self.zoom)
        for name in ("zoom_out", "zoom_in", "fit_person", "fit_picture"):
            self.add_tool(actions[name])


VIEWS = (("camera", mark("Camera")), ("side", mark("Side")), ("top", mark("Top")))


class BodyBar(Bar):
    """The three fixed views."""

    def __init__(self, view: BodyView, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.row.addStretch(1)
        self.buttons = {}
        for name, text in VIEWS:
            actions[name].setCheckable(True)
            actions[name].setChecked(name == "camera")
            self.buttons[name] = self.add_tool(actions[name], text)
            self.buttons[name].setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.row.addStretch(1)

        def mark(shown: str) -> None:
            for name in self.buttons:
                actions[name].setChecked(name == shown)

        view.view_changed.connect(mark)


class CompareBar(Bar):
    """How two bodies are compared, and with which other."""

    def __init__(self, comparison: Comparison, actions: dict[str, QAction]) -> None:
        super().__init__()
        modes = {
            Mode.ABOVE: tr("Above"),
            Mode.WIPE: tr("Wipe"),
            Mode.ONION: tr("Onion skin"),
            Mode.HEAT: tr("Heat"),
        }
        for mode, text in modes.items():
            actions[mode].setCheckable(True)
            button = self.add_tool(actions[mode], text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.row.addSpacing(theme.SPACE)
        label = QLabel(tr("with"))
        label.setObjectName("muted")
        self.row.addWidget(label)
        self.sources = QComboBox()
        self.sources.setAccessibleName(tr("Body to compare with"))
        self.sources.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sources.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sources.activated.connect(
            lambda place: comparison.choose(self.sources.itemData(place))
        )
        self.row.addWidget(self.sources)
        self.add_tool(actions["pin"])
        self.row.addStretch(1)
        leave = QToolButton()
        leave.setText(tr("Done"))
        leave.setToolTip(tr("Compare no more (Esc)"))
        leave.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        leave.clicked.connect(comparison.leave)
        self.row.addWidget(leave)

        def offer() -> None:
            present = self.sources
            shown = {present.itemData(at): present.itemText(at) for at in range(present.count())}
            if shown != comparison.sources:  # else an open list would be shut
                present.clear()
                for source, words in comparison.sources.items():
                    present.addItem(words, source)
            present.setCurrentIndex(present.findData(comparison.source))

        def follow() -> None:
            offer()
            for mode in modes:
                actions[mode].setChecked(mode == comparison.mode)

        comparison.changed.connect(follow)
        comparison.offered.connect(offer)
        offer()


class DecisionBar(Bar):
    """What a reviewer does most, as buttons that show their keys."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self.row.setContentsMargins(
            2 * theme.SPACE, theme.SPACE // 2, 2 * theme.SPACE, 3 * theme.SPACE // 2
        )
        self.row.setSpacing(theme.SPACE)
        self._add(actions["accept"], mark("Accept"), primary=True)
        self._add(actions["accept_suggested"], mark("Accept suggestion"))
        self._add(actions["reject"], mark("Reject"))
        self._add(actions["flag"], mark("Flag"))
        self.row.addStretch(1)
        for name in ("suggested", "undo", "redo", "previous", "next"):
            self.add_tool(actions[name])

    def _add(self, action: QAction, text: str, primary: bool = False) -> None:
        button = QPushButton()
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if primary:
            button.setObjectName("primary")
        button.clicked.connect(action.trigger)
        self.row.addWidget(button)

        def mirror() -> None:
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            button.setText(f"{tr(text)}   {key}")
            button.setAccessibleName(tr(text))
            button.setToolTip(action.toolTip())
            button.setEnabled(action.isEnabled())

        action.changed.connect(mirror)
        mirror()


HINTS = (
    ("accept", mark("accept")),
    ("reject", mark("reject")),
    ("flag", mark("flag")),
    ("step_on", mark("next step")),
    ("suggested", mark("suggestion")),
    ("side", mark("side view")),
    ("palette", mark("find anything")),
    ("keys", mark("all keys")),
)
"""The actions used most."""


def key_hint(keymap: Keymap) -> str:
    """Return the keys used most, in one line."""
    parts = [(keymap.keys(name)[:1], tr(text)) for name, text in HINTS]
    parts.append((("V",), tr("hold to peek")))
    return "   ·   ".join(f"{shown_key(keys[0])} {text}" for keys, text in parts if keys)


def hint_label() -> ElidedLabel:
    """Return the line at the foot of the window."""
    hint = ElidedLabel()
    hint.setObjectName("muted")
    hint.setFont(theme.font(theme.SMALL_PT))
    hint.setContentsMargins(theme.SPACE, 0, 0, 0)
    return hint
