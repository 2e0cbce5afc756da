"""Pictures of the real window on a project: `python -m app.screenshot PROJECT --out DIR`.

Works on a copy of the project file, so that nothing in it changes; needs a
display (`xvfb-run -s "-screen 0 1920x1080x24" python -m app.screenshot …` where there is none).
The pictures in docs/ are those of an annotated copy of the sample, with
`--person 10 --size 1280x720 --out docs`.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import theme
from app.model_process import ModelProcess
from app.review import Stage
from app.settings import Settings
from app.window import MainWindow

SIZES = ("1280x720", "1920x1080")
SCHEMES = {"": Qt.ColorScheme.Light, "_dark": Qt.ColorScheme.Dark}
PATIENCE = 60.0
"""Seconds to wait for a body to be shown."""


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--person", type=int, default=0, help="place in the list, from 0")
    parser.add_argument("--step", type=int, help="step to show; else the suggested one")
    parser.add_argument("--size", action="append", help="as 1280x720; may be given again")
    parser.add_argument("--do", action="append", default=[], help="name of an action to do before")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        project = copy_project(options.project, Path(folder))
        take(project, options.out, options.person, options.step, options.size or SIZES, options.do)
    return 0


def copy_project(project: Path, folder: Path) -> Path:
    """Copy a project file, and link what lies beside it, so that its pictures are found."""
    for beside in project.absolute().parent.iterdir():
        (folder / beside.name).symlink_to(beside)
    copy = folder / project.name
    copy.unlink()
    shutil.copyfile(project, copy)
    return copy


def take(
    project: Path, out: Path, place: int, step: int | None, sizes: Sequence[str], do: Sequence[str]
) -> None:
    """Show a project in every size and scheme and save what the window looks like."""
    app = QApplication(sys.argv[:1])
    theme.follow_system(app)
    window = MainWindow(ModelProcess(), Settings())
    window.review.open(project)
    wait(lambda: len(window.review.rows.all) > 0 or window.review.stage is Stage.FAILED)
    window.review.select(window.review.rows.all[place].id)
    window.show()
    wait(lambda: window.review.person is not None and window.review.person.run is not None)
    wait(lambda: window.review.poses is not None)
    for size in sizes:
        window.resize(*map(int, size.split("x")))
        if step is not None:
            window.review.show_step(step)
        for action in do:
            window.actions_by_name[action].trigger()
            wait(window.is_settled)
        for name, scheme in SCHEMES.items():
            theme.choose(app, scheme)
            wait(window.is_settled)
            settle()
            which = f"_{size}" if len(sizes) > 1 else ""
            window.grab().save(str(out / f"window{which}{name}.png"))
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def wait(ready: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError("The window did not get ready")
        settle(20)


def settle(milliseconds: int = 600) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
