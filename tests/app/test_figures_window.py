from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import Open

from app.figures import NAMES, FigureDialog, Wish
from app.window import MainWindow
from core.errors import UnwritableOutput
from core.figures import FIGURES, MOVIE, Style
from core.jobs import Job, Report
from core.progress import Progress


class DrawingModels(BallModels):
    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[Wish] = []

    def illustrate(self, path: Path, wish: Wish) -> Job:
        yield Progress(0, 1, "drawing")
        self.wishes.append(wish)
        if wish.out.parent.name == "full":
            raise UnwritableOutput(f"{wish.out} cannot be written", "Make room")
        return Report(1)


@pytest.fixture
def models() -> DrawingModels:
    return DrawingModels()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the dialog of files answers, and is asked."""
    answer = {"name": "", "kind": "PNG (*.png)"}

    def ask(_parent: object, _title: str, beside: str, filters: str) -> tuple[str, str]:
        answer["beside"], answer["filters"] = beside, filters
        return answer["name"], answer["kind"]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return answer


def dialog_of(window: MainWindow) -> Iterator[FigureDialog]:
    return (each for each in window.findChildren(FigureDialog) if each.isVisible())


def choose(window: MainWindow, figure: str) -> FigureDialog:
    window.actions_by_name["figure"].trigger()
    dialog = next(dialog_of(window))
    dialog.choice.setCurrentIndex(dialog.choice.findData(figure))
    return dialog


def test_every_figure_can_be_asked_for() -> None:
    assert [*FIGURES, MOVIE] == list(NAMES)


def test_a_figure_of_the_shown_person_is_drawn_where_it_was_asked_for(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: DrawingModels, asked: dict[str, str]
) -> None:
    window = open_window(make_project(tmp_path))
    asked["name"] = str(tmp_path / "mine")
    asked["kind"] = "PDF (*.pdf)"
    dialog = choose(window, "denoising")
    dialog.width_box.setValue(120)
    dialog.transparent.setChecked(True)
    dialog.accept()
    qtbot.waitUntil(lambda: "mine.pdf" in window.statusBar().currentMessage())
    out = tmp_path / "mine.pdf"
    assert models.wishes == [Wish(out, "denoising", (1,), Style(120, transparent=True))]
    assert asked["beside"] == str(tmp_path / "tiny_denoising.png")


def test_a_comparison_shows_all_who_are_selected_and_other_figures_the_shown_one(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: DrawingModels, asked: dict[str, str]
) -> None:
    window = open_window(make_project(tmp_path))
    window.review.selected = [1, 3]
    asked["name"] = str(tmp_path / "a.svg")
    choose(window, "comparison").accept()
    qtbot.waitUntil(lambda: len(models.wishes) == 1)
    choose(window, "views").accept()
    qtbot.waitUntil(lambda: len(models.wishes) == 2)
    assert [wish.persons for wish in models.wishes] == [(1, 3), (1,)]


def test_a_movie_has_no_width_and_no_transparency(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: DrawingModels, asked: dict[str, str]
) -> None:
    window = open_window(make_project(tmp_path))
    asked["name"] = str(tmp_path / "a.mp4")
    dialog = choose(window, "comparison")
    dialog.transparent.setChecked(True)
    dialog.choice.setCurrentIndex(dialog.choice.findData(MOVIE))
    dialog.alone.setChecked(True)
    dialog.accept()
    qtbot.waitUntil(lambda: len(models.wishes) == 1)
    assert models.wishes[0].style == Style(alone=True)
    assert asked["filters"] == "GIF (*.gif);;MP4 (*.mp4)"


def test_what_cannot_be_written_is_told_and_no_file_asks_for_nothing(
    open_window: Open, tmp_path: Path, qtbot: QtBot, models: DrawingModels, asked: dict[str, str]
) -> None:
    window = open_window(make_project(tmp_path))
    choose(window, "views").accept()
    QApplication.processEvents()
    assert models.wishes == []
    asked["name"] = str(tmp_path / "full" / "a.png")
    choose(window, "views").accept()
    qtbot.waitUntil(lambda: "cannot be written. Make room" in window.trouble.text)
