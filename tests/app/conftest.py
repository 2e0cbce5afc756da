"""A window on a small project, without a display."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels
from window_kit import Open, is_shown

from app.review import Stage
from app.settings import Settings
from app.window import MainWindow


@pytest.fixture
def models() -> BallModels:
    return BallModels()


@pytest.fixture
def open_window(qtbot: QtBot, models: BallModels) -> Iterator[Open]:
    windows: list[MainWindow] = []

    def open_it(path: Path | None, ready: bool = True) -> MainWindow:
        window = MainWindow(models, Settings())
        windows.append(window)
        window.resize(1000, 700)
        window.show()
        if path is not None:
            window.review.open(path)
            qtbot.waitUntil(lambda: window.review.stage not in (Stage.NONE, Stage.OPENING))
            if ready:
                qtbot.waitUntil(lambda: is_shown(window.review))
        return window

    yield open_it
    while windows:  # or pytest holds them, and all they keep, into the next test
        window = windows.pop()
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
