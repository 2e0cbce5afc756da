"""Exports from the window: what the dialog asks for is what the command line writes."""

import json
import threading
from pathlib import Path
from typing import IO

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tiny_projects import BallModels, make_project
from window_kit import Open, press, states

from app.cli import main
from app.export_dialog import ExportDialog
from app.exports import Wish, beside, from_data, renamed
from app.i18n import CHINESE, ENGLISH
from app.models import Models
from app.settings import Settings
from app.speaking import speak
from app.window import MainWindow
from core.errors import InvalidAnnotation, UnreadableInput
from core.formats import WRITERS, about
from core.jobs.exporting import Pictures
from core.project import State


class WritingModels(BallModels):
    """Exports as the window does, by the open body."""

    export = Models.export


@pytest.fixture
def models() -> WritingModels:
    return WritingModels()


def ask(window: MainWindow) -> ExportDialog:
    window.actions_by_name["export"].trigger()
    return opened(window)


def opened(window: MainWindow) -> ExportDialog:
    return next(each for each in window.findChildren(ExportDialog) if each.isVisible())


def accept_one(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.review.current == 2 and window.review.poses is not None)
    assert states(path)[0] is State.ACCEPTED


def choose(dialog: ExportDialog, name: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(name))


def test_coco_of_the_accepted_is_what_the_command_line_writes(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path / "project")
    window = open_window(path)
    accept_one(window, path, qtbot)
    press(window, Qt.Key.Key_E)
    dialog = opened(window)
    choose(dialog, "coco")
    dialog.out.setText("same.json")
    qtbot.waitUntil(lambda: dialog.outlook.text() == "Persons to be written: 1")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    said = window.statusBar().currentMessage
    qtbot.waitUntil(lambda: "written" in said())
    ours = path.with_name("same.json")
    assert said() == f"1 written to {ours} as coco"
    window_wrote = {each.name: each.read_bytes() for each in path.parent.glob("same.json*")}
    for name in window_wrote:
        (path.parent / name).unlink()
    assert main(["export", str(path), "--out", str(ours), "--format", "coco"]) == 0
    by_command = {each.name: each.read_bytes() for each in path.parent.glob("same.json*")}
    assert len(by_command) == 4 and by_command.keys() == window_wrote.keys()
    for name in by_command.keys() - {"same.json.card.json", "same.json.card.md"}:  # of their time
        assert by_command[name] == window_wrote[name]
    assert len(json.loads(window_wrote["same.json"])["annotations"]) == 1

    again = ask(window)
    assert again.format.currentData() == "coco" and again.out.text() == str(ours)
    ours.unlink()
    QTest.keyClick(again, Qt.Key.Key_Return)
    qtbot.waitUntil(ours.exists)


def test_the_first_choice_is_humandata_of_the_accepted_beside_the_project(
    open_window: Open, tmp_path: Path
) -> None:
    path = make_project(tmp_path)
    dialog = ask(open_window(path))
    assert dialog.wish == Wish(str(tmp_path / "tiny_humandata.npz"))
    assert dialog.format.count() == len(WRITERS)
    assert dialog.format.itemText(0).startswith("humandata – HumanData npz")
    assert not dialog.by.isEnabled() and not dialog.seed.isEnabled()
    dialog.reject()


def test_what_is_wrong_is_told_before_the_work(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    window = open_window(path)
    dialog = ask(window)
    nobody = "Nothing to export: no person of tiny.diffannot is accepted"
    qtbot.waitUntil(lambda: dialog.outlook.text() == nobody)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    QTest.qWait(50)
    assert dialog.isVisible() and not list(tmp_path.glob("tiny_*"))

    def told(part: str) -> None:
        qtbot.waitUntil(lambda: part in dialog.outlook.text())

    dialog.state.setCurrentIndex(dialog.state.findData(State.UNDECIDED))
    told("Persons to be written: 3")
    dialog.tags.setText("#blurred")
    told("is undecided and tagged blurred")
    dialog.tags.clear()
    dialog.shares.setText("train")
    told("train are no shares. Say train=8")
    dialog.shares.clear()
    dialog.out.setText(str(path))
    told("is the name of a project")
    dialog.out.setText(str(tmp_path / "gone" / "a.npz"))
    told("there is no folder")
    choose(dialog, "obj")
    dialog.out.setText(str(tmp_path))
    told("is there already, and no export")
    choose(dialog, "journal")
    dialog.out.setText("j.jsonl")
    told("All decisions will be written.")
    assert not dialog.state.isEnabled() and not dialog.pictures.isEnabled()
    dialog.reject()


def test_escape_while_it_writes_leaves_nothing(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_project(tmp_path / "project")
    window = open_window(path)
    accept_one(window, path, qtbot)
    before = sorted(path.parent.iterdir())
    dialog = ask(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and sorted(path.parent.iterdir()) == before

    writing, over = threading.Event(), threading.Event()

    def write_slowly(file: IO[bytes], _items: object) -> None:
        file.write(b"half")
        writing.set()
        while not over.wait(0.01):
            ticket.token.check()

    monkeypatch.setattr("core.formats.humandata_writer.write_npz", write_slowly)
    window.exports.write(Wish())
    (ticket,) = window.review.background._long
    try:
        qtbot.waitUntil(writing.is_set)
        assert sorted(path.parent.iterdir()) != before
        window.actions_by_name["stop"].trigger()
        qtbot.waitUntil(lambda: sorted(path.parent.iterdir()) == before)
    finally:
        over.set()
    assert "written" not in window.statusBar().currentMessage()


def test_what_is_there_is_said_to_be_replaced_and_then_is_without_a_question(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path / "project")
    window = open_window(path)
    accept_one(window, path, qtbot)
    ours = path.with_name("tiny_coco_train.json")
    ours.write_text("older")
    dialog = ask(window)
    choose(dialog, "coco")
    dialog.shares.setText("train=1")
    qtbot.waitUntil(lambda: "will be replaced: tiny_coco_train.json" in dialog.outlook.text())
    dialog.out.setText("else.json")
    qtbot.waitUntil(lambda: dialog.outlook.text() == "Persons to be written: 1")
    path.with_name("else_train.json").write_text("came meanwhile")
    QTest.keyClick(dialog, Qt.Key.Key_Return)  # it was not said, and is now
    qtbot.waitUntil(lambda: "will be replaced: else_train.json" in dialog.outlook.text())
    assert dialog.isVisible()
    dialog.out.setText(str(path.with_name("tiny_coco.json")))
    qtbot.waitUntil(lambda: "will be replaced: tiny_coco_train.json" in dialog.outlook.text())
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ours.read_text() != "older")
    assert path.with_name("else_train.json").read_text() == "came meanwhile"


def test_the_licence_stands_in_the_data_card_and_is_not_that_of_other_pictures(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path / "project")
    window = open_window(path)
    accept_one(window, path, qtbot)
    dialog = ask(window)
    choose(dialog, "coco")
    dialog.licence.setText("CC BY 4.0")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    card = path.with_name("tiny_coco.json.card.json")
    qtbot.waitUntil(card.exists)
    assert json.loads(card.read_text())["license"] == "CC BY 4.0"
    again = ask(window)
    assert again.licence.text() == "CC BY 4.0" and again.licence.isEnabled()
    choose(again, "journal")  # has no card
    assert not again.licence.isEnabled()
    again.reject()
    window.review.open(make_project(tmp_path / "other"))
    qtbot.waitUntil(lambda: window.review.path == tmp_path / "other" / "tiny.diffannot")
    other = ask(window)
    assert other.licence.text() == "" and other.format.currentData() == "coco"
    other.reject()


def test_a_new_format_names_the_file_anew(tmp_path: Path) -> None:
    project = tmp_path / "job.diffannot"
    assert beside(project, "amass").name == "job_amass"
    assert renamed(tmp_path / "job_coco.json", project, "coco", "amass").name == "job_amass"
    assert renamed(tmp_path / "mine.json", project, "coco", "spin").name == "mine.npz"
    assert Wish("mine", "csv").path(project) == tmp_path / "mine.csv"
    assert Wish("mine", "obj").path(project) == tmp_path / "mine"


def test_a_wish_is_kept_and_what_makes_no_sense_is_left_out() -> None:
    kept = {"format": "spin", "state": "flagged", "tags": "a b", "seed": 3, "pictures": "copy"}
    wish = from_data(kept | {"by": "height", "shares": 4})
    assert wish == Wish("", "spin", State.FLAGGED, "a b", "", "image", 3, Pictures.COPY)
    assert wish.chosen.tags == ("a", "b")
    assert from_data({"format": "none such"}) == from_data(None) == Wish()
    with pytest.raises(UnreadableInput):
        _ = Wish(shares="train").chosen
    with pytest.raises(InvalidAnnotation):
        _ = Wish(shares="train=-1").chosen


def test_another_project_is_not_written_over_the_last_one(
    open_window: Open, tmp_path: Path
) -> None:
    kept = {"out": str(tmp_path / "old.json"), "format": "coco", "project": "/other.diffannot"}
    Settings().export = kept
    path = make_project(tmp_path)
    dialog = ask(open_window(path))
    assert dialog.wish == Wish(str(tmp_path / "tiny_coco.json"), "coco")
    dialog.reject()


def test_every_format_says_what_it_is_and_how_it_ends() -> None:
    ours = [name for name in WRITERS if name not in WRITERS.plugins]
    assert len(ours) == 15
    for name in ours:
        module = WRITERS.load(name)
        assert about(name).suffix == module.SUFFIX
        assert module.__doc__.replace("`", "").startswith(about(name).what)
        assert len(about(name).what) > 8


def test_the_dialog_speaks_chinese_while_it_is_open(
    open_window: Open, tmp_path: Path, qtbot: QtBot, qapp: object
) -> None:
    dialog = ask(open_window(make_project(tmp_path)))
    try:
        speak(qapp, CHINESE)
        qtbot.waitUntil(lambda: dialog.outlook.text().startswith("没有可导出的内容"))
        assert "已接受" in dialog.outlook.text()
        assert dialog.format.itemText(0) == "humandata – HumanData npz（mmhuman3d 0.11），每人一行"
    finally:
        speak(qapp, ENGLISH)
    qtbot.waitUntil(lambda: dialog.outlook.text().startswith("Nothing to export"))
    last = dialog._look
    dialog.reject()
    QApplication.sendEvent(dialog, QEvent(QEvent.Type.LanguageChange))
    assert dialog._look is last  # nobody is there any more to be told
