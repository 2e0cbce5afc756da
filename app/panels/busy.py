"""What is computed in the background, how far it is, and how long it will take."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from app import theme
from app.i18n import tr
from app.said import heard
from core.progress import Progress

SOON = 5.0
"""Seconds that work has to go on before it is said how long it will take."""


class Clock:
    """Reckons how long a job will take from how long it has taken."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._first = self._last = Progress(0, 0)
        self._began = 0.0

    def left(self, progress: Progress) -> float | None:
        """Return the seconds that are left; None where that is not known yet."""
        if progress.total != self._last.total or progress.done < self._last.done:
            self._first, self._began = progress, self._now()
        self._last = progress
        done, taken = progress.done - self._first.done, self._now() - self._began
        if not done or taken < SOON:
            return None
        return taken / done * (progress.total - progress.done)


def left_in_words(seconds: float) -> str:
    """Say roughly how long it is."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return tr("less than a minute left")
    if minutes < 60:
        return tr("about {minutes} min left", minutes=minutes)
    return tr("about {hours:.1f} h left", hours=seconds / 3600)


class Busy(QWidget):
    """What is computed in the background, how far it is, and a button to stop it."""

    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._text = QLabel()
        self._text.setObjectName("muted")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(120)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of background work"))
        stop = QToolButton()
        stop.setText(tr("Stop"))
        stop.setToolTip(tr("Call off what is computed in the background (Esc)"))
        stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        stop.clicked.connect(self.stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.SPACE, theme.SPACE // 4)
        row.setSpacing(theme.SPACE)
        for widget in (self._text, self._bar, stop):
            row.addWidget(widget)
        self._clock = Clock()
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the work is; None hides everything."""
        self.setVisible(progress is not None)
        if progress is not None:
            left = self._clock.left(progress)
            told = heard(progress.message)
            self._text.setText(told if left is None else f"{told}  ·  {left_in_words(left)}")
            self._bar.setMaximum(progress.total)
            self._bar.setValue(progress.done)
