"""Folders, pictures and data sets that are dropped on the window."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from film_kit import write_video
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from tiny_projects import PATIENCE, BallModels, make_project
from window_kit import Open, press, states

from app.review import Stage
from app.sample import sample_folder
from app.window import MainWindow
from core.jobs import arriving
from core.project import Frame, Project, Reject, State


def photos(folder: Path, count: int = 2, first: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        Image.new("RGB", (64, 48), (40 * number, 0, 9)).save(folder / f"{number}.png")
    return folder


def coco(file: Path, pictures: Sequence[str], people: int = 1) -> Path:
    images = [
        {"id": number, "file_name": name, "width": 64, "height": 48}
        for number, name in enumerate(pictures)
    ]
    annotations = [
        {"id": number * 9 + one, "image_id": number, "bbox": [1 + 5 * one, 2, 20, 30], "iscrowd": 0,
         "category_id": 1, "keypoints": [10, 20, 2] * 17}
        for number in range(len(pictures)) for one in range(people)
    ]  # fmt: skip
    file.write_text(json.dumps({"images": images, "annotations": annotations}))
    return file


def drop(window: MainWindow, *files: Path | QUrl) -> bool:
    """Drag files over the window and, if it wants them, let go."""
    mime = QMimeData()
    mime.setUrls([f if isinstance(f, QUrl) else QUrl.fromLocalFile(str(f)) for f in files])
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), actions, mime, *held)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(50, 50), actions, mime, *held)
    QApplication.sendEvent(window, event)
    assert event.dropAction() is Qt.DropAction.CopyAction
    return event.isAccepted()


def said(window: MainWindow) -> str:
    return window.statusBar().currentMessage()


def waits_for(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.waitUntil(lambda: text in said(window))
    qtbot.waitUntil(lambda: window.busy.isHidden())


def images(path: Path) -> int:
    with Project.open(path) as project:
        return len(project.images())


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> BallModels:
    models = BallModels()
    monkeypatch.setattr(models, "_get_body", lambda: None)
    return models


def test_a_folder_that_is_dropped_becomes_a_project_beside_it(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(None)
    folder = photos(tmp_path / "day.1")
    assert drop(window, folder)
    path = tmp_path / "day.1.diffannot"
    waits_for(qtbot, window, "New in day.1.diffannot: 2 pictures, 0 persons")
    qtbot.waitUntil(lambda: window.review.stage is Stage.EMPTY)
    assert window.review.path == path
    assert len(window.review.rows.all) == images(path) == 2
    assert not window.trouble.isVisible()


def test_a_project_that_is_there_is_imported_into_and_never_replaced(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    made = make_project(tmp_path / "job", persons=2)
    path = made.rename(tmp_path / "job.diffannot")
    with Project.open(path) as project:
        project.decide(Reject(1))
    window = open_window(None)
    drop(window, photos(tmp_path / "job"))
    # its pictures have moved with regard to it: they are found again by content
    waits_for(qtbot, window, "New in job.diffannot: 2 pictures, 0 persons")
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert states(path) == [State.REJECTED, State.UNDECIDED]


def test_pictures_and_a_data_set_go_into_the_open_project_and_the_shown_person_stays(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path / "project", persons=2)
    window = open_window(path)
    window.review.select(2)
    folder = photos(tmp_path / "more", 3)
    drop(window, folder / "0.png", folder / "1.png", coco(folder / "k.json", ["2.png"], 2))
    waits_for(qtbot, window, "New in tiny.diffannot: 3 pictures, 2 persons")
    qtbot.waitUntil(lambda: len(window.review.rows.persons) == 4)
    assert len(window.people.model.rows) == 6  # with the two pictures of nobody
    assert window.review.current == 2 and window.review.stage is Stage.REVIEW
    assert not list(tmp_path.glob("more/*.diffannot"))


def test_persons_that_come_when_all_are_decided_are_shown(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path / "project", persons=1)
    with Project.open(path) as project:
        project.decide(Reject(1))
    window = open_window(path, ready=False)
    assert window.review.stage is Stage.FINISHED
    drop(window, coco(photos(tmp_path / "more") / "k.json", ["1.png"]))
    qtbot.waitUntil(lambda: window.review.current == 2)
    assert window.review.stage is Stage.REVIEW


def test_a_dropped_video_becomes_a_project_of_its_frames(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(None)
    drop(window, write_video(tmp_path / "clip.mp4", 3))
    waits_for(qtbot, window, "New in clip.diffannot: 3 pictures, 0 persons")
    qtbot.waitUntil(lambda: window.review.stage is Stage.EMPTY)
    with Project.open(tmp_path / "clip.diffannot") as project:
        assert [(one.name, one.rate) for one in project.sequences()] == [("clip", 10)]


def test_a_dropped_project_is_opened(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window(None)
    path = make_project(tmp_path)
    drop(window, path)
    qtbot.waitUntil(lambda: window.review.path == path)


def test_what_cannot_be_imported_is_named_in_one_line_and_leaves_no_project(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(None)
    notes, empty = tmp_path / "notes.txt", tmp_path / "empty"
    notes.write_text("no picture")
    empty.mkdir()
    for dropped in ([notes], [empty], [notes, empty]):
        drop(window, *dropped)
        names = ", ".join(each.name for each in dropped)
        line = f"Nothing to import in {names}: no pictures, and no data set of a known format"
        qtbot.waitUntil(lambda line=line: window.trouble.text == line)
    assert window.review.stage is Stage.NONE
    assert not list(tmp_path.rglob("*.diffannot"))
    assert not drop(window, QUrl("https://example.org/a.png"))


def test_what_failed_is_named_and_the_rest_is_kept(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = photos(tmp_path / "photos", 2)
    for number in range(5):
        (folder / f"torn{number}.png").write_bytes(b"\x89PNG")
    window = open_window(None)
    drop(window, folder)
    waits_for(qtbot, window, "New in photos.diffannot: 2 pictures, 0 persons")
    assert window.trouble.text.startswith("Left out: torn0.png: ")
    assert window.trouble.text.endswith(" and 2 more")
    assert "\n" not in window.trouble.text


def test_dropping_the_same_again_says_that_nothing_is_new(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(None)
    folder = photos(tmp_path / "photos")
    drop(window, folder)
    qtbot.waitUntil(lambda: window.review.stage is Stage.EMPTY)
    drop(window, folder / "1.png")
    waits_for(qtbot, window, "Nothing new for photos.diffannot")


class Held:
    """An import that waits behind its first picture."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    held, add = Held(), arriving.Project.add_image

    def add_slowly(self: Project, file: Path, frame: Frame | None = None) -> int:
        made = add(self, file, frame)
        if threading.current_thread() is not threading.main_thread():
            held.begun.set()
            held.go.wait(PATIENCE)
        return made

    monkeypatch.setattr(arriving.Project, "add_image", add_slowly)
    yield held
    held.go.set()


def test_esc_stops_an_import_and_what_came_is_kept(
    open_window: Open, tmp_path: Path, qtbot: QtBot, held: Held
) -> None:
    window = open_window(None)
    drop(window, photos(tmp_path / "photos", 5))
    qtbot.waitUntil(held.begun.is_set)
    assert window.busy.isVisible()
    press(window, Qt.Key.Key_Escape)
    assert window.busy.isHidden()  # at once, whatever the thread is at
    held.go.set()
    waits_for(qtbot, window, "Stopped; new in photos.diffannot: 1 pictures, 0 persons")
    qtbot.waitUntil(lambda: window.review.stage is Stage.EMPTY)
    assert images(tmp_path / "photos.diffannot") == 1


def test_the_window_answers_while_it_imports_and_closes_in_the_middle(
    open_window: Open, tmp_path: Path, qtbot: QtBot, held: Held
) -> None:
    window = open_window(make_project(tmp_path / "project", persons=2))
    drop(window, photos(tmp_path / "more", 5))
    qtbot.waitUntil(held.begun.is_set)
    assert window.busy.isVisible()
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.review.current == 2)
    token = window.review.background._arriving

    def go_on_once_it_is_called_off() -> None:
        while not (token.cancelled or held.go.is_set()):
            time.sleep(0.01)
        held.go.set()

    threading.Thread(target=go_on_once_it_is_called_off).start()
    window.close()
    assert images(tmp_path / "project" / "tiny.diffannot") < 6


def test_what_is_dropped_on_the_sample_gets_a_project_of_its_own(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    sample = make_project(sample_folder())
    window = open_window(sample)
    drop(window, photos(tmp_path / "photos"))
    qtbot.waitUntil(lambda: window.review.path == tmp_path / "photos.diffannot")
    assert images(sample) == 2


def test_another_project_opened_meanwhile_stays_open(
    open_window: Open, tmp_path: Path, qtbot: QtBot, held: Held
) -> None:
    other = make_project(tmp_path / "other")
    window = open_window(None)
    drop(window, photos(tmp_path / "photos", 3))
    qtbot.waitUntil(held.begun.is_set)
    assert window.busy.isVisible()
    window.review.open(other)
    qtbot.waitUntil(lambda: window.review.path == other)
    held.go.set()
    waits_for(qtbot, window, "Stopped; new in photos.diffannot")
    assert window.review.path == other


def test_the_menu_asks_for_a_folder_or_for_files(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(make_project(tmp_path / "project"))
    folder = photos(tmp_path / "photos")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(more)], ""))
    window.actions_by_name["new_project"].trigger()
    path = tmp_path / "photos.diffannot"
    qtbot.waitUntil(lambda: window.review.path == path)
    more = photos(tmp_path / "more", 1, first=5) / "5.png"
    press(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    waits_for(qtbot, window, "New in photos.diffannot: 1 pictures, 0 persons")


@pytest.mark.parametrize(
    ("sources", "project"),
    [
        (["photos"], "photos.diffannot"),
        (["photos/0.png"], "photos/photos.diffannot"),
        (["photos/0.png", "photos/1.png"], "photos/photos.diffannot"),
        (["photos/k.json"], "photos/k.diffannot"),
    ],
)
def test_where_the_project_of_some_files_goes(
    tmp_path: Path, sources: list[str], project: str
) -> None:
    photos(tmp_path / "photos")
    found = arriving.project_for([tmp_path / each for each in sources])
    assert found == tmp_path / project
