"""Opening the window, and a clear word where Qt finds no display."""

import os
from pathlib import Path
from typing import Any

from app.cli.terminal import WRONG_USE, complain


def open_window(project: Path | None, person: int | None = None) -> int:
    """Open the window on a project, on the last one for None; return its exit status."""
    from PySide6.QtCore import qInstallMessageHandler

    qInstallMessageHandler(_hear)
    from app.starting import run

    return run(project, person)


def _hear(kind: Any, _context: Any, _text: str) -> None:
    """Keep Qt's chatter back, and end before it aborts with a core dump."""
    from PySide6.QtCore import QtMsgType

    if kind is QtMsgType.QtFatalMsg:
        complain(
            "diffannot: the window needs a display, and Qt found none. Start it from a desktop or "
            "under xvfb-run; `diffannot doctor` says what is missing, other commands work without"
        )
        os._exit(WRONG_USE)
