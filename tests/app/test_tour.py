from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import Open

from app.keymap import Keymap
from app.settings import Settings
from app.tour import CARDS, Tour
from app.window import MainWindow
from assets import SAMPLE_PROJECT
from core.project import State


def tours(window: MainWindow) -> list[Tour]:
    return [tour for tour in window.findChildren(Tour) if tour.isVisible()]


def sample(folder: Path) -> Path:
    return make_project(folder).rename(folder / SAMPLE_PROJECT.name)


def test_the_first_start_on_the_sample_shows_it_and_no_later_one(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = sample(tmp_path)
    window = open_window(None)
    window.dialogs.greet()
    window.review.open(path)
    qtbot.waitUntil(lambda: len(tours(window)) == 1)
    (tour,) = tours(window)
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    assert not tours(window)
    again = open_window(None)
    again.dialogs.greet()
    again.review.open(path)
    qtbot.waitUntil(lambda: again.review.poses is not None)
    assert Settings().toured
    assert not tours(again)


def test_a_project_of_ones_own_begins_without_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(None)
    window.dialogs.greet()
    window.review.open(make_project(tmp_path))
    qtbot.waitUntil(lambda: window.review.poses is not None)
    assert not tours(window)
    assert not Settings().toured


def test_return_goes_through_the_cards_and_decides_nothing(
    open_window: Open, tmp_path: Path
) -> None:
    window = open_window(make_project(tmp_path))
    window.dialogs.use_keys(Keymap().with_keys("reject", ("X",)))
    window.dialogs.tour()
    (tour,) = tours(window)
    seen = []
    for number in range(len(CARDS)):
        seen.append(tour.title.text())
        inside = window.rect().contains(window.mapFromGlobal(tour.geometry().center()))
        assert inside, number
        if number == len(CARDS) - 1:
            assert "X leaves the person out" in tour.text.text()
        QTest.keyClick(tour.on, Qt.Key.Key_Return)
    assert seen == [card.title for card in CARDS]
    assert not tours(window)
    assert all(row.state is State.UNDECIDED for row in window.review.rows.persons)
