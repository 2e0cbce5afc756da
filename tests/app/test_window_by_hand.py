from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot
from tiny_projects import SUGGESTED, BallModels, make_project, upright
from window_kit import CONTROL, SHIFT, Open, drag, journal, press, roll_wheel, states

from app.panels.picture import PictureView
from app.placing import Correction
from app.review import Stage
from app.window import MainWindow
from core.project import Place, Project, State

PELVIS = np.array([0.1, -0.2, 4.0])


def at(picture: PictureView, x: float, y: float) -> QPoint:
    """Where a pixel of the photograph is in the panel."""
    return (QPointF(x, y) * picture.port.scale + picture.port.offset).toPoint()


def last_place(path: Path) -> Place:
    decision = journal(path)[-1].decision
    assert isinstance(decision, Place)
    return decision


def source(window: MainWindow) -> str:
    person = window.review.person
    return person.source.frontend if person is not None else ""


def draw(window: MainWindow, start: tuple[float, float], end: tuple[float, float]) -> None:
    press(window, Qt.Key.Key_9)  # the whole picture
    press(window, Qt.Key.Key_D)
    drag(window.picture, at(window.picture, *start), at(window.picture, *end))


def test_a_drawn_box_adds_a_person_who_is_shown_and_annotated(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    draw(window, (200, 180), (100, 60))
    qtbot.waitUntil(lambda: window.review.current == 4)
    qtbot.waitUntil(lambda: window.review.poses is not None and len(window.review.poses) > 1)
    assert models.annotated == [4]
    with Project.open(path) as project:
        person = project.person(4)
    assert (person.row.image, person.row.number) == ("picture_0.png", 2)
    box = person.evidence.box
    drawn = (box.x, box.y, box.width, box.height)
    assert drawn == pytest.approx((100, 60, 100, 120), abs=1)
    assert [row.id for row in window.review.rows.all] == [1, 4, 2, 3]
    assert not window.picture.hand.drawing
    assert not window.actions_by_name["draw"].isChecked()


def test_a_drawn_box_ends_at_the_edge_of_the_picture(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    draw(window, (250, 200), (400, 300))
    qtbot.waitUntil(lambda: len(states(path)) == 4)
    with Project.open(path) as project:
        box = project.person(4).evidence.box
    assert box.x + box.width == pytest.approx(320)
    assert box.y + box.height == pytest.approx(240)


def test_escape_leaves_drawing_and_a_mere_click_draws_nothing(
    open_window: Open, tmp_path: Path
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    draw(window, (100, 100), (103, 103))
    assert window.picture.hand.drawing
    press(window, Qt.Key.Key_Escape)
    assert not window.picture.hand.drawing
    assert not window.actions_by_name["draw"].isChecked()
    offset = QPointF(window.picture.port.offset)
    drag(window.picture, QPoint(100, 100), QPoint(140, 120))
    assert window.picture.port.offset - offset == QPointF(40, 20)  # pans again
    assert len(states(path)) == 3


def test_a_picture_without_persons_is_listed_and_a_box_can_be_drawn_in_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    Image.new("RGB", (300, 200), (9, 99, 9)).save(tmp_path / "meadow.png")
    with Project.open(path) as project:
        image = project.add_image(tmp_path / "meadow.png")
    window = open_window(path)
    model = window.people.model
    assert model.index(3).data() == "meadow, nobody yet, draw a box"
    window.review.select(-image)
    qtbot.waitUntil(lambda: window.windowTitle().startswith("meadow – "))
    assert "drag a box" in window.body.hint
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_R)  # nobody is shown
    assert journal(path) == []
    draw(window, (50, 20), (120, 180))
    qtbot.waitUntil(lambda: window.review.current == 4 and window.review.poses is not None)
    assert model.index(3).data().startswith("meadow · 1, to do")
    assert model.rowCount() == 4


def test_a_project_of_pictures_alone_lists_them(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "bare.diffannot"
    Image.new("RGB", (300, 200)).save(tmp_path / "meadow.png")
    with Project.create(path) as project:
        project.add_image(tmp_path / "meadow.png")
    window = open_window(path, ready=False)
    assert window.review.stage is Stage.EMPTY
    assert window.people.isVisible()
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.review.photograph is not None)
    draw(window, (50, 20), (120, 180))
    qtbot.waitUntil(lambda: states(path) == [State.UNDECIDED])


def test_dragging_with_control_places_the_body_where_it_was_dropped(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    before = window.review.poses.steps[SUGGESTED].transl
    drag(window.picture, QPoint(200, 150), QPoint(240, 130), CONTROL)
    qtbot.waitUntil(lambda: bool(journal(path)))
    placed = last_place(path).parameters
    pixels = np.array([40, -20]) / window.picture.port.scale
    expected = pixels * before[2] / placed.camera.focal
    np.testing.assert_allclose((placed.transl - before)[:2], expected, rtol=1e-4)
    assert placed.transl[2] == before[2]


def test_dragging_with_control_and_shift_turns_the_body_and_undo_turns_it_back(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    before = window.review.poses.steps[SUGGESTED]
    drag(window.picture, QPoint(200, 150), QPoint(300, 150), CONTROL | SHIFT)
    qtbot.waitUntil(lambda: bool(journal(path)))
    placed = last_place(path).parameters
    # 0.8 rad about the vertical, which leaves the pelvis where it is
    turn = rotation(placed.global_orient) @ rotation(before.global_orient).T
    np.testing.assert_allclose(turn, rotation(np.array([0, -0.8, 0])), atol=1e-6)
    np.testing.assert_allclose(placed.transl, before.transl, atol=1e-6)
    qtbot.waitUntil(lambda: source(window) == "hand")
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: source(window) == "test")
    back = window.review.person.theta1.global_orient
    np.testing.assert_array_equal(back, np.float32([np.pi, 0, 0]))


def test_the_wheel_with_control_brings_the_body_nearer_as_one_decision(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    roll_wheel(window.picture, QPointF(100, 100), 2, CONTROL)
    roll_wheel(window.picture, QPointF(100, 100), 1, CONTROL)
    qtbot.waitUntil(lambda: bool(journal(path)))
    assert last_place(path).parameters.transl[2] == pytest.approx(4 / 1.03**3)
    assert len(journal(path)) == 1


def test_the_body_is_seen_turned_before_it_is_let_go(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=1))
    window.picture.hand.correction = Correction(yaw=0.5)
    window.picture.hand.turned.emit()
    overlay = window.picture._overlay
    qtbot.waitUntil(lambda: overlay._whole is not None and overlay._whole[0].view is not None)


def test_a_refused_placement_puts_the_body_back(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    qtbot.waitUntil(lambda: window.picture._overlay._whole is not None)
    there = window.picture._overlay._whole[2]
    window._store._project._store._engine.dispose()
    path.unlink()
    drag(window.picture, QPoint(200, 150), QPoint(240, 130), CONTROL)
    qtbot.waitUntil(lambda: window.trouble.isVisible())
    qtbot.waitUntil(lambda: window.picture._overlay._whole[2] == there)


angles = st.floats(-3, 3)


@given(angles, angles, angles)
def test_what_is_seen_of_a_turn_is_what_is_kept(yaw: float, pitch: float, roll: float) -> None:
    theta = replace(upright(), global_orient=np.float32([1.0, 0.4, -2.0]))
    correction = Correction(yaw=yaw, pitch=pitch, roll=roll)
    kept = correction.of(theta, PELVIS)
    seen = correction.view(PELVIS)[:3, :3] @ rotation(theta.global_orient)
    np.testing.assert_allclose(rotation(kept.global_orient), seen, atol=1e-5)
    np.testing.assert_array_equal(kept.transl, theta.transl)


def test_turns_go_the_way_of_the_mouse() -> None:
    to_camera = PELVIS - [0, 0, 1]  # a point of the body that faces the camera
    for correction, axis, sign in (
        (Correction().turned(-0.3, 0.0), 0, 1),  # dragged to the right
        (Correction().turned(0.0, 0.3), 1, 1),  # dragged down
    ):
        view = correction.view(PELVIS)
        moved = view[:3, :3] @ to_camera + view[:3, 3] - to_camera
        assert np.sign(moved[axis]) == sign
        assert abs(moved[axis]) > 0.2


def test_bringing_the_body_nearer_keeps_the_pelvis_on_its_ray() -> None:
    theta = upright()
    kept = Correction(nearer=0.5).of(theta, PELVIS)
    pelvis = PELVIS + kept.transl - theta.transl
    np.testing.assert_allclose(pelvis, PELVIS / 2, atol=1e-6)


def rotation(axis_angle: np.ndarray) -> np.ndarray:
    """Rodrigues' formula."""
    angle = np.linalg.norm(axis_angle)
    x, y, z = np.asarray(axis_angle, dtype=float) / angle
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k
