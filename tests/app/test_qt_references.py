"""PySide6 6.12.0 took a reference from True with each signal and from None with each event.

Python 3.11 aborts when none is left ("none_dealloc"), after some hundred persons reviewed.
"""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel

TIMES = 200


class Sender(QObject):
    """Has a signal that nobody hears."""

    told = Signal(object)


class Painted(QLabel):
    """Paints itself in Python."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint nothing."""


@pytest.mark.parametrize("constant", [None, True, False], ids=str)
def test_signals_and_events_take_no_reference(
    qapp: QApplication, qtbot: object, constant: object
) -> None:
    sender, label = Sender(), Painted()
    label.show()

    def later() -> None:
        QTimer.singleShot(0, lambda: None)
        qapp.processEvents()

    acts: list[Callable[[], object]] = [
        lambda: sender.told.emit(None),
        label.repaint,
        lambda: label.setText("words"),
        later,
    ]
    for act in acts:
        act()
        before = sys.getrefcount(constant)
        for _ in range(TIMES):
            act()
        assert sys.getrefcount(constant) > before - TIMES // 2
    label.close()
