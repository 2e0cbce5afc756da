"""What one piece of the window does to another."""

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, SUGGESTED, BallModels, make_project
from window_kit import CONTROL, Open, is_shown, journal, press, states

from app.mix import PLAIN, Axis, Mix
from app.poses import Poses
from app.preferences import Preferences
from app.rows import View
from app.window import MainWindow
from core.errors import MissingModel, UnreadableInput
from core.project import Bulk, Person, Pick, Project, Reject, State, Tag
from core.project.bulk import Verb


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.review.mixer.is_posed)


def test_a_body_stays_when_others_are_decided_on(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=4)
    window = open_window(path)
    press(window, Qt.Key.Key_2)
    press(window, Qt.Key.Key_End)
    settle(window, qtbot)
    window.review.selected = [2, 3]
    window.review.decider.decide_on_selected(Verb.REJECT)
    qtbot.waitUntil(lambda: states(path)[1:3] == [State.REJECTED] * 2)
    qtbot.waitUntil(lambda: not window.review.decider._busy)
    assert window.review.current == 1
    assert window.review.poses is not None
    assert window.review.mixer.mix.own == {"left arm": STEPS}
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(path)[0] == State.ACCEPTED)


def test_steps_picked_by_part_are_kept_when_many_are_decided_on(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=4)
    window = open_window(path)
    press(window, Qt.Key.Key_2)
    press(window, Qt.Key.Key_End)
    settle(window, qtbot)
    window.review.selected = [1, 2]
    window.review.decider.reject()
    qtbot.waitUntil(lambda: states(path)[1] == State.REJECTED)
    pick, bulk = (entry.decision for entry in journal(path))
    assert pick == Pick(1, 1, SUGGESTED, {"left arm": STEPS})
    assert bulk == Bulk((Reject(1), Reject(2)))
    qtbot.waitUntil(lambda: window.review.current == 3 and window.review.poses is not None)
    press(window, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: window.review.current == 1 and window.review.poses is not None)
    assert window.review.mixer.mix == Mix(SUGGESTED, {"left arm": STEPS})


def test_what_is_under_way_is_written_down_before_another_project_opens(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path, other = make_project(tmp_path / "one"), make_project(tmp_path / "other")
    window = open_window(path)
    press(window, Qt.Key.Key_2)
    press(window, Qt.Key.Key_End)
    settle(window, qtbot)
    window.inspector.remarks.tags.setText("dark")
    window.review.open(other)
    qtbot.waitUntil(lambda: window.review.path == other and window.review.poses is not None)
    assert {type(entry.decision) for entry in journal(path)} == {Pick, Tag}
    assert not journal(other)


def test_a_refiner_that_cannot_be_compared_with_leaves_the_review_alone(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(_person: Person, _refiner: str, _seed: int) -> Poses:
        raise MissingModel("No weights", "run `diffannot models pull`")

    monkeypatch.setattr(models, "refine", refuse)
    window = open_window(make_project(tmp_path))
    window.comparison.choose("bridge")
    window.comparison.above()
    qtbot.waitUntil(window.trouble.isVisible)
    assert window.review.trouble == ""


def test_a_wrong_body_is_forgotten_once_a_right_one_is_chosen(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real = models.pose

    def pose(person: Person, axis: Axis = PLAIN) -> Poses:
        if models.preferences.body:
            raise UnreadableInput("There is no file wrong.pkl")
        return real(person, axis)

    monkeypatch.setattr(models, "pose", pose)
    window = open_window(make_project(tmp_path))
    window.review.use(Preferences(body="wrong.pkl"))
    qtbot.waitUntil(lambda: "wrong.pkl" in window.review.trouble)
    window.review.use(Preferences())
    qtbot.waitUntil(lambda: window.review.poses is not None)
    assert window.review.trouble == ""
    qtbot.waitUntil(lambda: "picture_0" in window.windowTitle())


def test_what_was_left_out_of_an_import_is_told_in_the_project_that_it_made(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path / "one"))
    folder = tmp_path / "new"
    folder.mkdir()
    Image.new("RGB", (64, 48)).save(folder / "a.png")
    (folder / "torn.png").write_bytes(b"nothing")
    window.arrivals._bring([folder], None)
    qtbot.waitUntil(lambda: window.review.path == tmp_path / "new.diffannot")
    qtbot.waitUntil(lambda: window.review.photograph is not None)
    assert window.trouble.isVisible()


def test_bodies_of_one_refiner_are_never_shown_under_the_name_of_another(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    window.comparison.choose("fit")
    window.comparison.above()
    qtbot.waitUntil(lambda: window.comparison.other is not None)
    window.comparison.choose("bridge")
    assert window.comparison.other is None
    qtbot.waitUntil(lambda: window.comparison.other is not None)


def test_undo_with_a_filter_on_shows_whom_it_was_on(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path, persons=4)
    window = open_window(path)
    window.review.arrange(View(filter="is:undecided"))
    qtbot.waitUntil(lambda: window.review.rows.view.filter != "")
    for person in (1, 2):
        qtbot.waitUntil(lambda: is_shown(window.review))
        press(window, Qt.Key.Key_3)
        press(window, Qt.Key.Key_Home)
        settle(window, qtbot)
        press(window, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda who=person: window.review.current == who + 1)
    for person in (2, 1):
        press(window, Qt.Key.Key_Z, CONTROL)
        qtbot.waitUntil(lambda who=person: window.review.current == who)
        qtbot.waitUntil(lambda: window.review.poses is not None)
    assert states(path) == [State.UNDECIDED] * 4


def test_a_redo_does_not_throw_away_steps_picked_by_part_since(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        project.decide(Reject(2))
        project.undo()
    window = open_window(path)
    press(window, Qt.Key.Key_3)
    press(window, Qt.Key.Key_End)
    settle(window, qtbot)
    press(window, Qt.Key.Key_Y, CONTROL)
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Nothing to redo")
    assert journal(path)[-1].decision == Pick(1, 1, SUGGESTED, {"right arm": STEPS})
