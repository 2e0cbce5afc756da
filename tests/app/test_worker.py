import sys
import threading
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.exports import Wish
from app.model_thread import ModelThread
from app.models import Models
from app.worker import Worker
from core.camera import Camera
from core.contract.people import body
from core.evidence import Box, Evidence, Joints3D, Keypoints2D
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Person
from tests.tiny_projects import BallModels, make_project


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    worker = Worker("test", newest_first=True)
    yield worker
    worker.close()


def test_a_result_comes_back_on_the_thread_that_asked(worker: Worker, qtbot: QtBot) -> None:
    seen: list[tuple[int, threading.Thread, threading.Thread]] = []
    worker.submit(
        lambda _: threading.current_thread(),
        lambda thread: seen.append((42, thread, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    _, worked, told = seen[0]
    assert worked is not threading.main_thread()
    assert told is threading.main_thread()


def test_urgent_jobs_come_first_and_then_the_newest(worker: Worker, qtbot: QtBot) -> None:
    gate, order = threading.Event(), []
    worker.submit(lambda _: gate.wait())
    for name, priority in (("old", 0), ("ahead", 1), ("new", 0)):
        worker.submit(lambda _, name=name: name, order.append, priority=priority)
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 3)
    assert order == ["new", "old", "ahead"]


def test_a_cancelled_job_is_never_told(worker: Worker, qtbot: QtBot) -> None:
    gate, told = threading.Event(), []
    started = threading.Event()

    def job(_: CancelToken) -> str:
        started.set()
        gate.wait()
        return "stale"

    running = worker.submit(job, told.append, told.append)
    waiting = worker.submit(lambda _: "never run", told.append, told.append, priority=1)
    started.wait()
    running.cancel()
    waiting.cancel()
    gate.set()
    worker.submit(lambda _: "fresh", told.append, priority=2)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["fresh"]


def test_a_generator_tells_its_progress_and_its_result(worker: Worker, qtbot: QtBot) -> None:
    def job(_: CancelToken) -> Generator[Progress, None, str]:
        yield Progress(0, 2)
        yield Progress(1, 2)
        return "made"

    progress: list[Progress] = []
    results: list[str] = []
    worker.submit(job, results.append, progress=progress.append)
    qtbot.waitUntil(lambda: bool(results))
    assert [p.done for p in progress] == [0, 1]
    assert results == ["made"]


def test_a_generator_stops_between_two_messages_when_cancelled(
    worker: Worker, qtbot: QtBot
) -> None:
    closed = threading.Event()
    steps: list[int] = []

    def job(_: CancelToken) -> Iterator[Progress]:
        try:
            for number in range(10_000_000):
                steps.append(number)
                yield Progress(number, 10_000_000)
        finally:
            closed.set()

    ticket = worker.submit(job)
    qtbot.waitUntil(lambda: len(steps) > 2)
    ticket.cancel()
    assert closed.wait(60)


def test_a_failure_is_told_and_the_worker_goes_on(worker: Worker, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    results: list[int] = []
    worker.submit(lambda _: 1 // 0, failed=errors.append)
    worker.submit(lambda _: 7, results.append, priority=1)
    qtbot.waitUntil(lambda: bool(results))
    assert isinstance(errors[0], ZeroDivisionError)
    assert results == [7]


def test_an_export_hears_while_it_writes_that_it_is_called_off(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, heard, over = threading.Event(), threading.Event(), threading.Event()

    def export(*_: object, cancel: CancelToken, **__: object) -> Generator[Progress, None, None]:
        yield Progress(1, 1, "writing")
        writing.set()
        while not over.wait(0.01):
            if cancel.cancelled:
                heard.set()
            cancel.check()

    without_torch = SimpleNamespace(export=export)
    monkeypatch.setitem(sys.modules, "core.jobs.exporting", without_torch)
    models = BallModels()
    monkeypatch.setattr(models, "export", partial(Models.export, models))
    monkeypatch.setattr(models, "_get_body", lambda: None)
    thread, path, told = ModelThread(models), make_project(tmp_path), []
    ticket = thread.export(path, Wish(), told.append, told.append, lambda _: None)
    try:
        assert writing.wait(30)
        ticket.cancel()
        assert heard.wait(30)
    finally:
        over.set()
        thread.close()
    assert not told


def test_joints_in_space_draw_no_curve_of_the_picture() -> None:
    turn, place = np.array([np.pi, 0, 0], np.float32), np.array([0, 0, 4], np.float32)
    zeros = np.zeros((23, 3), np.float32), np.zeros(10, np.float32)
    theta1 = Parameters(turn, *zeros, place, Camera.assumed(640, 480))
    seen = body().pose(theta1)[1]
    box = Box(100, 100, 200, 300)
    joints = Joints3D("smpl_45", seen, np.ones(len(seen), np.float32))
    points = theta1.camera.project(seen).astype(np.float32)
    keypoints = Keypoints2D("smpl_45", points, np.ones(len(seen), np.float32))

    def drawn(evidence: Evidence) -> bool:
        row = SimpleNamespace(id=1)
        person = SimpleNamespace(row=row, theta1=theta1, theta1_id=1, run=None, evidence=evidence)
        return not np.isnan(Models().pose(cast(Person, person)).misses).all()

    assert drawn(Evidence(box, keypoints))
    assert not drawn(Evidence(box, None, joints))
    assert drawn(Evidence(box, keypoints, joints))
