from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, SUGGESTED, BallModels, make_project
from window_kit import Open, press, roll_wheel, states

from app import theme
from app.exports import Wish
from app.panels.message import MessagePanel
from app.review import Stage
from app.settings import Settings
from core.project import Accept, Project, State


def test_the_first_undecided_person_opens_at_the_suggested_step(
    open_window: Open, tmp_path: Path
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        first = project.rows()[0].id
        project.decide(Accept(first, project.person(first).run.id, 3))
    window = open_window(path)
    assert window.review.current == 2
    assert window.review.step == SUGGESTED
    assert window.steps.headline.text() == f"Step {SUGGESTED} of {STEPS}"
    assert "2.4 % → 2.0 % of the box" in window.steps.words.text()
    assert window.inspector.headline.text() == "Step 7"
    assert window.inspector.reason.text().startswith("2D error falls from 2.4 % to 2.0 %")


def test_keys_scrub_the_steps(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_Right)
    assert window.review.step == SUGGESTED + 1
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert window.review.step == SUGGESTED - 4
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_Right)
    assert window.review.step == STEPS
    press(window, Qt.Key.Key_Home)
    assert window.review.step == 0
    assert "rough annotation" in window.steps.words.text()
    press(window, Qt.Key.Key_G)
    assert window.review.step == SUGGESTED


def test_return_accepts_the_shown_step_and_goes_to_the_next(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_End)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert states(path) == [State.ACCEPTED, State.UNDECIDED, State.UNDECIDED]
    with Project.open(path) as project:
        assert project.person(1).chosen_step == STEPS
    assert window.people.count.text() == "1 of 3 decided"
    assert "Accepted step 20 of picture_0 · 1" in window.statusBar().currentMessage()


def test_the_window_goes_on_only_when_the_decision_is_on_disk(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    on_disk_when_moved: list[State] = []

    def moved() -> None:
        if window.review.current == 2 and not on_disk_when_moved:
            on_disk_when_moved.extend(states(path))

    window.review.person_changed.connect(moved)
    press(window, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: bool(on_disk_when_moved))
    assert on_disk_when_moved[0] == State.ACCEPTED


def test_a_decision_on_a_body_that_is_not_shown_yet_is_refused(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    window.review.select(2)
    press(window, Qt.Key.Key_Return)
    window.review.decider.accept_shown()  # the body of person 2 is still being posed
    assert window.review.poses is None
    qtbot.waitUntil(lambda: window.review.poses is not None)
    assert states(path) == [State.UNDECIDED] * 3


def test_reject_flag_undo_and_redo(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.person is not None)
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: window.review.current == 3)
    assert states(path) == [State.REJECTED, State.FLAGGED, State.UNDECIDED]
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert states(path) == [State.REJECTED, State.UNDECIDED, State.UNDECIDED]
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.review.current == 1)
    press(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: states(path)[0] == State.REJECTED)
    assert states(path) == [State.REJECTED, State.UNDECIDED, State.UNDECIDED]


def test_return_presses_the_button_that_tab_has_reached(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    window.activateWindow()
    buttons = [b for b in window.findChildren(QPushButton) if b.isVisible()]
    reject = next(b for b in buttons if b.text().startswith("Reject"))
    reject.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is reject)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(path)[0] == State.REJECTED)


def test_undo_with_nothing_to_undo_says_so(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Nothing to undo")


def test_when_all_are_decided_the_window_offers_the_export(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=2))
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.stage is Stage.FINISHED)
    assert window.message.isVisible()
    assert window.message.headline.text() == "All 2 decided"
    assert "1 accepted, 1 rejected" in window.message.text.text()
    qtbot.waitUntil(lambda: "Export…" in button_texts(window.message))
    press(window, Qt.Key.Key_R)  # nobody is shown, so nobody is rejected
    press(window, Qt.Key.Key_P)
    assert window.review.stage is Stage.REVIEW
    assert window.people.model.rows[1].state == State.REJECTED
    assert window.people.model.rows[0].state == State.ACCEPTED


def button_texts(panel: MessagePanel) -> list[str]:
    return [button.text() for button in panel.findChildren(QPushButton) if button.isVisible()]


def test_without_a_project_the_window_says_what_to_do(open_window: Open, qtbot: QtBot) -> None:
    window = open_window(None)
    assert window.message.isVisible()
    assert window.message.headline.text() == "No project is open"
    qtbot.waitUntil(lambda: "Open project…" in button_texts(window.message))
    press(window, Qt.Key.Key_Return)  # nothing to decide, nothing happens
    assert window.review.stage is Stage.NONE


def test_a_file_that_is_no_project_says_why(open_window: Open, tmp_path: Path) -> None:
    torn = tmp_path / "torn.diffannot"
    torn.write_bytes(b"no database at all" * 100)
    window = open_window(torn, ready=False)
    assert window.review.stage is Stage.FAILED
    assert "torn.diffannot" in window.message.text.text()


def test_a_failed_opening_keeps_the_project_that_is_open(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    assert window.panes.history.there
    window.review.open(tmp_path / "missing.diffannot")
    qtbot.waitUntil(lambda: window.review.stage is Stage.FAILED)
    assert not window.panes.history.there
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    assert window.panes.history.there
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: states(path)[1] == State.REJECTED)


def test_an_empty_project_offers_to_look_for_people(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "empty.diffannot"
    Project.create(path).close()
    window = open_window(path, ready=False)
    assert window.review.stage is Stage.EMPTY
    qtbot.waitUntil(lambda: "Annotate everyone" in button_texts(window.message))


def test_a_person_without_a_body_is_annotated_when_shown_and_the_next_ahead(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    window = open_window(make_project(tmp_path, theta1=False), ready=False)
    qtbot.waitUntil(lambda: window.review.poses is not None and len(window.review.poses) > 1)
    assert models.annotated[0] == 1
    qtbot.waitUntil(lambda: models.annotated == [1, 2])
    assert window.review.step == SUGGESTED


def test_missing_weights_are_told_and_a_body_can_be_placed_by_hand(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    models.missing = True
    path = make_project(tmp_path, persons=1, theta1=False)
    window = open_window(path, ready=False)
    qtbot.waitUntil(lambda: "diffannot models pull" in window.body.hint)
    models.missing = False
    press(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.review.poses is not None and len(window.review.poses) > 1)
    with Project.open(path) as project:
        assert project.person(1).source.frontend == "hand"
        assert project.person(1).row.state == State.UNDECIDED


def test_annotate_everyone_shows_progress_and_reaches_everyone(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    window = open_window(make_project(tmp_path, persons=4, runs=False))
    window.actions_by_name["annotate_all"].trigger()
    qtbot.waitUntil(lambda: sorted(models.annotated) == [1, 2, 3, 4])
    qtbot.waitUntil(lambda: all(row.suggested_step is not None for row in window.review.rows.all))
    qtbot.waitUntil(lambda: not window.busy.isVisible())


def test_the_wheel_zooms_at_the_pointer(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    picture, at = window.picture, QPointF(120, 90)
    under = (at - picture.port.offset) / picture.port.scale
    scale = picture.port.scale
    roll_wheel(picture, at)
    assert picture.port.scale == pytest.approx(1.2 * scale)
    still = (at - picture.port.offset) / picture.port.scale
    assert (still.x(), still.y()) == pytest.approx((under.x(), under.y()))


def test_zoom_and_view_stay_from_person_to_person(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_Plus)
    press(window, Qt.Key.Key_S)
    scale, view = window.picture.port.scale, window.body.eye.yaw
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    assert window.picture.port.scale == scale
    assert window.body.eye.yaw == view == pytest.approx(np.pi / 2)


def test_v_hides_the_body_while_held(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    QTest.keyPress(window, Qt.Key.Key_V)
    assert window.picture.peeking
    QTest.keyRelease(window, Qt.Key.Key_V)
    assert not window.picture.peeking


def test_b_shows_the_rough_annotation_while_held_and_accepts_what_was_shown(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    QTest.keyPress(window, Qt.Key.Key_B)
    assert "rough annotation" in window.steps.words.text()
    assert window.picture._step == window.body._step == 0
    QTest.keyRelease(window, Qt.Key.Key_B)
    assert window.picture._step == window.body._step == SUGGESTED
    QTest.keyPress(window, Qt.Key.Key_B)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.current == 2)
    with Project.open(path) as project:
        assert project.person(1).chosen_step == SUGGESTED


def test_the_body_is_drawn_over_the_picture(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    window.picture.show_keypoints(False)
    qtbot.waitUntil(window.is_settled)
    x, y = window.review.poses.points[SUGGESTED, 0]
    spot = (
        QPointF(float(x), float(y)) * window.picture.port.scale + window.picture.port.offset
    ).toPoint()
    shown = window.picture.grab().toImage().pixelColor(spot)
    window.picture.peek(True)
    hidden = window.picture.grab().toImage().pixelColor(spot)
    assert abs(shown.red() - hidden.red()) + abs(shown.blue() - hidden.blue()) > 30


def test_clicking_the_box_of_another_person_goes_there(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    window.review.select(2)
    qtbot.waitUntil(lambda: bool(window.picture._others))
    (other,) = window.picture._others
    window.picture.box_clicked.emit(other)
    assert window.review.current == other == 3


def test_the_list_shows_state_in_words_not_by_colour_alone(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2)
    model = window.people.model
    assert "rejected" in model.index(0).data()
    assert "to do" in model.index(1).data()


def test_light_and_dark_follow_the_choice(open_window: Open, tmp_path: Path) -> None:
    window = open_window(make_project(tmp_path))
    app = QApplication.instance()
    try:
        theme.choose(app, Qt.ColorScheme.Dark)
        assert window.palette().window().color() == theme.DARK["window"]
        theme.choose(app, Qt.ColorScheme.Light)
        assert window.palette().window().color() == theme.LIGHT["window"]
    finally:
        theme.choose(app, Qt.ColorScheme.Unknown)


def test_the_export_says_how_many_and_what_was_left_out(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    out = tmp_path / "people.npz"
    window.exports.write(Wish(str(out)))
    qtbot.waitUntil(lambda: window.trouble.isVisible())
    assert out.exists()
    assert window.trouble.text == "Left out: picture_1 · 2: no camera"
    said = f"1 written to {out} as humandata; 1 left out"
    assert window.statusBar().currentMessage() == said
    assert not window.busy.isVisible()


def test_escape_calls_background_work_off(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    path = make_project(tmp_path, persons=4, runs=False)
    window = open_window(path)
    qtbot.waitUntil(lambda: models.annotated[:2] == [1, 2])
    models.pause.clear()  # the next job waits in its middle
    window.actions_by_name["annotate_all"].trigger()
    qtbot.waitUntil(lambda: window.busy.isVisible())
    press(window, Qt.Key.Key_Escape)
    models.pause.set()
    assert not window.busy.isVisible()
    window.close()  # joins the threads
    assert models.annotated == [1, 2]


def test_the_last_project_is_remembered(open_window: Open, tmp_path: Path) -> None:
    path = make_project(tmp_path)
    open_window(path)
    assert Settings().last_project == path
