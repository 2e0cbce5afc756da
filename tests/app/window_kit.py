"""Hands and eyes for the tests of the window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.review import Review
from app.window import MainWindow
from core.project import JournalEntry, Project, State

Open = Callable[..., MainWindow]
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def is_shown(review: Review) -> bool:
    """Whether the keys that need a step are on."""
    return review.poses is not None and review.photograph is not None


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(window, key, modifier or Qt.KeyboardModifier.NoModifier)


def journal(path: Path) -> list[JournalEntry]:
    with Project.open(path) as project:
        return project.journal()


def states(path: Path) -> list[State]:
    with Project.open(path) as project:
        return [row.state for row in project.rows()]


def drag(
    widget: QWidget,
    start: QPoint,
    end: QPoint,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, held, start)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(end),
        widget.mapToGlobal(QPointF(end)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        held,
    )
    QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, held, end)


def roll_wheel(
    widget: QWidget,
    at: QPointF,
    notches: int = 1,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    wheel = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        held,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, wheel)
