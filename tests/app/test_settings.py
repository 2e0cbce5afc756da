import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import Open

from app import theme
from app.i18n import CHINESE, ENGLISH, tr
from app.preferences import CORES, DARK, DEVICES, GPU, MOST_AHEAD, Preferences, from_data, to_data
from app.settings import Settings
from app.settings_dialog import SettingsDialog
from app.speaking import speak
from app.window import MainWindow
from core.errors import UnreadableInput
from core.refiners import DEFAULT_REFINER, REFINERS

some = st.builds(
    Preferences,
    colours=st.sampled_from(["system", "light", "dark"]),
    language=st.sampled_from(["system", "en", "zh_CN"]),
    refiner=st.sampled_from(sorted(REFINERS)),
    threads=st.integers(1, CORES),
    ahead=st.integers(0, MOST_AHEAD),
    device=st.sampled_from(DEVICES),
    body=st.text(max_size=8),
)


@given(some)
def test_preferences_come_back_as_they_were(chosen: Preferences) -> None:
    assert from_data(json.loads(json.dumps(to_data(chosen)))) == chosen


@pytest.mark.parametrize(
    "data",
    [None, [], {"colours": "pink"}, {"threads": 0}, {"threads": "2"}, {"threads": True},
     {"ahead": 999}, {"refiner": "gone"}, {"no such": 1}, {"body": 7},
     {"device": "tpu"}],
)  # fmt: skip
def test_kept_values_that_make_no_sense_are_the_default(data: object) -> None:
    assert from_data(data) == Preferences()


def test_one_wrong_value_does_not_take_the_others_along() -> None:
    assert from_data({"threads": 0, "refiner": "fit"}) == Preferences(refiner="fit")


@pytest.mark.parametrize("wrong", [{"colours": "pink"}, {"threads": 0}, {"language": "xx"}])
def test_a_wrong_value_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Preferences(**wrong)


def by_name(preferences: Preferences) -> str:
    """A body or checkpoint is right if its name says so."""
    if preferences.device == GPU:
        raise UnreadableInput("torch sees no GPU")
    if "right" not in preferences.body + preferences.checkpoint:
        raise UnreadableInput("body.pkl is no SMPL body", "Choose another")
    return "SMPL, 6890 vertices"


@pytest.fixture(autouse=True)
def trying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.try_out", by_name)


@pytest.fixture
def window(open_window: Open, tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    yield open_window(make_project(tmp_path))
    speak(qapp, ENGLISH)
    theme.choose(qapp, Qt.ColorScheme.Unknown)


def test_what_was_said_in_another_language_is_taken_back(
    window: MainWindow, qapp: QApplication, qtbot: QtBot
) -> None:
    window.review.said.emit(tr("There is no other"))
    assert window.statusBar().currentMessage()
    speak(qapp, CHINESE)
    qtbot.waitUntil(lambda: not window.statusBar().currentMessage())


def dialog(window: MainWindow) -> SettingsDialog:
    window.actions_by_name["settings"].trigger()
    return window.findChildren(SettingsDialog)[-1]


def choose(shown: SettingsDialog, name: str, value: str) -> None:
    box = shown.fields[name]
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def name_file(shown: SettingsDialog, name: str, path: str) -> QLineEdit:
    line = shown.fields[name]
    assert isinstance(line, QLineEdit)
    line.setText(path)
    QTest.keyClick(line, Qt.Key.Key_Return)
    return line


def test_colours_and_language_change_at_once_and_are_kept(window: MainWindow, qtbot: QtBot) -> None:
    shown = dialog(window)
    choose(shown, "colours", DARK)
    assert window.palette().window().color() == theme.DARK["window"]
    choose(shown, "language", CHINESE)
    qtbot.waitUntil(lambda: window.actions_by_name["reject"].text() == tr("&Reject"))
    assert Settings().preferences == Preferences(colours=DARK, language=CHINESE)
    shown.close()


def test_the_chosen_refiner_makes_the_steps_from_the_shown_person_on(
    window: MainWindow, models: BallModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(window.review.background, "annotate", lambda _, one: asked.append(one))
    assert models.preferences.refiner == DEFAULT_REFINER
    shown = dialog(window)
    choose(shown, "refiner", "fit")
    assert (models.preferences.refiner, asked) == ("fit", [1])
    assert Settings().preferences.refiner == "fit"
    choose(shown, "refiner", "fit")
    assert asked == [1]
    shown.close()


def test_numbers_are_kept_and_used(window: MainWindow, models: BallModels) -> None:
    shown = dialog(window)
    ahead = shown.fields["ahead"]
    assert isinstance(ahead, QSpinBox)
    ahead.setValue(3)
    assert models.preferences.ahead == 3
    assert Settings().preferences.ahead == 3
    shown.close()


def test_a_wrong_file_is_told_and_not_used_and_a_right_one_is(
    window: MainWindow, models: BallModels, qtbot: QtBot
) -> None:
    shown = dialog(window)
    name_file(shown, "body", "/no/body.pkl")
    qtbot.waitUntil(lambda: "no SMPL body. Choose another" in shown.state.text())
    assert models.preferences.body == ""
    name_file(shown, "body", "/my/right.pkl")
    qtbot.waitUntil(lambda: shown.state.text() == "✓ SMPL, 6890 vertices")
    assert models.preferences.body == "/my/right.pkl"
    assert Settings().preferences.body == "/my/right.pkl"
    name_file(shown, "body", "")
    assert models.preferences.body == ""
    shown.close()


def test_a_frontend_that_needs_a_checkpoint_is_used_once_it_has_one(
    window: MainWindow, models: BallModels, qtbot: QtBot
) -> None:
    shown = dialog(window)
    name_file(shown, "checkpoint", "/my/right.pt")
    assert models.preferences.checkpoint == "/my/right.pt"
    choose(shown, "frontend", "hmr")
    qtbot.waitUntil(lambda: models.preferences.frontend == "hmr")
    shown.close()


def test_the_next_persons_are_made_ready_as_many_as_wanted(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: BallModels
) -> None:
    settings = Settings()
    settings.preferences = Preferences(ahead=2)
    open_window(make_project(tmp_path, persons=5, theta1=False), ready=False)
    qtbot.waitUntil(lambda: len(models.annotated) == 3)
    assert models.annotated == [1, 2, 3]


def test_a_gpu_that_is_not_there_is_told_and_not_used(
    window: MainWindow, models: BallModels, qtbot: QtBot
) -> None:
    shown = dialog(window)
    choose(shown, "device", GPU)
    qtbot.waitUntil(lambda: shown.state.text().startswith("✗ torch sees no GPU"))
    assert models.preferences.device == "auto"
    choose(shown, "device", "cpu")
    assert models.preferences.device == Settings().preferences.device == "cpu"
    shown.close()
