"""Long work behind the review: told at once, never in the reviewer's way, called off as one."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot
from tiny_projects import SIZE, BallModels, add_run, upright
from window_kit import Open, is_shown, press

from app import background as background_module
from app.background import Background
from app.review import Stage
from app.worker import Ticket
from core.evidence import Box
from core.jobs import Job, Report
from core.progress import CancelToken, Progress
from core.project import Project, Source


def test_who_is_found_is_reviewed_while_others_are_looked_for(
    open_window: Open,
    tmp_path: Path,
    qtbot: QtBot,
    models: BallModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, ended, begun = tmp_path / "empty.diffannot", threading.Event(), list[Path]()
    Image.new("RGB", SIZE).save(tmp_path / "a.png")
    with Project.create(path) as project:
        project.add_image(tmp_path / "a.png")

    def annotate_all(path: Path, token: CancelToken) -> Job:
        begun.append(path)
        try:
            with Project.open(path) as project:
                person = project.add_person(1, Box(60, 30, 90, 180))
                rough = upright()
                add_run(project, person, project.add_theta1(person, rough, Source("x")), rough)
                while True:  # there is no end of pictures
                    time.sleep(0.01)
                    yield Progress(1, 9, "looking")
        finally:
            ended.set()

    monkeypatch.setattr(models, "annotate_all", annotate_all)
    monkeypatch.setattr(background_module, "FOUND_EVERY", 50)
    window = open_window(path, ready=False)
    assert window.review.stage is Stage.EMPTY
    for _ in range(2):
        window.actions_by_name["annotate_all"].trigger()
    assert window.busy.isVisible()  # at once, whatever the thread is at
    qtbot.waitUntil(lambda: is_shown(window.review))
    assert begun == [path] and not ended.is_set()
    press(window, Qt.Key.Key_Escape)
    assert window.busy.isHidden()
    qtbot.waitUntil(ended.is_set)
    with Project.open(path) as project:
        assert [row.suggested_step is not None for row in project.rows()] == [True]


def test_all_that_is_under_way_is_called_off(qtbot: QtBot) -> None:
    asked: list[Ticket] = []

    def ask(*_: object) -> Ticket:
        asked.append(Ticket(None, None, None))
        return asked[-1]

    told: list[object] = []
    model = SimpleNamespace(report=ask, find_pictures=ask)
    parent = QObject()
    background = Background(model, parent)
    background.working.connect(told.append)
    background.report(Path("a"), Path("b.html"), told.append, told.append)
    background.find_pictures(Path("a"), Path("c"), told.append, told.append)
    assert [progress.message for progress in told] == [
        "Writing b.html…",
        "Looking for pictures in c…",
    ]
    background.stop()
    assert [ticket.token.cancelled for ticket in asked] == [True, True]
    assert told[-1] is None


def test_what_has_ended_is_not_called_off_again(qtbot: QtBot) -> None:
    ends = []

    def ask(_project: Path, _out: Path, done: object, _failed: object, _tell: object) -> Ticket:
        ends.append(done)
        return Ticket(None, None, None)

    parent = QObject()
    background = Background(SimpleNamespace(report=ask), parent)
    reports: list[Report] = []
    background.report(Path("a"), Path("b"), reports.append, reports.append)
    ends[0](Report(done=1))
    assert reports == [Report(done=1)] and not background._long
