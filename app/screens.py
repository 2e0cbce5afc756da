"""Pictures of the window in all its states: `python -m app.screens OUT [--project P]`.

On an annotated copy of the sample project, which it annotates first, or on a copy of P. Sizes are
1280x720, 1920x1080 and 3840x2160 at 200 %, in both schemes and languages; needs no display.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QDialog

from app import theme
from app.dialogs import SCHEMES
from app.i18n import CHINESE, ENGLISH
from app.model_process import ModelProcess
from app.preferences import DARK, LIGHT
from app.review import Stage
from app.sample import annotated_sample
from app.screenshot import copy_project, settle, wait
from app.settings import Settings
from app.speaking import speak
from app.window import MainWindow
from core.project import Project

LOOKS = tuple((scheme, language) for scheme in (LIGHT, DARK) for language in (ENGLISH, CHINESE))
ROUNDS = 5
"""A busy machine has not laid everything out by then: texts, then rows, then what they move."""
PERSON = 3
"""Who is shown, at the suggested step."""


@dataclass(frozen=True)
class Scene:
    """A state of the window.

    Parameters
    ----------
    name : str
        Of the picture.
    actions : tuple of str
        What brings it about, from the review of `PERSON`; all of them are undone by themselves.
    """

    name: str
    actions: tuple[str, ...] = ()


SCENES = (
    Scene("review"),
    Scene("side", ("side",)),
    Scene("by_part", ("left_arm", "last")),
    Scene("above", ("whole", "above")),
    Scene("wipe", ("wipe",)),
    Scene("heat", ("heat",)),
    Scene("palette", ("stop", "palette")),
    Scene("settings", ("settings",)),
    Scene("keys", ("keys",)),
    Scene("export", ("export",)),
    Scene("tour", ("tour",)),
)
"""One after the other in the same window."""


def main() -> int:
    """Take all pictures, each pixel density in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--project", type=Path, help="annotated; else the sample is")
    parser.add_argument("--size", help="of one window, as 1280x720; else all sizes")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = name
        project = options.project or annotated_sample(folder / "sample")
        if options.size:
            (folder / "copy").mkdir()
            width, height = map(int, options.size.split("x"))
            take(copy_project(project, folder / "copy"), options.out, width, height)
            return 0
        for size, density in (("1280x720", "1"), ("1920x1080", "1"), ("1920x1080", "2")):
            words = [str(options.out), "--project", str(project), "--size", size]
            env = {**os.environ, "QT_SCALE_FACTOR": density}
            subprocess.run([sys.executable, "-m", "app.screens", *words], env=env, check=True)
    return 0


def take(project: Path, out: Path, width: int, height: int) -> None:
    """Show every state in every look; of larger windows the review alone."""
    app = QApplication(sys.argv[:1])
    theme.follow_system(app)
    window = MainWindow(ModelProcess(), Settings())
    window.resize(width, height)
    window.show()
    begin(window, project)
    scenes = SCENES if width == 1280 else SCENES[:1]
    size = f"{round(width * window.devicePixelRatio())}"
    for scene in scenes:
        for action in scene.actions:
            window.actions_by_name[action].trigger()
            wait(window.is_settled)
        in_all_looks(app, window, out / f"{scene.name}_{size}")
        for dialog in open_dialogs(window):
            dialog.reject()
    if width == 1280:
        stages(app, window, project, out)
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def begin(window: MainWindow, project: Path) -> None:
    """Show a person."""
    window.review.open(project)
    wait(lambda: window.review.path == project and window.review.person is not None)
    window.review.select(window.review.rows.all[PERSON].id)
    wait(lambda: window.review.poses is not None and window.review.photograph is not None)
    wait(window.is_settled)


def stages(app: QApplication, window: MainWindow, project: Path, out: Path) -> None:
    """Show what is there where nobody is reviewed: history, finished, empty, opening, failed."""

    def until(stage: Stage) -> Callable[[], bool]:
        return lambda: window.review.stage is stage

    window.review.decider.accept_shown()
    wait(lambda: window.review.current != window.review.rows.all[PERSON].id)
    wait(lambda: window.review.poses is not None)
    window.panes.history.widget.raise_()
    in_all_looks(app, window, out / "history_1280")
    window.review.selected = [row.id for row in window.review.rows.persons]
    window.review.decider.accept_suggested()
    wait(until(Stage.FINISHED))
    in_all_looks(app, window, out / "finished_1280")
    empty = project.with_name("empty.diffannot")
    Project.create(empty).close()
    window.review.open(empty)
    wait(until(Stage.EMPTY))
    in_all_looks(app, window, out / "empty_1280")
    with closing(sqlite3.connect(project)) as busy:
        busy.execute("BEGIN EXCLUSIVE")  # or it is open before a picture is taken
        window.review.open(project)
        in_all_looks(app, window, out / "opening_1280")
    wait(lambda: window.review.stage is not Stage.OPENING)
    window.review.open(project.with_name("gone.diffannot"))
    wait(until(Stage.FAILED))
    in_all_looks(app, window, out / "failed_1280")


def in_all_looks(app: QApplication, window: MainWindow, name: Path) -> None:
    """Save the window, and what is open over it, in both schemes and languages."""
    for scheme, language in LOOKS:
        theme.choose(app, SCHEMES[scheme])
        speak(app, language)
        wait(lambda: window.review.stage is not Stage.REVIEW or window.is_settled())
        settle(300)
        for _ in range(ROUNDS):
            QApplication.processEvents()
        picture = window.grab()
        painter = QPainter(picture)
        for dialog in open_dialogs(window):
            at = dialog.mapToGlobal(QPoint()) - window.mapToGlobal(QPoint())
            painter.drawPixmap(at, dialog.grab())
            painter.setPen(theme.colours()["curve"])  # for the frame that a desktop would give it
            painter.drawRect(QRect(at, dialog.size()).adjusted(0, 0, -1, -1))
        painter.end()
        picture.save(f"{name}_{scheme}_{language}.png", quality=0)  # as small as it gets


def open_dialogs(window: MainWindow) -> list[QDialog]:
    """Return what is open over the window."""
    return [each for each in window.findChildren(QDialog) if each.isVisible()]


if __name__ == "__main__":
    sys.exit(main())
