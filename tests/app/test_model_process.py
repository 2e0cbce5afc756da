"""The models in a process of their own: toys that need no torch."""

import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from toy_models import ToyModels

from app import i18n
from app.model_process import ModelProcess
from app.model_thread import ModelThread
from app.models import Models
from app.parcels import Foreign
from app.pieces import Pieces
from app.preferences import Preferences
from app.worker import Worker
from core import errors
from core.errors import Cancelled, DiffAnnotError, LostProcess
from core.progress import CancelToken

PATIENCE = 60.0
TYPED = [
    found
    for found in vars(errors).values()
    if inspect.isclass(found) and issubclass(found, DiffAnnotError)
]


@pytest.fixture(scope="module")
def shared() -> Iterator[ModelProcess]:
    models = ModelProcess(ToyModels)
    yield models
    models.close()


@pytest.fixture
def own() -> Iterator[ModelProcess]:
    """A process that a test may kill."""
    models = ModelProcess(ToyModels)
    yield models
    models.close()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended may wait for its parent to hear of it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)


def test_jobs_are_done_in_another_process_and_arrays_come_back_to_the_bit(
    shared: ModelProcess,
) -> None:
    bodies = np.random.default_rng(0).normal(size=(3, 50, 3)).astype(np.float32)
    assert shared.pid() not in (os.getpid(), 0)
    assert shared.pid() == shared.pid()
    doubled = shared.twice(bodies)
    assert doubled.dtype == np.float32 and np.array_equal(doubled, 2 * bodies)
    turned = np.moveaxis(bodies, 0, 1)[::2]  # not one piece of memory
    assert np.array_equal(shared.twice(turned), 2 * turned)
    assert shared.twice(bodies[:0]).shape == (0, 50, 3)


def test_each_job_works_by_the_preferences_and_speaks_the_language_of_its_time(
    shared: ModelProcess,
) -> None:
    assert shared.refiner_and_words() == ("level", "Open project")
    shared.preferences = Preferences(refiner="fit")
    i18n.choose(i18n.CHINESE)
    try:
        assert shared.refiner_and_words() == ("fit", "打开项目")
    finally:
        i18n.choose(i18n.ENGLISH)
        shared.preferences = Preferences()
    assert shared.refiner_and_words() == ("level", "Open project")


@pytest.mark.parametrize("kind", TYPED)
def test_typed_errors_come_with_their_hints(
    shared: ModelProcess, kind: type[DiffAnnotError]
) -> None:
    with pytest.raises(DiffAnnotError) as raised:
        shared.fail(kind("a.pkl is no body", "Choose another"))
    assert type(raised.value) is kind
    assert (raised.value.message, raised.value.hint) == ("a.pkl is no body", "Choose another")


def test_other_errors_look_as_they_did_and_say_where_they_were_raised(
    shared: ModelProcess,
) -> None:
    with pytest.raises(OSError) as raised:
        shared.fail(OSError(28, "No space left on device"))
    assert raised.value.errno == 28
    assert "toy_models.py" in raised.value.__notes__[0]
    with pytest.raises(Foreign) as strange:
        shared.fail_strangely()
    assert repr(strange.value) == "NeedsTwo(1)"
    assert "toy_models.py" in strange.value.__notes__[0]


def test_an_error_in_a_later_piece_is_told_and_the_next_job_is_done(shared: ModelProcess) -> None:
    steps = shared.refuse()
    assert next(steps).total == 1
    with pytest.raises(DiffAnnotError, match=r"It cannot be done\. Do something else"):
        next(steps)
    assert [progress.done for progress in shared.count(2)] == [0, 1]


def test_jobs_go_between_the_pieces_of_another(qtbot: QtBot, shared: ModelProcess) -> None:
    worker, told = Worker("test", newest_first=True), []
    done = lambda last: told.append(("pieces", last))  # noqa: E731
    pieces = Pieces(worker, lambda _: shared.count(3), done, told.append, 5)
    for _ in range(3):
        worker.submit(lambda _: shared.pid(), lambda _: told.append("between"))
    qtbot.waitUntil(lambda: len(told) == 4, timeout=int(1e3 * PATIENCE))
    assert told == ["between"] * 3 + [("pieces", 3)]
    pieces.cancel()
    worker.close()


def test_a_job_that_is_left_between_two_pieces_cleans_up(
    shared: ModelProcess, tmp_path: Path
) -> None:
    steps = shared.until_cancelled(tmp_path / "item", CancelToken())
    next(steps)
    steps.close()
    assert shared.pid()  # what was asked before is done by now
    assert list(tmp_path.iterdir()) == []


def test_a_job_hears_while_it_works_that_it_is_called_off_and_keeps_what_is_whole(
    qtbot: QtBot, shared: ModelProcess, tmp_path: Path
) -> None:
    worker, told = Worker("test", newest_first=True), []
    ticket = worker.submit(
        lambda token: shared.until_cancelled(tmp_path / "item", token), told.append, told.append
    )
    wait_until((tmp_path / "item.half").exists)
    ticket.cancel()
    worker.submit(lambda _: shared.pid(), told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=int(1e3 * PATIENCE))
    worker.close()
    assert told == [shared.pid()]
    assert [path.name for path in tmp_path.iterdir()] == ["item"]


def test_the_job_a_dead_process_was_at_fails_and_the_next_is_done_by_another(
    own: ModelProcess,
) -> None:
    pids, steps = [own.pid()], own.count(3)
    next(steps)
    for number in (signal.SIGKILL, signal.SIGSEGV):
        with pytest.raises(LostProcess, match=f"ended by {number.name}.*kept"):
            own.die(number)
        pids.append(own.pid())
    with pytest.raises(LostProcess):  # its pieces were made in the first
        next(steps)
    os.kill(own.pid(), signal.SIGKILL)  # with nothing to do
    wait_until(lambda: own._child is not None and not own._child.lives)
    pids.append(own.pid())
    assert len({*pids}) == 4


def test_a_process_that_cannot_start_is_told() -> None:
    class NotFound(ToyModels):
        """Of no module."""

    models = ModelProcess(NotFound)
    with pytest.raises(LostProcess, match=r"ended \(status 1\)"):
        models.pid()
    models.close()


def test_closing_ends_a_process_that_lets_nobody_in_and_its_job_says_nothing(
    qtbot: QtBot, own: ModelProcess
) -> None:
    pid, told = own.pid(), []
    thread = ModelThread(own)
    thread._worker.submit(lambda _: own.spin(), told.append, told.append)
    thread._worker.submit(lambda _: own.pid(), told.append, told.append, priority=1)
    thread.close()
    assert not is_alive(pid)
    qtbot.wait(10)
    assert told == []
    with pytest.raises(Cancelled):
        own.pid()


def test_closing_lets_a_job_take_away_what_is_half_done(own: ModelProcess, tmp_path: Path) -> None:
    def work() -> None:
        with pytest.raises(Cancelled):
            list(own.until_cancelled(tmp_path / "item", CancelToken()))

    thread = threading.Thread(target=work)
    thread.start()
    wait_until((tmp_path / "item.half").exists)
    own.close()
    thread.join(PATIENCE)
    assert [path.name for path in tmp_path.iterdir()] == ["item"]


def test_a_window_that_is_killed_leaves_no_process_though_it_computes() -> None:
    code = """
from app.model_process import ModelProcess
from toy_models import ToyModels
models = ModelProcess(ToyModels)
print(models.pid(), flush=True)
models.spin()
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env) as window:
        assert window.stdout is not None
        pid = int(window.stdout.readline())
        assert is_alive(pid)
        window.kill()
    wait_until(lambda: not is_alive(pid))


def test_what_is_said_in_the_process_is_heard_and_warnings_to_programmers_are_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    models = ModelProcess(ToyModels)
    models.mutter()
    models.close()
    out, err = capfd.readouterr()
    assert (out, err) == ("printed\n", "a line of the log\n")


def test_the_process_itself_needs_no_window() -> None:
    code = "import sys, app.model_server; sys.exit('PySide6' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_method_of_the_models_can_be_asked() -> None:
    models = ModelProcess()
    for name in vars(Models):
        if not name.startswith("_"):
            assert callable(getattr(models, name))
    with pytest.raises(AttributeError):
        _ = models.no_such_job
