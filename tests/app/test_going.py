"""Going about by keys alone: pictures, flagged and undecided persons, round the body, and back."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import CONTROL, SHIFT, Open, drag, press, states

from app.actions import ACTIONS, plain
from app.palette import Palette
from app.panels.body import RADIANS_A_PIXEL
from app.panels.inspector import origins
from app.review import Stage
from core.project import Flag, Project, Reject, State

ALT = Qt.KeyboardModifier.AltModifier


def test_pictures_are_gone_through_by_keys(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path, persons=4))  # pictures 0, 1, and 2 with two persons
    press(window, Qt.Key.Key_PageDown)
    press(window, Qt.Key.Key_PageDown)
    assert window.review.current == 3
    press(window, Qt.Key.Key_Down)
    assert window.review.current == 4
    press(window, Qt.Key.Key_PageUp)
    assert window.review.current == 2
    press(window, Qt.Key.Key_Up)
    assert window.review.current == 1


def test_the_undecided_before_and_the_next_flagged_are_gone_to(
    open_window: Open, tmp_path: Path
) -> None:
    path = make_project(tmp_path, persons=5)
    with Project.open(path) as project:
        project.decide(Flag(2))
        project.decide(Reject(3))
        project.decide(Flag(5))
    window = open_window(path)
    press(window, Qt.Key.Key_F, SHIFT)
    assert window.review.current == 2
    press(window, Qt.Key.Key_F, SHIFT)
    assert window.review.current == 5
    press(window, Qt.Key.Key_U, SHIFT)
    assert window.review.current == 4
    press(window, Qt.Key.Key_U, SHIFT)  # over who is rejected and who is flagged
    assert window.review.current == 1
    press(window, Qt.Key.Key_U)
    assert window.review.current == 4
    press(window, Qt.Key.Key_U)  # from the start again
    assert window.review.current == 1


def test_one_goes_round_the_body_by_keys_and_mouse(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    body = window.body
    press(window, Qt.Key.Key_Left, ALT)
    left = body.eye.yaw
    press(window, Qt.Key.Key_Right, ALT)
    press(window, Qt.Key.Key_Right, ALT)
    assert left and np.isclose(body.eye.yaw, -left)
    press(window, Qt.Key.Key_Up, ALT)
    assert body.eye.pitch
    press(window, Qt.Key.Key_S)
    side = body.eye
    press(window, Qt.Key.Key_T)
    assert abs(side.yaw) > 1.5 and abs(body.eye.pitch) > 1.5
    press(window, Qt.Key.Key_C)
    assert (body.eye.yaw, body.eye.pitch) == (0, 0)
    drag(body, QPoint(60, 60), QPoint(90, 60))
    assert np.isclose(abs(body.eye.yaw), 30 * RADIANS_A_PIXEL)


def test_what_was_decided_before_a_restart_is_undone_after_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    first = open_window(path)
    press(first, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: first.review.current == 2)
    first.close()
    window = open_window(path)
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: window.review.current == 1)
    assert states(path)[0] is State.UNDECIDED
    press(window, Qt.Key.Key_Y, CONTROL)
    qtbot.waitUntil(lambda: states(path)[0] is State.REJECTED)


def test_what_is_loading_says_so_and_nothing_can_be_done_to_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(None)
    window.review.open(path)
    assert window.review.stage is Stage.OPENING
    assert window.message.headline.text() == "Opening tiny.diffannot…"
    qtbot.waitUntil(lambda: window.review.poses is not None)
    window.review.select(3)
    assert window.steps.headline.text() == window.inspector.headline.text() == "Loading…"
    assert not window.actions_by_name["accept"].isEnabled()
    qtbot.waitUntil(lambda: window.actions_by_name["accept"].isEnabled())


def test_every_action_is_found_by_its_name(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_K, CONTROL)
    shown = window.findChildren(Palette)[-1]
    for spec in ACTIONS:
        shown.line.setText(plain(spec.text))
        assert plain(spec.text) in [entry.text for entry in shown.model.entries[:3]], spec.name
    shown.close()


def test_the_source_of_an_annotation_is_told(tmp_path: Path) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        project.decide(Reject(1))
        told = {name: (text, tip) for name, text, tip in origins(project.person(1))}
    assert told["Person"] == ("picture_0 · 1", "picture_0.png")
    assert told["Picture"][0] == "320 × 240" and len(told["Picture"][1]) == 64
    assert told["Θ1 by"][0] == "test"
    assert told["Steps by"] == ("test  wwwwwwww", "w" * 64)
    assert told["Run"][0] == "1, seed 0"
    who, moment = told["Decided by"][0].split(" · ")
    assert who and ":" in moment


def test_a_filter_is_kept_under_a_name_and_forgotten(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(make_project(tmp_path))
    bar = window.people.filter
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("mine", True))

    def choose(text: str) -> None:
        bar.menu.aboutToShow.emit()
        next(each for each in bar.menu.actions() if each.text() == text).trigger()

    bar.line.setText("gain>1")
    choose("Keep this filter…")
    qtbot.waitUntil(lambda: window.review.filters == {"mine": "gain>1"})
    choose("Forget “mine”")
    qtbot.waitUntil(lambda: window.review.filters == {})
