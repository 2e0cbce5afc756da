"""The report of the window's menu, and the window that a report's command opens."""

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import Open

from app.review import Stage
from core.errors import UnwritableOutput
from core.jobs import Job
from core.progress import CancelToken, Progress


def test_the_report_lies_beside_the_project_and_is_opened(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    window = open_window(make_project(tmp_path / "p"))
    window.actions_by_name["report"].trigger()
    assert not opened  # it is written behind the window's back
    qtbot.waitUntil(lambda: bool(opened))
    page = tmp_path / "p" / "tiny.report.html"
    assert opened == [QUrl.fromLocalFile(str(page))] and page.is_file()
    assert str(page) in window.statusBar().currentMessage()


def test_a_report_that_cannot_be_written_is_told_and_nothing_is_opened(
    open_window: Open,
    tmp_path: Path,
    qtbot: QtBot,
    models: BallModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(path: Path, out: Path, token: CancelToken) -> Job:
        yield Progress(0, 1)
        raise UnwritableOutput(f"{out} cannot be written: the disk is full")

    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    monkeypatch.setattr(models, "report", full)
    window = open_window(make_project(tmp_path / "p"))
    with qtbot.waitSignal(window.review.failed) as told:
        window.actions_by_name["report"].trigger()
    assert "the disk is full" in told.args[0] and not opened


def test_the_window_opens_on_the_person_who_was_asked_for(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path / "p")
    window = open_window(path)
    window.review.open(path, 3)
    qtbot.waitUntil(lambda: window.review.current == 3)
    assert window.review.stage is Stage.REVIEW
    window.review.open(path, 99)
    qtbot.waitUntil(lambda: window.review.current == 1)
