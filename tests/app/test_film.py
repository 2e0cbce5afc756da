from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, SUGGESTED, make_project
from window_kit import Open, press

from app.panels.eye import region_of
from app.panels.film import ACCEPTED, PICKED, spread
from core.project import Accept, Pick, Project


def test_steps_are_spread_evenly_from_first_to_last() -> None:
    assert spread(57, 10, {}) == [0, 6, 13, 19, 25, 32, 38, 44, 51, 57]
    assert spread(0, 1, {}) == [0]


def test_a_wanted_step_takes_the_place_of_the_nearest_even_one() -> None:
    assert spread(20, 5, {7: "suggested"}) == [0, 7, 10, 15, 20]
    assert spread(20, 5, {7: "accepted", 6: "suggested"}) == [0, 6, 7, 15, 20]


@given(st.integers(7, 200), st.integers(2, 8), st.lists(st.integers(0, 200), max_size=2))
def test_the_strip_is_always_as_long_and_holds_what_is_wanted(
    last: int, count: int, wanted: list[int]
) -> None:
    marks = dict.fromkeys((min(step, last) for step in wanted), "suggested")
    steps = spread(last, count, marks)
    assert len(steps) == len(set(steps)) == count
    assert steps == sorted(steps)
    assert {0, last, *marks} & {*steps} >= set(marks)


def test_a_click_in_the_strip_shows_that_step(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    film = window.steps.film
    assert SUGGESTED in film.steps
    for place in (0, film.steps.index(SUGGESTED), len(film.steps) - 1):
        spot = film._tile(place, len(film.steps)).center().toPoint()
        QTest.mouseClick(film, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        assert window.review.step == film.steps[place]
    assert window.review.step == STEPS


def test_the_strip_is_drawn_after_the_shown_step_and_marks_what_was_picked(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        project.decide(Accept(1, project.person(1).run.id, 3))
        project.decide(Pick(2, project.person(2).run.id, 4))
    window = open_window(path)
    window.review.select(1)
    qtbot.waitUntil(lambda: window.review.current == 1 and window.review.poses is not None)
    film = window.steps.film
    assert film._marked[3] == ACCEPTED
    window.review.select(2)
    qtbot.waitUntil(lambda: film._marked.get(4) == PICKED)  # without a verdict
    assert window.steps.slider._curve.chosen_as == PICKED
    qtbot.waitUntil(film.is_settled)
    assert set(film._pictures) == set(film.steps)
    middle = film._tile(0, len(film.steps)).center().toPoint()
    ball = film.grab().toImage().pixelColor(middle)
    assert ball.blue() > ball.red() + 20


def test_the_strip_looks_at_the_part_that_is_chosen(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    qtbot.waitUntil(window.is_settled)
    film = window.steps.film
    whole = next(iter(film._keys)).camera
    press(window, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: window.is_settled() and next(iter(film._keys)).part == "left arm")
    region = region_of(window.review.poses, "left arm")  # the right half of a ball of 0.4 m
    assert abs(region.offset[0] - 0.2) < 0.1 and np.abs(region.offset[1:]).max() < 0.15
    assert 0.35 < region.reach < 0.5
    part = next(iter(film._keys)).camera
    assert part.focal > 0.8 * whole.focal and part.cx < whole.cx - 5


@pytest.mark.parametrize("name", ["queue", "body", "film", "inspector"])
def test_a_hidden_panel_stays_hidden_at_the_next_start(
    open_window: Open, tmp_path: Path, name: str
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    panel = getattr(window.panes, name).widget
    assert panel.isVisible()
    window.actions_by_name[f"show_{name}"].trigger()
    assert not panel.isVisible()
    window.close()
    again = open_window(path)
    assert not getattr(again.panes, name).widget.isVisible()
    assert not again.actions_by_name[f"show_{name}"].isChecked()
    press(again, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert getattr(again.panes, name).widget.isVisible()


def test_sizes_are_remembered_even_over_a_start_without_a_project(
    open_window: Open, tmp_path: Path
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    work = window.panes.work
    first = work.sizes()
    work.setSizes([first[0] - 40, first[1] + 40])
    window.close()
    open_window(None).close()  # nothing is laid out
    again = open_window(path)
    assert abs(again.panes.work.sizes()[1] - first[1] - 40) <= 2
    again.actions_by_name["standard"].trigger()
    assert again.panes.work.sizes()[1] < first[1] + 20


def test_without_a_project_there_are_no_empty_panels(open_window: Open) -> None:
    window = open_window(None)
    assert not window.panes.queue.widget.isVisible()
    assert not window.panes.inspector.widget.isVisible()
