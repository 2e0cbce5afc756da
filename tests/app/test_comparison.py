from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, SUGGESTED, add_run, make_project
from window_kit import Open, drag, is_shown, press

from app import heat as heat_module
from app import theme
from app.comparison import PINNED, REVIEWER, SEED, Mode, Shown
from app.heat import heat, scale_for
from app.panels.facts import distances, most_turned
from app.panels.marks import CHIP
from app.poses import poses_of
from app.window import MainWindow
from core.pose import JOINTS, Parameters
from core.project import Accept, Decision, Project, Reject


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.is_settled)


def test_the_scale_goes_from_dark_to_pale_in_equal_steps() -> None:
    colours = heat(np.linspace(0, 1, 11)).astype(float)
    brightness = colours @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) > 5).all()
    lab = np.array([oklab(colour) for colour in colours])
    apart = np.linalg.norm(np.diff(lab, axis=0), axis=1)
    np.testing.assert_allclose(apart, apart.mean(), rtol=0.04)


def test_the_scale_is_told_apart_without_red_or_green_sight() -> None:
    # Viénot, Brettel, Mollon 1999, on linear values: both kinds see red and green as one
    ends = (heat(np.array([0.0, 0.5, 1.0])) / 255.0) ** 2.2
    for weights in ((0.11238, 0.88762), (0.29275, 0.70725)):
        green = ends[:, :2] @ np.array(weights)
        seen = np.stack([green, ends[:, 2]], axis=1)
        assert np.linalg.norm(np.diff(seen, axis=0), axis=1).min() > 0.1


def oklab(colour: np.ndarray) -> np.ndarray:
    linear = ((colour / 255 + 0.055) / 1.055) ** 2.4
    lms = np.cbrt(np.linalg.solve(heat_module._RGB, linear))
    return np.linalg.solve(heat_module._LMS, lms)


@pytest.mark.parametrize(("metres", "end"), [(0.004, 1), (0.02, 2), (0.021, 3), (3.0, 100)])
def test_the_scale_ends_on_a_round_number_of_centimetres(metres: float, end: int) -> None:
    assert scale_for(metres) == end


def body(pose: np.ndarray, shift: float) -> Shown:
    from tiny_projects import upright

    one = upright(shift)
    steps = Parameters.stack(
        [Parameters(one.global_orient, pose, one.betas, one.transl, one.camera)]
    )
    corners = np.float32([[0, 0, 0], [0.1, 0, 0], [0, 0.2, 0]])
    vertices = corners[None] + steps.transl[:, None]
    points = np.repeat(steps.transl[:, None], 45, axis=1)
    faces = np.int32([[0, 1, 2]])
    return Shown(poses_of((1, 1, 1), steps, vertices, points, faces, np.zeros(3, np.int8)), 0, "")


def test_joints_that_turned_are_listed_most_first_and_standing_elsewhere_is_no_distance() -> None:
    straight, bent = np.zeros((23, 3), np.float32), np.zeros((23, 3), np.float32)
    bent[JOINTS.index("left_elbow") - 1, 0] = np.radians(30)
    bent[JOINTS.index("neck") - 1, 1] = np.radians(12)
    one, other = body(straight, 0.0), body(bent, 0.5)
    names, degrees = zip(*most_turned(one.poses.steps[0], other.poses.steps[0]), strict=True)
    assert names == ("left elbow", "neck")
    assert degrees == pytest.approx((30, 12), abs=1e-3)
    np.testing.assert_allclose(distances(one, other), 0, atol=1e-6)


def test_keys_choose_how_to_compare_and_leave(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    assert not window.compare.isVisible()
    keys = {Qt.Key.Key_X: Mode.ABOVE, Qt.Key.Key_W: Mode.WIPE, Qt.Key.Key_I: Mode.ONION}
    for key, mode in keys.items():
        press(window, key)
        assert window.comparison.mode is mode
        assert window.compare.isVisible()
        assert not window.picture.isVisible()
        assert window.actions_by_name[mode].isChecked()
    press(window, Qt.Key.Key_I)
    assert window.comparison.mode is None
    assert window.picture.isVisible()
    press(window, Qt.Key.Key_H)
    press(window, Qt.Key.Key_Escape)
    assert window.comparison.mode is None


def test_the_heat_map_colours_the_shown_body_by_its_distance(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_H)
    settle(window, qtbot)
    (key,) = {key for key in window.compare.stage._keys.values() if key.view is not None}
    assert key.against == (window.review.mixer.base.which, 0)
    assert window.compare.facts.end == 1  # the balls differ by where they stand alone
    _, image = window.compare.stage._drawn[1, False]
    middle = image.pixelColor(image.rect().center())
    assert middle.blue() > middle.red() + 20


def test_captions_of_both_are_below_one_another_where_the_line_is_too_short(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(make_project(tmp_path))
    tops: list[int] = []
    monkeypatch.setattr(
        "app.panels.compare.paint_chip", lambda _, at, *words, **how: tops.append(at.y())
    )
    ground = QImage(800, 600, QImage.Format.Format_RGB32)
    painter = QPainter(ground)
    for key in (Qt.Key.Key_W, Qt.Key.Key_I):
        press(window, key)
        for words in ("a", "a name " * 20):
            window.compare.stage._paint_words(painter, words, words)
    painter.end()
    assert [after - before for before, after in zip(tops[::2], tops[1::2], strict=True)] == [
        0, CHIP + theme.SPACE // 2, 0, CHIP + theme.SPACE // 2,
    ]  # fmt: skip


def test_onion_skin_tells_the_two_apart_by_colour(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_W)
    settle(window, qtbot)
    press(window, Qt.Key.Key_I)
    settle(window, qtbot)
    other, shown = (window.compare.stage._drawn[which, False][1] for which in (0, 1))
    spots = (image.pixelColor(image.rect().center()) for image in (other, shown))
    assert [spot.red() > spot.blue() for spot in spots] == [True, False]


def test_a_pinned_step_is_compared_with_the_steps_that_follow(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert (window.comparison.mode, window.comparison.source) == (Mode.ABOVE, PINNED)
    press(window, Qt.Key.Key_End)
    other, shown = window.comparison.other, window.comparison.shown
    assert (other.frame, shown.frame) == (SUGGESTED, STEPS)
    assert other.words == f"Step {SUGGESTED}  ·  test"
    settle(window, qtbot)
    press(window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    assert window.comparison.other is None  # it was of somebody else
    assert window.comparison.trouble == "No step of this person is pinned"


@pytest.mark.parametrize("source", ["fit", SEED])
def test_another_refiner_or_seed_is_asked_for_and_nothing_is_stored(
    open_window: Open, tmp_path: Path, qtbot: QtBot, source: str
) -> None:
    window = open_window(make_project(tmp_path))
    object.__setattr__(window.review.person.run.trajectory, "refiner", "paper")
    press(window, Qt.Key.Key_X)
    window.comparison.choose(source)
    qtbot.waitUntil(lambda: window.comparison.other is not None)
    other = window.comparison.other
    assert other.poses.key[2] < 0
    assert other.frame == SUGGESTED
    assert window.review.poses.key[2] == 1
    settle(window, qtbot)


MIXED = Accept(1, 1, 3, {"torso and head": 9})
"""The torso brings where the body stands: 9 steps of 2 cm to the right."""


@pytest.fixture
def decided(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., MainWindow]:
    """Let reviewers decide on the first person, and show it."""

    def decide(**decisions: Decision) -> MainWindow:
        path = make_project(tmp_path)
        with Project.open(path) as project:
            for who, decision in decisions.items():
                monkeypatch.setenv("LOGNAME", who)
                project.decide(decision)
        window = open_window(path)
        window.review.select(1)
        review = window.review
        qtbot.waitUntil(lambda: review.mixer.is_posed and review.photograph is not None)
        return window

    return decide


def offered(window: MainWindow) -> list[str]:
    (sources,) = (
        each
        for each in window.findChildren(QComboBox)
        if each.accessibleName() == "Body to compare with"
    )
    words = [sources.itemText(place) for place in range(sources.count())]
    return [each for each in words if each.startswith("accepted by ")]


def test_what_one_reviewer_accepted_is_compared_with_another_s_by_name(
    decided: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = decided(ann=MIXED, bob=Accept(1, 1, 5))
    assert offered(window) == ["accepted by ann", "accepted by bob"]
    press(window, Qt.Key.Key_W)
    window.comparison.choose(f"{REVIEWER}ann")
    qtbot.waitUntil(lambda: window.comparison.other is not None)
    other, shown = window.comparison.other, window.comparison.shown
    assert other.words == "Step 3 (mixed)  ·  test  ·  ann"
    assert shown.words == "Step 5  ·  test  ·  bob"
    places = [body.poses.steps.transl[body.frame, 0] for body in (other, shown)]
    assert places == pytest.approx([9 * 0.02, 5 * 0.02])
    settle(window, qtbot)
    press(window, Qt.Key.Key_End)  # what is shown moves, what was accepted stays
    assert window.comparison.other.words == other.words
    assert window.comparison.shown.words == f"Step {STEPS}  ·  test"
    settle(window, qtbot)


def test_a_reviewer_stays_chosen_for_persons_on_whom_they_have_not_decided(
    decided: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = decided(ann=Accept(1, 1, 5), bob=Reject(1))
    assert offered(window) == ["accepted by ann"]
    press(window, Qt.Key.Key_X)
    window.comparison.choose(f"{REVIEWER}ann")
    assert window.comparison.other.frame == 5
    window.review.select(2)
    qtbot.waitUntil(lambda: window.review.person is not None and window.review.poses is not None)
    assert window.comparison.other is None
    assert window.comparison.trouble == "ann has not accepted this person"
    assert offered(window) == ["accepted by ann"]
    window.comparison.choose(PINNED)
    assert offered(window) == []


def test_what_was_accepted_of_an_earlier_run_is_compared_with(
    decided: Callable[..., MainWindow], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = decided(ann=Accept(1, 1, 5))
    path = window.review.path
    with Project.open(path) as project:
        person = project.person(1)
        newer = add_run(project, 1, person.theta1_id, person.theta1)
        monkeypatch.setenv("LOGNAME", "bob")
        project.decide(Accept(1, newer, 9))
    window.review.select(2)
    window.review.select(1)
    review = window.review
    qtbot.waitUntil(lambda: is_shown(review) and review.poses.key[2] == newer)
    press(window, Qt.Key.Key_X)
    window.comparison.choose(f"{REVIEWER}ann")
    qtbot.waitUntil(lambda: window.comparison.other is not None)
    other, shown = window.comparison.other, window.comparison.shown
    assert other.words == "Step 5  ·  an earlier run  ·  ann"
    assert (other.poses.key[2], other.frame) == (1, 5)
    assert shown.words == "Step 9  ·  test  ·  bob"
    settle(window, qtbot)


def test_what_is_shown_and_what_was_accepted_may_be_the_same_mixed_body(
    decided: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = decided(ann=MIXED)
    press(window, Qt.Key.Key_H)
    window.comparison.choose(f"{REVIEWER}ann")
    qtbot.waitUntil(lambda: window.comparison.other is not None)
    other, shown = window.comparison.other, window.comparison.shown
    assert other.words == shown.words == "Step 3 (mixed)  ·  test  ·  ann"
    np.testing.assert_allclose(distances(shown, other), 0, atol=1e-6)
    settle(window, qtbot)


def test_the_cameras_are_linked_and_the_line_is_dragged(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(make_project(tmp_path))
    press(window, Qt.Key.Key_W)
    settle(window, qtbot)
    stage = window.compare.stage
    picture, alone = (pane.rect.center() for pane in stage.panes())
    drag(stage, picture, picture - QPoint(60, 0))
    assert stage._line < 0.45
    drag(stage, alone, alone + QPoint(50, 0))
    settle(window, qtbot)
    views = {key.view for key in stage._keys.values() if key.view is not None}
    assert len(views) == 1
    assert not np.allclose(np.array(views.pop()).reshape(4, 4)[:3, :3], np.eye(3))
