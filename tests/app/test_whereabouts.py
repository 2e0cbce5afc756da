"""Pictures that are not where the project says."""

import shutil
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import Open

from core.errors import Cancelled, UnreadableInput
from core.jobs import finish
from core.jobs.finding import find_pictures, missing_pictures
from core.progress import CancelToken
from core.project import Project


def moved(tmp_path: Path) -> tuple[Path, Path]:
    """Make a project of two pictures, and move both to where nobody knows, one under a new name."""
    path, away = make_project(tmp_path / "project"), tmp_path / "elsewhere" / "deep"
    away.mkdir(parents=True)
    (path.parent / "picture_0.png").rename(away / "picture_0.png")
    (path.parent / "picture_1.png").rename(away / "renamed.png")
    return path, away.parent


def places(project: Project) -> list[str]:
    return [image.path for image in project.images()]


def test_pictures_are_found_by_content_and_the_new_places_are_kept(tmp_path: Path) -> None:
    path, folder = moved(tmp_path)
    with Project.open(path) as project:
        assert len(missing_pictures(project)) == 2
        report = finish(find_pictures(project, folder))
        assert (report.done, report.failures) == (2, ())
    with Project.open(path) as project:
        assert places(project) == [
            "../elsewhere/deep/picture_0.png",
            "../elsewhere/deep/renamed.png",
        ]
        assert missing_pictures(project) == []


def test_names_that_are_looked_for_come_first_and_the_rest_is_not_read(tmp_path: Path) -> None:
    path, folder = moved(tmp_path)
    (folder / "deep" / "renamed.png").rename(folder / "deep" / "picture_1.png")
    for number in range(5):
        Image.new("RGB", (8, 8)).save(folder / f"a{number}.png")
    with Project.open(path) as project:
        read = [progress.message for progress in find_pictures(project, folder)]
    assert read == ["picture_0.png", "picture_1.png"]


def test_another_picture_of_the_same_name_is_not_taken(tmp_path: Path) -> None:
    path, folder = moved(tmp_path)
    Image.new("RGB", (8, 8)).save(folder / "deep" / "picture_0.png")
    with Project.open(path) as project:
        report = finish(find_pictures(project, folder))
        assert report.done == 1 and report.failures == (f"picture_0.png: not in {folder}",)
        assert places(project)[0] == "picture_0.png"


def test_one_file_is_not_two_pictures(tmp_path: Path) -> None:
    path, folder = moved(tmp_path)
    with Project.open(path) as project:
        twin = path.parent / "twin.png"
        shutil.copy(folder / "deep" / "picture_0.png", path.parent / "picture_0.png")
        shutil.copy(folder / "deep" / "picture_0.png", twin)
        project.add_image(twin)
        (path.parent / "picture_0.png").unlink()
        twin.unlink()
        assert finish(find_pictures(project, folder)).done == 2
        assert len(set(places(project))) == 3
        assert [image.path for image in missing_pictures(project)] == ["twin.png"]
        assert finish(find_pictures(project, folder)).done == 0


def test_a_search_that_is_called_off_or_goes_nowhere_changes_nothing(tmp_path: Path) -> None:
    path, folder = moved(tmp_path)
    token = CancelToken()
    token.cancel()
    with Project.open(path) as project:
        with pytest.raises(Cancelled):
            finish(find_pictures(project, folder, token))
        with pytest.raises(UnreadableInput, match="not a folder"):
            finish(find_pictures(project, folder / "gone"))
        assert places(project) == ["picture_0.png", "picture_1.png"]


def test_a_card_asks_where_the_pictures_are_and_they_are_shown(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = moved(tmp_path)
    window = open_window(path, ready=False)
    card = window.whereabouts
    qtbot.waitUntil(card.isVisible)
    assert card.text == "2 pictures are not where they were. Where are they now?"
    qtbot.waitUntil(lambda: "is missing" in window.review.trouble)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    card.button.click()
    qtbot.waitUntil(card.isHidden)
    assert window.statusBar().currentMessage() == "2 pictures found, 0 still missing"
    qtbot.waitUntil(lambda: window.review.photograph is not None)
    qtbot.waitUntil(lambda: window.review.poses is not None)
    assert window.review.current == 1 and not window.review.trouble


def test_no_card_is_shown_where_all_pictures_are_there(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path, _ = moved(tmp_path / "one")
    window = open_window(path, ready=False)
    qtbot.waitUntil(window.whereabouts.isVisible)
    other = make_project(tmp_path / "two")
    window.review.open(other)
    qtbot.waitUntil(lambda: window.review.path == other)
    qtbot.waitUntil(lambda: window.review.photograph is not None)
    assert window.whereabouts.isHidden()
