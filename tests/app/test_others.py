"""The others in the picture, drawn with the shown person."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, SUGGESTED, add_run, make_project, upright
from window_kit import Open

from app import others
from app.frames import NOBODY
from app.panels.controls import PictureBar
from app.poses import Other
from app.window import MainWindow
from core.camera import Camera
from core.evidence import Box
from core.project import Accept, Decision, Project, Reject, Source


@pytest.fixture
def window(open_window: Open, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """Show person 2, in whose picture person 3 is too."""
    window = open_window(make_project(tmp_path))
    show(window, qtbot, 2)
    return window


def show(window: MainWindow, qtbot: QtBot, person_id: int) -> None:
    window.review.select(person_id)
    qtbot.waitUntil(lambda: window.review.poses is not None)
    settle(window, qtbot)


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.is_settled)


def drawn(window: MainWindow) -> list[tuple[int, int]]:
    """Return person and step of everybody else in the picture's frame."""
    whole = window.picture._crowd._whole
    return [] if whole is None else [(key[0], step) for key, step, _ in whole[0].others]


def decide(window: MainWindow, decision: Decision) -> None:
    """Decide as another program does."""
    with Project.open(window.review.path) as project:
        project.decide(decision)
    window.review.look_again()


def test_nobody_else_is_posed_or_drawn_until_it_is_asked_for(window: MainWindow) -> None:
    assert not window.actions_by_name["everybody"].isChecked()
    assert drawn(window) == []
    assert len(window.others._bodies) == 0
    assert not {"picture+", "part+", "others"} & window._frames._waiting.keys()


def test_the_frame_says_who_else_is_in_it_and_at_which_step(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_by_name["everybody"].trigger()
    qtbot.waitUntil(lambda: drawn(window) == [(3, SUGGESTED)])
    before = window.picture._crowd._whole[0]
    decide(window, Accept(3, window.review.rows.row(3).run_id, 15))
    qtbot.waitUntil(lambda: drawn(window) == [(3, 15)])
    assert window.picture._crowd._whole[0] != before
    decide(window, Accept(3, window.review.rows.row(3).run_id, 15, {"left arm": 2}))
    qtbot.waitUntil(
        lambda: (
            window.picture._crowd._whole is not None
            and window.picture._crowd._whole[0].others[0][2] == (("left arm", 2),)
        ),
    )


def test_who_is_rejected_is_not_drawn_and_who_is_shown_is_not_drawn_twice(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_by_name["everybody"].trigger()
    show(window, qtbot, 3)
    qtbot.waitUntil(lambda: drawn(window) == [(2, SUGGESTED)])
    decide(window, Reject(2))
    qtbot.waitUntil(lambda: drawn(window) == [])
    show(window, qtbot, 1)  # is alone
    assert drawn(window) == []


def test_the_others_lie_in_the_picture_and_the_silhouette_stays_that_of_the_shown_person(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.review.show_step(0)
    settle(window, qtbot)
    # to the right of the shown body (x from 0.1 - 0.4 to 0.1 + 0.4 m), the other at 0.2 + 0.4 m
    decide(window, Accept(3, window.review.rows.row(3).run_id, STEPS))
    right = window.review.poses.bounds[0][2]
    own = window.picture._overlay._whole[2]
    window.actions_by_name["everybody"].trigger()
    qtbot.waitUntil(lambda: drawn(window) == [(3, STEPS)])
    settle(window, qtbot)
    _key, frame, rect = window.picture._crowd._whole
    other = window.others._bodies.get(3)
    assert other.bounds[2] > right + 20
    assert rect.right() >= other.bounds[2] > own.right()
    at = (other.bounds[2] - 4 - rect.x()) * frame.picture.width() / rect.width()
    middle = (other.bounds[1::2].mean() - rect.y()) * frame.picture.height() / rect.height()
    assert frame.picture.pixelColor(int(at), int(middle)).alpha() == 255
    assert frame.edge is None
    assert window.picture._overlay._whole[2] == own
    assert window.picture._overlay._whole[1].edge is not None


def test_while_the_slider_moves_the_others_stay_and_the_shown_step_does_not_wait_for_them(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_by_name["everybody"].trigger()
    qtbot.waitUntil(lambda: drawn(window) == [(3, SUGGESTED)])
    settle(window, qtbot)
    crowd, (alone, rect) = window.picture._crowd, window.picture._crowd._alone
    assert alone.step == NOBODY
    assert [key[0] for key, *_ in alone.others] == [3]
    qtbot.waitUntil(lambda: window._frames.kept(alone) is not None)
    assert rect.contains(QPointF(*window.others._bodies.get(3).bounds[:2]))
    window.review.show_step(STEPS)
    assert not crowd.is_at(STEPS)
    assert not window._frames._waiting["picture+"]  # nobody draws the step before any more
    assert crowd._alone == (alone, rect)
    settle(window, qtbot)
    assert crowd.is_at(STEPS)


def test_whether_everybody_is_drawn_is_remembered(
    open_window: Open, qtbot: QtBot, window: MainWindow
) -> None:
    window.actions_by_name["everybody"].trigger()
    again = open_window(window.review.path)
    assert again.actions_by_name["everybody"].isChecked()
    show(again, qtbot, 2)
    qtbot.waitUntil(lambda: drawn(again) == [(3, SUGGESTED)])
    again.actions_by_name["everybody"].trigger()
    assert len(again.others._bodies) == 0
    assert not again._settings.everybody


def test_that_only_the_nearest_are_drawn_is_said_and_the_rejected_are_not_among_them(
    open_window: Open, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(others, "MOST", 1)
    path = make_project(tmp_path)
    with Project.open(path) as project:  # farther from 2 than 3 is
        away = project.add_person(project.rows()[1].image_id, Box(200, 30, 90, 180))
        rough = upright(0.7)
        add_run(project, away, project.add_theta1(away, rough, Source("test")), rough)
    window = open_window(path)
    show(window, qtbot, 2)
    words, bar = window.strip.words, window.findChildren(PictureBar)[0]
    assert not words.isVisible()
    toggle = next(
        each
        for each in bar.findChildren(QToolButton)
        if each.defaultAction() is window.actions_by_name["everybody"]
    )
    toggle.click()
    qtbot.waitUntil(lambda: drawn(window) == [(3, SUGGESTED)])
    assert words.isVisible() and words.text() == "bodies of the 1 nearest of 2"
    decide(window, Reject(3))
    qtbot.waitUntil(lambda: drawn(window) == [(away, SUGGESTED)])
    assert not words.isVisible()


def test_a_body_of_another_camera_is_put_where_its_own_camera_sees_it(window: MainWindow) -> None:
    own, camera = Camera(200, 100, 60, 320, 240), Camera(400, 150, 60, 320, 240)
    corners = np.float32([[0, 0, 4], [1, 0.5, 4]])
    other = Other(window.review.rows.row(3), ((3, 1, 1), 0, ()), corners, own, np.zeros(4))
    # twice the focal length, twice as far; 50 px to the left at 8 m are -1 m
    np.testing.assert_allclose(other.seen_by(camera), [[-1, 0, 8], [0, 0.5, 8]], atol=1e-6)
    np.testing.assert_allclose(camera.project(other.seen_by(camera)), own.project(corners))
    assert other.seen_by(own) is corners
