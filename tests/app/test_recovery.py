"""A window that was cut off is told of at the next start."""

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot
from tiny_projects import make_project
from window_kit import Open, is_shown

from app.recovery import Presence
from core.project import Project, Reject

CUT_OFF = """
import os, sys
from pathlib import Path
from app.recovery import Presence
presence = Presence(Path(sys.argv[1]))
os._exit(0)
"""


def test_only_a_window_that_was_cut_off_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "config" / "window.lock"
    first = Presence(file)
    assert not first.was_cut_off
    assert not Presence(file).was_cut_off  # another window beside it
    first.end()
    assert not Presence(file).was_cut_off
    subprocess.run([sys.executable, "-c", CUT_OFF, str(tmp_path / "other.lock")], check=True)
    after = Presence(tmp_path / "other.lock")
    assert after.was_cut_off
    after.end()
    assert not Presence(tmp_path / "other.lock").was_cut_off


def test_one_card_says_what_is_there_and_no_second_one(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        project.decide(Reject(1))
    window = open_window(None)
    window.tell_of_recovery()
    window.review.open(path)
    qtbot.waitUntil(window.news.isVisible)
    assert "Nothing that was decided is lost. The last of 1: Rejected" in window.news.text
    window.news.hide()
    with qtbot.waitSignal(window.review.opened):
        window.review.open(path)
    qtbot.waitUntil(lambda: is_shown(window.review))
    assert not window.news.isVisible()
