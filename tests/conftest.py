"""Qt tests run without a display and leave nothing behind: threads, timers, windows."""

import gc
import os
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

os.environ["QT_QPA_PLATFORM"] = "offscreen"

# how long an example takes says more of the machine than of the code
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

PATIENCE_MS = 120_000
"""What a busy machine may take for anything in the window; no test waits so long but to fail."""

collect_ignore = ["example_plugin"]  # a package of its own, tested where it is installed


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's settings and data out of reach."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    return home


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Wait for longer than pytest-qt's 5 s, which a loaded machine has not kept."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=PATIENCE_MS)
    qtbot.waitSignal = partial(qtbot.waitSignal, timeout=PATIENCE_MS)
    return qtbot


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a Qt test that leaves a thread, a running timer or a window."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    gc.collect()
    gc.freeze()  # what was there before is not looked through after every test
    threads = set(threading.enumerate())
    windows = set(QApplication.topLevelWidgets())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    left = [name for name in _still_running(threads)]
    assert not left, f"threads left running: {left}"
    shown = [w for w in QApplication.topLevelWidgets() if w not in windows and w.isVisible()]
    assert not shown, f"windows left open: {shown}"
    timers = [t for t in gc.get_objects() if isinstance(t, QTimer) and _is_active(t)]
    assert not timers, f"timers left running: {timers}"


def _still_running(before: set[threading.Thread]) -> list[str]:
    end = time.monotonic() + 2
    while left := [t.name for t in threading.enumerate() if t not in before and t.is_alive()]:
        if time.monotonic() > end:
            return left
        time.sleep(0.01)
    return []


def _is_active(timer: object) -> bool:
    from shiboken6 import isValid

    return isValid(timer) and timer.isActive()
