from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import CONTROL, Open, drag, journal, press, states

from app.review import Stage
from core.project import Accept, Flag, Project, State


def test_a_missing_picture_is_told_where_it_should_be_and_nobody_is_accepted_unseen(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    (tmp_path / "picture_0.png").unlink()
    window = open_window(path, ready=False)
    qtbot.waitUntil(lambda: "picture_0.png" in window.picture._trouble)
    qtbot.waitUntil(lambda: window.review.poses is not None)
    press(window, Qt.Key.Key_Return)
    window.review.decider.accept_suggested()
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert states(path) == [State.REJECTED, State.UNDECIDED, State.UNDECIDED]
    qtbot.waitUntil(lambda: window.review.photograph is not None)
    assert window.picture._trouble == ""


def test_a_decision_of_another_program_shows_when_the_person_is_shown(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    with Project.open(path) as other:
        other.decide(Accept(1, other.person(1).run.id, 3))
    press(window, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: "accepted" in window.people.model.index(0).data())
    qtbot.waitUntil(lambda: window.review.step == 3)


def test_a_person_left_while_being_annotated_is_annotated_on_the_way_back(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    models.pause.clear()
    window = open_window(make_project(tmp_path, persons=3, runs=False), ready=False)
    qtbot.waitUntil(lambda: window.busy.isVisible())
    press(window, Qt.Key.Key_N)
    models.pause.set()
    qtbot.waitUntil(lambda: 2 in models.annotated)
    assert 1 not in models.annotated
    press(window, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: 1 in models.annotated)


def test_who_was_decided_is_not_annotated_again(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    path = make_project(tmp_path, persons=2, runs=False)
    with Project.open(path) as project:
        project.decide(Flag(2))
    window = open_window(path)
    qtbot.waitUntil(lambda: 1 in models.annotated)
    qtbot.waitUntil(lambda: not window.review.background.is_annotating(1))
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.stage is Stage.FINISHED)
    window.review.select(1)
    qtbot.waitUntil(lambda: window.review.poses is not None)
    assert models.annotated.count(1) == 1


def test_who_was_decided_last_is_shown_again_when_chosen(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path, persons=1))
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.stage is Stage.FINISHED)
    window.review.select(1)
    qtbot.waitUntil(lambda: window.review.poses is not None)
    # while all were decided the history was there alone
    qtbot.waitUntil(lambda: window.panes.inspector.widget.x() > 0)
    window.panes.history.widget.raise_()
    qtbot.waitUntil(lambda: window.panes.inspector.widget.x() < 0)
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.stage is Stage.FINISHED)
    window.review.select(1)
    qtbot.waitUntil(lambda: window.panes.inspector.widget.isVisible())
    qtbot.wait(50)
    assert window.panes.inspector.widget.x() < 0 < window.panes.history.widget.x()


def test_messages_and_key_hints_are_not_drawn_over_each_other(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    assert window.statusBar().currentMessage()
    assert not window._keys.isVisible()


def test_the_smallest_picture_can_be_reviewed(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    Image.new("RGB", (1, 1)).save(tmp_path / "picture_0.png")
    window = open_window(path)
    window.picture.grab()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_9, Qt.Key.Key_0, Qt.Key.Key_D):
        press(window, key)
    drag(window.picture, QPoint(10, 10), QPoint(200, 200))
    press(window, Qt.Key.Key_Escape)
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(path) == [State.ACCEPTED])
    assert len(journal(path)) == 1


def test_a_body_is_not_moved_while_it_is_posed_anew(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=1)
    window = open_window(path)
    drag(window.picture, QPoint(200, 150), QPoint(240, 130), CONTROL)
    drag(window.picture, QPoint(200, 150), QPoint(240, 130), CONTROL)
    qtbot.waitUntil(lambda: window.review.person.source.frontend == "hand")
    assert len(journal(path)) == 1
