"""Boxes and keypoints moved in the picture."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import CONTROL, SHIFT, Open, drag, journal, press

from app.panels.grips import SMALLEST_BOX, WHOLE, Grip, grip_at, moved
from app.window import MainWindow
from core.evidence import Box, Evidence, Keypoints2D
from core.project import Accept, MoveBox, MoveKeypoint, Project, State

BOX = Box(100, 50, 80, 160)
POINTS = Keypoints2D("coco", np.full((17, 2), 120), [1, 0, *[0.5] * 15])
BOUNDS = QRectF(0, 0, 320, 240)


def at(window: MainWindow, x: float, y: float) -> QPoint:
    port = window.picture.port
    return (QPointF(x, y) * port.scale + port.offset).toPoint()


def begin(window: MainWindow) -> None:
    press(window, Qt.Key.Key_9)  # the whole picture
    press(window, Qt.Key.Key_J)


def point_of(window: MainWindow, index: int) -> tuple[float, float]:
    x, y = window.review.person.evidence.keypoints.points[index].tolist()
    return x, y


def shown_run(window: MainWindow) -> int:
    person = window.review.person
    return person.run.id if person is not None and person.run is not None else 0


def settled(path: Path, qtbot: QtBot, count: int) -> None:
    qtbot.waitUntil(lambda: len(journal(path)) == count)


@pytest.mark.parametrize(
    ("spot", "grip"),
    [
        ((140, 130), WHOLE),
        ((95, 130), Grip(left=True)),
        ((107, 130), Grip(left=True)),
        ((183, 52), Grip(right=True, top=True)),
        ((140, 217), Grip(bottom=True)),
        ((121, 126), Grip(keypoint=0)),
        ((91, 130), None),
        ((140, 230), None),
    ],
)
def test_what_is_near_enough_is_held(spot: tuple[float, float], grip: Grip | None) -> None:
    assert grip_at(Evidence(BOX, POINTS), QPointF(*spot), 8, True) == grip


def test_keypoints_that_are_not_drawn_are_not_held() -> None:
    spot = QPointF(121, 126)
    assert grip_at(Evidence(BOX, POINTS), spot, 8, with_keypoints=False) == WHOLE
    missing = Keypoints2D("coco", POINTS.points, np.zeros(17))
    assert grip_at(Evidence(BOX, missing), spot, 8, True) == WHOLE


def test_a_small_box_keeps_a_middle_to_move_it_by() -> None:
    small = Evidence(Box(10, 10, 8, 8))
    assert grip_at(small, QPointF(14, 14), 8, True) == WHOLE
    assert grip_at(small, QPointF(5, 14), 8, True) == Grip(left=True)


@given(
    st.builds(Grip, st.none(), *[st.booleans()] * 4).filter(lambda grip: grip != Grip()),
    st.floats(-500, 500),
    st.floats(-500, 500),
)
def test_a_moved_box_stays_in_the_picture_and_has_a_size(grip: Grip, dx: float, dy: float) -> None:
    box = moved(Evidence(BOX), grip, QPointF(dx, dy), BOUNDS).box
    assert box.x >= 0 and box.y >= 0
    assert box.x + box.width <= 320 + 1e-9 and box.y + box.height <= 240 + 1e-9
    assert min(box.width, box.height) >= SMALLEST_BOX - 1e-9
    if grip == WHOLE:
        assert (box.width, box.height) == (80, 160)


def test_a_box_that_reaches_beyond_the_picture_is_not_pulled_in() -> None:
    outside = Evidence(Box(-30, 50, 80, 160))
    assert moved(outside, WHOLE, QPointF(5, 0), BOUNDS).box == Box(-25, 50, 80, 160)
    assert moved(outside, Grip(left=True), QPointF(-9, 0), BOUNDS).box.x == -30


def test_a_dragged_keypoint_is_written_refined_by_and_undone(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    begin(window)
    x, y = point_of(window, 9)
    run = window.review.person.run.id
    drag(window.picture, at(window, x, y), at(window, x + 30, y + 10))
    settled(path, qtbot, 1)
    decision = journal(path)[0].decision
    assert isinstance(decision, MoveKeypoint) and decision.index == 9
    assert (decision.x, decision.y) == pytest.approx((x + 30, y + 10), abs=1)
    qtbot.waitUntil(lambda: models.annotated == [1])
    qtbot.waitUntil(lambda: shown_run(window) not in (run, 0))
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: shown_run(window) == run)
    assert point_of(window, 9) == (x, y)
    assert window.picture.hand.adjuster.on


def test_two_keypoints_moved_at_once_are_both_where_they_were_put(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    begin(window)
    spots = {index: point_of(window, index) for index in (5, 9)}
    for x, y in spots.values():  # the second before the first is on disk
        drag(window.picture, at(window, x, y), at(window, x - 20, y))
    settled(path, qtbot, 2)
    with Project.open(path) as project:
        points = project.person(1).evidence.keypoints.points
    for index, (x, y) in spots.items():
        assert points[index] == pytest.approx((x - 20, y), abs=1)


def test_a_box_is_resized_and_moved_and_the_verdict_stays(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=2)
    with Project.open(path) as project:
        project.decide(Accept(1, project.person(1).run.id, 3))
    window = open_window(path)
    window.review.select(1)
    qtbot.waitUntil(lambda: shown_run(window) == 1)
    begin(window)
    drag(window.picture, at(window, 60, 120), at(window, 40, 120))
    settled(path, qtbot, 2)
    decision = journal(path)[-1].decision
    assert isinstance(decision, MoveBox)
    assert decision.box.x == pytest.approx(40, abs=1)
    assert decision.box.x + decision.box.width == pytest.approx(150)
    drag(window.picture, at(window, 70, 40), at(window, 80, 60))
    settled(path, qtbot, 3)
    with Project.open(path) as project:
        person = project.person(1)
    box = person.evidence.box
    assert (box.x, box.y, box.height) == pytest.approx((50, 50, 180), abs=1)
    assert (person.row.state, person.chosen_step) == (State.ACCEPTED, 3)


def test_escape_calls_off_a_drag_and_then_leaves(open_window: Open, tmp_path: Path) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    begin(window)
    QTest.mousePress(window.picture, Qt.MouseButton.LeftButton, pos=at(window, 60, 120))
    QTest.mouseMove(window.picture, at(window, 20, 120))
    window.picture.hand.adjuster.drag(QPointF(at(window, 20, 120)))
    press(window, Qt.Key.Key_Escape)
    assert window.picture._evidence.box == window.review.person.evidence.box
    QTest.mouseRelease(window.picture, Qt.MouseButton.LeftButton, pos=at(window, 20, 120))
    assert window.picture.hand.adjuster.on
    press(window, Qt.Key.Key_Escape)
    assert not window.actions_by_name["adjust"].isChecked()
    offset = QPointF(window.picture.port.offset)
    drag(window.picture, at(window, 60, 120), at(window, 60, 120) + QPoint(15, 5))
    assert window.picture.port.offset - offset == QPointF(15, 5)  # pans again
    assert journal(path) == []


def test_arrows_nudge_what_was_held_last_as_one_decision(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=2)
    window = open_window(path)
    begin(window)
    x, y = point_of(window, 9)
    step = window.review.step
    picture = window.picture
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=at(window, x, y))
    for _ in range(3):
        QTest.keyClick(picture, Qt.Key.Key_Right)
    QTest.keyClick(picture, Qt.Key.Key_Down, SHIFT)
    assert window.review.step == step
    press(window, Qt.Key.Key_N)  # whoever goes on keeps what was nudged
    qtbot.waitUntil(lambda: window.review.current == 2)
    settled(path, qtbot, 1)
    decision = journal(path)[0].decision
    assert isinstance(decision, MoveKeypoint) and decision.person_id == 1
    assert (decision.x, decision.y) == pytest.approx((x + 3, y + 5), abs=1e-4)


def test_the_pointer_tells_what_it_would_hold(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path, persons=1))
    begin(window)
    adjuster, shapes = window.picture.hand.adjuster, Qt.CursorShape
    for spot, shape in (
        ((60, 120), shapes.SizeHorCursor),
        ((60, 30), shapes.SizeFDiagCursor),
        ((150, 30), shapes.SizeBDiagCursor),
        (point_of(window, 9), shapes.PointingHandCursor),
        ((300, 230), shapes.ArrowCursor),
    ):
        adjuster.look(QPointF(at(window, *spot)))
        assert window.picture.cursor().shape() == shape, spot
    press(window, Qt.Key.Key_D)  # to draw a box is something else
    assert not adjuster.on and window.picture.hand.drawing
    press(window, Qt.Key.Key_J)
    assert adjuster.on and not window.picture.hand.drawing


def test_the_menu_of_filters_asks_for_parts(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    bar = window.people.filter
    bar._fill_menu()
    menus = {action.text(): action.menu() for action in bar.menu.actions() if action.menu()}
    own = {action.text(): action for action in menus["Own step of"].actions()}
    own["left arm"].trigger()
    assert bar.line.text() == "part:left-arm"


def test_what_cannot_be_written_goes_back(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    begin(window)
    window._store._project._store._engine.dispose()
    path.unlink()
    drag(window.picture, at(window, 60, 120), at(window, 40, 120))
    assert window.picture._evidence.box.x == pytest.approx(40, abs=1)
    qtbot.waitUntil(lambda: window.trouble.isVisible())
    assert window.picture._evidence.box == window.review.person.evidence.box


def test_a_moved_box_stays_where_it_was_put_until_it_is_read_again(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=1))
    begin(window)
    drag(window.picture, at(window, 60, 120), at(window, 40, 120))
    window.review.person_changed.emit()  # for whatever else is known meanwhile
    assert window.picture._evidence.box.x == pytest.approx(40, abs=1)
    settled(window.review.path, qtbot, 1)
