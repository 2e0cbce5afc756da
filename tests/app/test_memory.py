"""What is shown gives back what it took."""

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_film, make_project
from window_kit import Open

from app.collector import loading
from app.figures import FigureDialog
from app.kept import Kept
from app.mix import PLAIN, Axis
from app.poses import Poses
from app.review import Review
from app.settings import Settings
from app.window import MainWindow
from core.parts import PART_NAMES
from core.project import Person

WALKED = 10


def is_shown(review: Review) -> bool:
    return review.poses is not None and review.photograph is not None


@contextmanager
def busy_renderer(window: MainWindow) -> Iterator[None]:
    """Let nothing be drawn meanwhile."""
    gate = threading.Event()
    window._frames._renderer._executor.submit(gate.wait, 600)
    try:
        yield
    finally:
        gate.set()


def alive(bodies: list["weakref.ref[np.ndarray]"]) -> int:
    gc.collect()
    return sum(body() is not None for body in bodies)


def test_kept_values_stay_under_their_bound_and_the_longest_unused_goes_first() -> None:
    kept: Kept[str, bytes] = Kept(10, len)
    for key, size in (("a", 4), ("b", 4), ("a", 3), ("c", 3)):
        kept.keep(key, bytes(size))
    assert (kept.bytes, len(kept)) == (10, 3)
    assert kept.get("b") == bytes(4)
    kept.keep("d", bytes(2))  # 12 with it: "a" is the oldest, 3 go
    assert [key for key in "abcd" if key in kept] == ["b", "c", "d"]
    assert kept.bytes == 9
    kept.keep("e", bytes(50))  # larger than all room: it alone is kept
    assert ("e" in kept, len(kept), kept.bytes) == (True, 1, 50)
    kept.clear()
    assert (kept.get("e"), kept.bytes) == (None, 0)


def test_so_many_values_are_kept_however_large_they_are() -> None:
    kept: Kept[int, bytes] = Kept(10, len, least=2)
    for key in range(4):
        kept.keep(key, bytes(100))
    assert [key for key in range(4) if key in kept] == [2, 3]


def test_a_walk_past_a_busy_render_thread_holds_no_bodies_of_those_who_were_left(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(make_project(tmp_path, persons=WALKED))
    review = window.review
    qtbot.waitUntil(window.is_settled)
    seen = []
    with busy_renderer(window):
        for _ in range(WALKED - 1):
            review.walk.next_person()
            qtbot.waitUntil(lambda: is_shown(review))
            qtbot.waitUntil(lambda: not window.steps.film._ask_soon.isActive())
            assert review.poses is not None
            seen.append(weakref.ref(review.poses.vertices))
        review.loader.clear()  # what is kept to be shown again
        assert alive(seen) < WALKED // 2


def test_what_is_done_over_and_over_holds_no_more_bodies_than_what_is_done_once(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(make_project(tmp_path))
    review = window.review

    def rest() -> None:
        qtbot.waitUntil(lambda: is_shown(review) and window.is_settled())

    def act() -> int:
        window._blink(True)
        window._blink(False)
        window.comparison.heat()
        rest()
        window.comparison.leave()
        review.choose_part(PART_NAMES[1])
        review.show_step(review.step % 19 + 1)
        rest()
        review.choose_part("")
        review.walk.next_person()
        rest()
        review.walk.previous_person()
        rest()
        review.loader.clear()
        gc.collect()
        return sum(isinstance(one, Poses) for one in gc.get_objects())

    act()
    before = act()
    assert act() <= before


def test_nothing_of_another_project_is_shown_or_held_after_opening_one(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(make_project(tmp_path / "a"))
    review = window.review
    qtbot.waitUntil(window.is_settled)
    window.comparison.pin()
    assert review.poses is not None and window.comparison.other is not None
    body = weakref.ref(review.poses.vertices)
    with busy_renderer(window):
        review.open(make_project(tmp_path / "b"))
        qtbot.waitUntil(lambda: review.path == tmp_path / "b" / "tiny.diffannot")
        assert len(window._frames._cache) == 0
        qtbot.waitUntil(lambda: is_shown(review))
        assert window.comparison.other is None  # keys are the same in both
        window.comparison.leave()
    qtbot.waitUntil(window.is_settled)
    assert alive([body]) == 0


class SlowModels(BallModels):
    """Poses one person for each permit."""

    def __init__(self) -> None:
        super().__init__()
        self.permits = threading.Semaphore(1000)
        self.posed: list[int] = []

    def pose(self, person: Person, axis: Axis = PLAIN) -> Poses:
        self.permits.acquire(timeout=600)
        self.posed.append(person.row.id)
        return super().pose(person, axis)


class TestPassingBy:
    @pytest.fixture
    def models(self) -> SlowModels:
        return SlowModels()

    def test_those_who_were_passed_by_are_not_posed(
        self, open_window: Open, qtbot: QtBot, tmp_path: Path, models: SlowModels
    ) -> None:
        window = open_window(make_project(tmp_path, persons=WALKED))
        review = window.review
        qtbot.waitUntil(lambda: not (review.loader._asked or review.ahead.waits))
        models.permits = threading.Semaphore(0)
        models.posed.clear()
        for _ in range(WALKED - 2):
            review.walk.next_person()
            qtbot.waitUntil(lambda: review.person is not None)
        # one is being posed: who was left first, or made ready; then the newest is
        models.permits.release(2)
        qtbot.waitUntil(lambda: is_shown(review))
        models.permits.release(1000)
        qtbot.waitUntil(lambda: not review.loader._asked)
        assert review.current in models.posed
        assert len(set(models.posed)) <= 5  # of ten: what was begun, who is shown, who is next


def test_a_track_that_is_played_holds_the_bodies_of_a_few_stretches(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.player.PLAYED", 0)
    monkeypatch.setattr("app.player.STRETCH", 2)
    window = open_window(make_film(tmp_path, frames=20))
    line, path = window.timeline.line, window.review.path
    assert line is not None and path is not None
    for place in [*range(0, 20, 2), 0]:
        window.player.scrub(path, line, place)
        qtbot.waitUntil(lambda place=place: window.player._shown == place)
    assert 0 < len(window.player._stretches) <= 7
    window.player.stop()
    QTest.qWait(0)


def test_a_dialog_is_gone_once_it_is_closed(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    window.figures.ask()
    for dialog in window.findChildren(FigureDialog):
        dialog.reject()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChildren(FigureDialog) == []


def test_a_window_that_is_closed_leaves_nothing(qapp: QApplication) -> None:
    def open_and_close() -> weakref.ref[object]:
        window = MainWindow(BallModels(), Settings())
        window.show()
        qapp.processEvents()
        window.close()
        window.deleteLater()
        return weakref.ref(window._frames)

    frames = open_and_close()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert frames() is None


def test_what_was_loaded_before_leaves_garbage_to_be_collected() -> None:
    array = np.zeros(1)
    cycle: list[object] = [array]
    cycle.append(cycle)
    ref = weakref.ref(array)
    del array, cycle
    with loading():
        import json  # noqa: F401
    gc.collect()
    assert ref() is None
