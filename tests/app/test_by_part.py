from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, SUGGESTED, make_project, trajectory, upright
from window_kit import Open, journal, press, states

from app import theme
from app.mix import PLAIN, RUNS, Mix, picks
from app.panels.steps import curve_of, describe_step
from app.window import MainWindow
from core.parts import PART_NAMES, compose
from core.project import Accept, Pick, Project, State

CONTROL = Qt.KeyboardModifier.ControlModifier


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.review.mixer.is_posed)


def test_the_slider_moves_the_chosen_part_and_the_rest_stays() -> None:
    mix = Mix(24).of("left arm").moved(31)
    assert (mix.rest, mix.step, mix.own) == (24, 31, {"left arm": 31})
    assert mix.axis == (24, RUNS, 24, 24, 24)
    back = mix.of("").moved(10)
    assert (back.step, back.own) == (10, {"left arm": 31})
    assert back.axis == (RUNS, 31, RUNS, RUNS, RUNS)
    assert back.released().axis == PLAIN


def test_a_part_that_is_where_the_rest_is_goes_with_it_again() -> None:
    mix = Mix(24).of("left arm").moved(31).moved(24).of("")
    assert mix == Mix(24)
    assert mix.axis == PLAIN


def test_releasing_a_part_leaves_the_others() -> None:
    mix = Mix(5, {"left arm": 9, "right leg": 2}, "left arm").released()
    assert mix.own == {"right leg": 2}
    assert mix.step == 5


@given(
    st.integers(0, STEPS),
    st.dictionaries(st.sampled_from(PART_NAMES), st.integers(0, STEPS)),
    st.sampled_from(["", *PART_NAMES]),
)
def test_the_place_of_the_slider_is_the_composed_body(
    rest: int, parts: dict[str, int], part: str
) -> None:
    mix = Mix(rest, parts, part)
    there = picks(mix.axis, STEPS + 1)[mix.step]
    assert there.tolist() == [parts.get(name, rest) for name in PART_NAMES]


def test_a_part_stands_out_whatever_the_colours_of_the_window(
    open_window: Open, tmp_path: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_2)
    settle(window, qtbot)
    try:
        theme.choose(qapp, Qt.ColorScheme.Dark)
        qtbot.waitUntil(window.is_settled)
        assert window.body._drawn.part == "left arm"
        assert window.picture._overlay._whole[0].part == "left arm"
    finally:
        theme.choose(qapp, Qt.ColorScheme.Unknown)


def test_keys_pick_a_part_and_the_decision_holds_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_2)
    settle(window, qtbot)
    assert window.steps.headline.text() == f"Left arm: step {SUGGESTED}"
    assert window.inspector.parts.rows[2].isChecked()
    curve = window.steps.slider._curve
    assert curve.what == "2D error of the left arm"
    misses = np.tile(np.float32([0, 1, 2, 3, 4, 5]), (STEPS + 1, 1))
    known = replace(window.review.poses, misses=misses)
    assert set(curve_of(window.review.person, known, window.review.mixer.mix).scores) == {2}
    press(window, Qt.Key.Key_Right)
    press(window, Qt.Key.Key_Right)
    settle(window, qtbot)
    assert window.steps.words.text() == f"mixed: left arm {SUGGESTED + 2}, rest {SUGGESTED}"
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(path)[0] == State.ACCEPTED)
    with Project.open(path) as project:
        person = project.person(1)
        assert (person.chosen_step, person.chosen_parts) == (SUGGESTED, {"left arm": SUGGESTED + 2})
        wanted = compose(trajectory(upright()), {"left arm": SUGGESTED + 2}, SUGGESTED)
        np.testing.assert_array_equal(project.curated(1).body_pose, wanted.body_pose)


def test_a_mix_is_written_down_when_the_person_is_left_and_shown_when_one_comes_back(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_5)
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    kept = [Pick(1, 1, SUGGESTED, {"right leg": STEPS})]
    qtbot.waitUntil(lambda: [entry.decision for entry in journal(path)] == kept)
    assert states(path)[0] == State.UNDECIDED
    press(window, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: window.review.current == 1 and window.review.poses is not None)
    settle(window, qtbot)
    assert window.review.mixer.mix.own == {"right leg": STEPS}
    assert "mixed: right leg 20, rest 7" in window.steps.words.text()


def test_undo_takes_back_a_mix_that_is_not_decided_yet(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_1)
    press(window, Qt.Key.Key_Home)
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: window.review.mixer.mix == Mix(SUGGESTED))
    assert len(journal(path)) == 2
    press(window, Qt.Key.Key_Y, CONTROL)
    qtbot.waitUntil(lambda: window.review.mixer.mix.own == {"torso and head": 0})


def test_a_mixed_decision_is_undone_and_redone_like_any_other(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        project.decide(Accept(1, 1, 3, {"left leg": 9}))
    window = open_window(path)
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: window.review.current == 1 and window.review.poses is not None)
    assert window.review.mixer.mix == Mix(SUGGESTED)
    press(window, Qt.Key.Key_Y, CONTROL)
    qtbot.waitUntil(lambda: window.review.mixer.mix == Mix(3, {"left leg": 9}))
    qtbot.waitUntil(lambda: window.review.poses is not None)
    assert window.inspector.parts.rows[4]._figures.step == 9


def test_backspace_lets_a_part_go_with_the_rest_again(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_3)
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_Backspace)
    settle(window, qtbot)
    assert window.review.step == SUGGESTED
    assert window.review.mixer.mix.own == {}


def test_a_click_on_the_body_chooses_the_part_and_beside_it_the_whole(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    qtbot.waitUntil(window.body.is_settled)
    middle = window.body.rect().center()
    for view in (window.body, window.picture):
        if view is window.picture:  # the ball's middle, at the shown step
            x, y = window.review.poses.points[SUGGESTED, 0]
            at = view.port.offset + view.port.scale * QPoint(round(x), round(y)).toPointF()
            middle = at.toPoint()
        for shift, part in ((20, "left arm"), (-20, "torso and head")):
            click(view, middle + QPoint(shift, 0))
            assert window.review.mixer.mix.part == part
            settle(window, qtbot)
            qtbot.waitUntil(view.is_settled)
        click(view, QPoint(3, 3))
        assert window.review.mixer.mix.part == ""
        settle(window, qtbot)


def click(widget: object, at: QPoint) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_a_body_that_is_not_composed_yet_is_not_accepted(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_4)
    assert not window.review.mixer.is_posed
    window.review.decider.accept_shown()
    assert "being composed" in window.statusBar().currentMessage()
    settle(window, qtbot)
    assert states(path)[0] == State.UNDECIDED


@pytest.mark.parametrize(
    ("mix", "words"),
    [
        (Mix(24, {"left arm": 31}), "mixed: left arm 31, rest 24"),
        (
            Mix(0, {"right leg": 3, "torso and head": 2}),
            "mixed: torso and head 2, right leg 3, rest 0",
        ),
    ],
)
def test_a_mix_is_shown_as_such(mix: Mix, words: str) -> None:
    assert describe_step(None, mix) == words
