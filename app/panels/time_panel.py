"""The time axis beside the name of its track, and what is told of it."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from app import theme
from app.i18n import tr
from app.line import Line
from app.panels.elided import ElidedLabel
from app.panels.time_line import TimeLine, frame_in_words, jitter, jumps_in_words, jumps_of
from core.jobs.motion import Motion

CHANNEL = 232
"""Width of the names at the left."""


class TimePanel(QFrame):
    """The time axis beside the name of its track."""

    def __init__(self, play: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._line: Line | None = None
        self._motion: Motion | None = None
        self._place = -1
        self.axis = TimeLine()
        button = QToolButton()
        button.setDefaultAction(play)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(tr("Play the track"))
        self.name = ElidedLabel()
        self.name.setFont(theme.font(bold=True))
        self.words = ElidedLabel()
        self.words.setObjectName("muted")
        self.words.setFont(theme.font(theme.SMALL_PT))
        names = QVBoxLayout()
        names.setSpacing(theme.SPACE // 4)
        names.addStretch(1)
        self.shaking = ElidedLabel()
        self.shaking.setObjectName("muted")
        self.shaking.setFont(theme.font(theme.SMALL_PT))
        for label in (self.name, self.words, self.shaking):
            names.addWidget(label)
        names.addStretch(1)
        head = QWidget()
        head.setFixedWidth(CHANNEL)
        both = QHBoxLayout(head)
        both.setContentsMargins(2 * theme.SPACE, 0, 0, 0)
        both.setSpacing(theme.SPACE)
        both.addWidget(button)
        both.addLayout(names, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE // 2, 2 * theme.SPACE, 0)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(head)
        layout.addWidget(self.axis, 1)

    def show_line(self, line: Line | None, place: int) -> None:
        """Show a track, and which of its frames is shown."""
        self._line, self._place, self._motion = line, place, None
        self.axis.show_line(line)
        self.axis.show_place(place)
        self._retell()

    def show_motion(self, motion: Motion) -> None:
        """Show how the track moves."""
        self.axis.show_motion(motion)
        self._motion = motion
        self._retell()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retell()
            self.axis.retell()

    def show_place(self, place: int) -> None:
        """Say which frame is shown."""
        self._place = place
        self.axis.show_place(place)
        self._retell()

    def _retell(self) -> None:
        if self._line is None:
            return
        self.name.setText(self._line.track or tr("on no track"))
        if 0 <= self._place < len(self._line):
            self.words.setText(frame_in_words(self._line, self._place))
        self.shaking.setText("" if self._motion is None else shaking_in_words(self._motion))

    def show_selected(self, ids: Sequence[int]) -> None:
        """Mark whom the next decision is on, where they are several."""
        if self._line is not None:
            self.axis.show_selected(np.isin(self._line.ids, np.array(ids, dtype=np.int64)))


def shaking_in_words(motion: Motion) -> str:
    """Say how much the joints are accelerated, Θ1's and those that count, and where they jump."""
    before, after = jitter(motion)
    words = []
    if np.isfinite([before, after]).all():
        words.append(tr("jitter {before:.1f} → {after:.1f} m/s²", before=before, after=after))
    if jumps := len(jumps_of(motion)):
        words.append(jumps_in_words(jumps))
    return "  ·  ".join(words)
