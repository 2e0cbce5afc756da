"""A track along time."""

import threading
from collections.abc import Generator
from itertools import combinations
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot
from tiny_projects import SUGGESTED, make_film, make_project
from window_kit import CONTROL, SHIFT, Open, drag, is_shown, journal, press, roll_wheel, states

from app.panels.time_line import scores_now, ticks, unbroken
from app.pictures import Photograph, read_photograph
from app.pieces import Pieces
from app.rows import Rows
from app.window import MainWindow
from app.worker import Worker
from core.jobs.motion import Choice, Motion, standing_body
from core.progress import Progress
from core.project import Accept, Bulk, Pick, Project, Remark, State

UNDECIDED, ACCEPTED, REJECTED = State.UNDECIDED, State.ACCEPTED, State.REJECTED


def spot(window: MainWindow, place: int) -> QPoint:
    axis = window.time.axis
    return QPointF(axis._x(window.timeline.line, place), 30).toPoint()


def settled(window: MainWindow, qtbot: QtBot, count: int) -> None:
    """Wait until so many entries are in the journal, and the window knows."""
    path = window.review.path

    def is_settled() -> bool:
        return len(journal(path)) == count and not window.review.decider._busy

    qtbot.waitUntil(is_settled)


def tracks(path: Path) -> list[str | None]:
    with Project.open(path) as project:
        return [row.track for row in project.rows()]


def test_the_axis_is_there_where_there_is_a_sequence(open_window: Open, tmp_path: Path) -> None:
    assert not open_window(make_project(tmp_path / "p")).time.isVisible()
    window = open_window(make_film(tmp_path / "f"))
    assert window.time.isVisible()
    line = window.timeline.line
    assert line.track == "clip/1" and line.frames.tolist() == [0, 1, 2, 3, 4, 5]
    assert window.time.words.text() == "frame 0  ·  0.00 s"
    assert window.people.model.share(window.review.rows.all[6]) == "track 2"


def test_keys_go_from_frame_to_frame_on_the_same_track(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path))
    window.review.select(7)  # clip/2, which is in the last frame alone
    press(window, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: window.review.current == 5)
    for _ in range(2):
        press(window, Qt.Key.Key_Comma)
    press(window, Qt.Key.Key_Period)
    assert window.review.current == 4
    assert window.timeline.place == 3


def test_a_drag_along_the_axis_shows_the_frames_and_goes_to_the_last(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path))
    shown: list[int] = []
    window.player.shown.connect(shown.append)
    axis = window.time.axis
    axis.scrubbed.emit(3)
    qtbot.waitUntil(lambda: shown == [3])
    assert window.picture._reel.photograph is not None
    assert window.picture._reel.frame is not None
    assert window.review.current == 1  # still
    drag(axis, spot(window, 3), spot(window, 4))
    qtbot.waitUntil(lambda: window.review.current == 5)
    assert window.picture._reel is None
    assert window.windowTitle().startswith("frame_4") or window.review.poses is None


def test_playing_shows_frames_in_order_and_stops_at_the_end(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path))
    shown: list[int] = []
    window.player.shown.connect(shown.append)
    press(window, Qt.Key.Key_L)
    assert window.player.plays
    assert not window.actions_by_name["accept"].isEnabled()  # who is decided on is not shown
    qtbot.waitUntil(lambda: not window.player.on)
    assert shown == sorted(set(shown)) and shown[0] == 0
    assert window.review.current == window.timeline.line.ids[shown[-1]]
    qtbot.waitUntil(lambda: window.actions_by_name["accept"].isEnabled())


def test_a_last_frame_that_comes_late_is_waited_for(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(path: Path) -> Photograph:
        if path.stem == "frame_5":
            sleep(1.2)  # all six take half as long
        return read_photograph(path)

    monkeypatch.setattr("app.player.read_photograph", late)
    window = open_window(make_film(tmp_path))
    shown: list[int] = []
    window.player.shown.connect(shown.append)
    press(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: not window.player.on)
    assert shown[-1] == 5


def test_no_frame_is_shown_before_its_time(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window(make_film(tmp_path))  # ten frames a second
    clock, shown = QElapsedTimer(), list[tuple[int, int]]()

    def show(place: int) -> None:
        if not shown:
            clock.start()
        shown.append((place, clock.elapsed()))

    window.player.shown.connect(show)
    press(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: not window.player.on)
    assert clock.elapsed() >= 570  # the last frame has its time too
    assert all(after >= 100 * (place - shown[0][0]) - 30 for place, after in shown)


def test_all_panels_follow_what_plays_and_come_back_to_where_it_stops(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path, frames=40))
    shown: list[int] = []
    window.player.shown.connect(shown.append)
    inspector, steps = window.inspector, window.steps
    press(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: inspector._person is not None and inspector._person.row.id > 1)
    assert steps._person is inspector._person
    assert inspector.headline.text() == f"Step {SUGGESTED}"
    assert inspector.parts.rows[0]._figures is not None
    assert steps._mix.step == SUGGESTED
    # nobody decides on who is not on screen
    assert not (inspector.isEnabled() or steps.isEnabled())
    press(window, Qt.Key.Key_Escape)
    assert window.review.current == 1 + shown[-1]
    qtbot.waitUntil(lambda: is_shown(window.review))
    assert inspector._person is steps._person is window.review.person
    assert inspector.isEnabled() and steps.isEnabled()
    assert window.body._poses is steps._poses is window.review.poses


def test_a_hand_in_what_plays_stops_it_and_changes_nobody(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_film(tmp_path, frames=30)
    window = open_window(path)
    window.inspector.remarks.note.setPlainText("typed")
    for hand in (
        lambda: drag(window.picture, QPoint(150, 120), QPoint(220, 120), CONTROL),
        lambda: roll_wheel(window.picture, QPointF(150, 120), held=CONTROL),
    ):
        window.actions_by_name["play"].trigger()
        qtbot.waitUntil(lambda: window.picture._reel.photograph is not None)
        hand()
    assert window.player.on  # a wheel does not stop it
    window.body.part_chosen.emit("left arm")
    assert window.review.mixer.mix.part == ""
    press(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: is_shown(window.review))
    assert [entry.decision for entry in journal(path)] == [Remark(1, "typed")]


def test_scrubbing_back_to_where_one_was_shows_them_again(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path))
    axis = window.time.axis
    axis.scrubbed.emit(3)
    qtbot.waitUntil(lambda: window.body._poses is not window.review.poses)
    axis.went.emit(0)
    assert window.body._poses is window.review.poses


def test_playing_is_stopped_by_escape_and_by_whoever_is_chosen(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path, frames=30))
    for stop in (
        lambda: press(window, Qt.Key.Key_Escape),
        lambda: press(window, Qt.Key.Key_L),
        lambda: window.review.select(20),
    ):
        press(window, Qt.Key.Key_L)
        assert window.player.plays
        stop()
        assert not window.player.on
        assert window.picture._reel is None
    assert window.review.current == 20


def test_a_range_is_selected_by_shift_and_decided_as_one(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_film(tmp_path)
    window = open_window(path)
    drag(window.time.axis, spot(window, 1), spot(window, 3), SHIFT)
    assert window.review.selected == [2, 3, 4]
    assert window.time.axis._selected.tolist() == [False, True, True, True, False, False]
    press(window, Qt.Key.Key_R)
    settled(window, qtbot, 1)
    assert states(path) == [UNDECIDED, REJECTED, REJECTED, REJECTED, *[UNDECIDED] * 3]
    press(window, Qt.Key.Key_Z, CONTROL)
    settled(window, qtbot, 2)
    assert set(states(path)) == {UNDECIDED}


def test_the_shown_step_is_accepted_for_a_range_by_keys_or_for_the_track(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_film(tmp_path)
    window = open_window(path)
    window.review.show_step(5)
    for _ in range(2):
        press(window, Qt.Key.Key_PageDown, SHIFT)
    assert window.review.selected == [1, 2, 3]
    press(window, Qt.Key.Key_Return, SHIFT)
    settled(window, qtbot, 1)
    assert isinstance(journal(path)[0].decision, Bulk)
    assert states(path) == [ACCEPTED] * 3 + [UNDECIDED] * 4
    qtbot.waitUntil(lambda: window.review.current == 4 and is_shown(window.review))
    press(window, Qt.Key.Key_Return, SHIFT)
    settled(window, qtbot, 2)
    with Project.open(path) as project:
        rows = project.rows()
    assert [row.chosen_step for row in rows] == [SUGGESTED] * 6 + [None]


def test_tracks_are_split_and_joined(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_film(tmp_path)
    window = open_window(path)
    before = tracks(path)
    window.review.select(3)
    window.actions_by_name["split_track"].trigger()
    settled(window, qtbot, 1)
    assert tracks(path) == ["clip/1", "clip/1", *["clip/3"] * 4, "clip/2"]
    qtbot.waitUntil(lambda: window.timeline.line.track == "clip/3")
    assert window.timeline.place == 0
    asked: list[list[str]] = []

    def get_item(*words: object) -> tuple[str, bool]:
        asked.append(words[3])
        return "clip/1", True

    monkeypatch.setattr(QInputDialog, "getItem", get_item)
    window.actions_by_name["join_tracks"].trigger()
    settled(window, qtbot, 2)
    assert asked == [["clip/1", "clip/2"]]
    assert tracks(path) == ["clip/3"] * 6 + ["clip/2"]
    for count in (3, 4):
        press(window, Qt.Key.Key_Z, CONTROL)
        settled(window, qtbot, count)
    assert tracks(path) == before


def test_what_cannot_be_joined_is_told(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(make_film(tmp_path))
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("clip/2", True))
    window.actions_by_name["join_tracks"].trigger()
    qtbot.waitUntil(lambda: window.trouble.isVisible())


def test_the_body_that_plays_is_the_decided_one_else_the_suggested(tmp_path: Path) -> None:
    with Project.open(make_film(tmp_path)) as project:
        steps = project.person(1).run.trajectory.steps
        np.testing.assert_array_equal(
            standing_body(project.person(1)).transl, steps[SUGGESTED].transl
        )
        project.decide(Pick(1, project.person(1).run.id, 4))
        np.testing.assert_array_equal(standing_body(project.person(1)).transl, steps[4].transl)
        project.decide(Accept(1, project.person(1).run.id, 0))
        np.testing.assert_array_equal(standing_body(project.person(1)).transl, steps[0].transl)


def test_frames_without_a_gap_belong_together(open_window: Open, tmp_path: Path) -> None:
    line = open_window(make_film(tmp_path)).timeline.line
    mask = np.array([True, True, False, True, True, True])
    assert list(unbroken(line, mask)) == [(0, 1), (3, 5)]
    assert list(unbroken(line, np.zeros(6, bool))) == []
    later = np.array([0, 0.1, 0.2, 0.9, 1.0, 1.1])
    object.__setattr__(line, "times", later)
    assert list(unbroken(line, np.ones(6, bool))) == [(0, 2), (3, 5)]


@pytest.mark.parametrize(
    ("first", "last", "most", "expected"),
    [(0, 1, 10, np.arange(11) / 10), (0.4, 3.1, 3, [1, 2, 3]), (0, 0, 5, [0])],
)
def test_seconds_on_the_axis_are_round(
    first: float, last: float, most: float, expected: list[float]
) -> None:
    np.testing.assert_allclose(ticks(first, last, most), expected)


def test_jumps_and_scores_of_what_counts_are_shown_and_gone_to(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path))
    timeline, axis = window.timeline, window.time.axis
    timeline._measure()  # else when the hands have rested
    qtbot.waitUntil(lambda: axis._motion is not None)
    assert window.time.shaking.text() == "jitter 2.5 → 2.5 m/s²  ·  1 jump"
    expected = [0.02 + 1e-6] * 6  # of the suggested step
    np.testing.assert_allclose(scores_now(timeline.line, axis._motion), expected, rtol=1e-4)
    assert axis._tip(timeline.line, 3).endswith("the body jumps: 2 m/s²")
    assert axis._tip(timeline.line, 2).endswith("% of the box  ·  2 m/s²")
    press(window, Qt.Key.Key_PageDown, CONTROL)
    qtbot.waitUntil(lambda: window.review.current == 4)
    assert axis._motion is not None  # it is the same track still


def test_what_was_measured_is_forgotten_when_another_step_counts(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_film(tmp_path))
    timeline = window.timeline
    timeline._measure_soon.setInterval(10**6)  # what is forgotten is not measured again meanwhile
    timeline._measure()
    qtbot.waitUntil(lambda: timeline._motion is not None)
    press(window, Qt.Key.Key_R)
    settled(window, qtbot, 1)
    assert timeline._motion is not None  # the verdict changes no body
    window.review.select(2)
    qtbot.waitUntil(lambda: is_shown(window.review))
    press(window, Qt.Key.Key_Home)
    press(window, Qt.Key.Key_Return)
    settled(window, qtbot, 2)
    assert timeline._motion is None


def test_a_part_from_another_step_is_another_body(tmp_path: Path) -> None:
    path = make_film(tmp_path)
    lines = []
    for parts in ({}, {"left arm": 3}, {"left arm": 5}):
        with Project.open(path) as project:
            project.decide(Pick(2, project.person(2).run.id, SUGGESTED, parts))
            lines.append(Rows(project.columns()).line(1))
    assert not any(one.is_as(other) for one, other in combinations(lines, 2))


def test_the_range_or_the_track_is_steadied_and_it_is_undone(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_film(tmp_path)
    window = open_window(path)
    said: list[str] = []
    window.review.said.connect(said.append)
    window.review.select(3)
    qtbot.waitUntil(lambda: window.review.poses is not None)
    window.people.choose([2, 3, 4])
    press(window, Qt.Key.Key_S, SHIFT)
    qtbot.waitUntil(lambda: "Steadied 3 persons, at 10 frames a second: 12.3 → 4.0 m/s²" in said)
    qtbot.waitUntil(lambda: window.review.poses is not None and len(window.review.poses) == 3)
    assert (window.review.current, window.review.step) == (3, 2)
    qtbot.waitUntil(lambda: window.steps.words.text().startswith("steadied along the track"))
    window.people.unselect()
    press(window, Qt.Key.Key_R)  # 3 is decided, and stays
    settled(window, qtbot, 2)
    press(window, Qt.Key.Key_S, SHIFT)
    qtbot.waitUntil(lambda: said[-1].startswith("Steadied 5 persons"))
    assert states(path)[2] is REJECTED
    before = window.review.current
    press(window, Qt.Key.Key_Z, CONTROL)
    settled(window, qtbot, 4)
    qtbot.waitUntil(lambda: said[-1].startswith("Undid"))
    with Project.open(path) as project:
        assert [row.chosen_step for row in project.rows()] == [None, 2, None, 2, *[None] * 3]
    assert window.review.current == before  # of all who were steadied


def test_jitter_is_drawn_before_and_after(open_window: Open, tmp_path: Path) -> None:
    axis = open_window(make_film(tmp_path)).time.axis
    line = axis._line
    assert line is not None
    even = np.array([np.nan, 4, 4, 4, 4, np.nan])
    pictures = set()
    for now in (even, even / 4):
        both = {Choice.THETA1: even, Choice.SUGGESTED: even, Choice.NOW: now}
        still = dict.fromkeys(Choice, np.zeros(6, bool))
        axis.show_motion(Motion(line.times, both, still, np.zeros((6, 0), np.float32)))
        pictures.add(axis.grab().toImage().constBits().tobytes())
    assert len(pictures) == 2


def test_urgent_work_goes_between_the_pieces_of_a_long_job(qtbot: QtBot) -> None:
    worker = Worker("pieces", newest_first=True)
    order: list[str] = []

    def long() -> Generator[Progress, None, str]:
        for number in range(3):
            order.append(f"piece {number}")
            worker.submit(lambda _: order.append("urgent"), priority=0)
            yield Progress(number, 3, "")
        return "all"

    told: list[str] = []
    Pieces(worker, lambda _: long(), told.append, told.append, 5)
    qtbot.waitUntil(lambda: told == ["all"])
    assert order == ["piece 0", "urgent", "piece 1", "urgent", "piece 2", "urgent"]
    worker.close()


def test_a_job_in_pieces_lets_go_on_its_own_thread_when_called_off(qtbot: QtBot) -> None:
    worker = Worker("pieces", newest_first=True)
    ended: list[int] = []

    def endless() -> Generator[Progress, None, None]:
        try:
            while True:
                yield Progress(0, 0, "")
        finally:
            ended.append(threading.get_ident())

    told: list[object] = []
    pieces = Pieces(worker, lambda _: endless(), told.append, told.append, 5)
    begun: list[bool] = []
    worker.submit(lambda _: None, lambda _: begun.append(True), priority=9)
    qtbot.waitUntil(lambda: bool(begun))
    pieces.cancel()
    qtbot.waitUntil(lambda: bool(ended))
    worker.close()
    assert ended[-1] != threading.get_ident() and told == []
