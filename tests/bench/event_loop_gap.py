"""How long the window's event loop stands still: `python -m tests.bench.event_loop_gap PROJECT`.

Takes pictures and boxes of a project, forgets everything else, and lets the real window work on
them: load the models, annotate the first persons (frontend, trajectory, scores), pose and draw, and
scrub. A timer fires every 5 ms all along; the gap is the longest time between two of its ticks.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import theme
from app.model_process import ModelProcess
from app.settings import Settings
from app.window import MainWindow
from core.project import Person, Project

TICK = 5
PERSONS = 3
PATIENCE = 120.0


class GapMeter:
    """A fast timer that keeps the times between its ticks, and these without the wait for a core.

    The second says what the program does where other programs have the cores.
    """

    def __init__(self) -> None:
        self._last, self._waited = time.perf_counter(), waited_for_core()
        self.gaps: list[float] = []
        self.own: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK)

    def _tick(self) -> None:
        now, waited = time.perf_counter(), waited_for_core()
        self.gaps.append(now - self._last)
        self.own.append(now - self._last - (waited - self._waited))
        self._last, self._waited = now, waited

    def report(self, what: str) -> None:
        gaps, own = (sorted(1e3 * gap for gap in each) for each in (self.gaps, self.own))
        longest, had_core = (
            ", ".join(f"{gap:.0f}" for gap in each[:-4:-1]) for each in (gaps, own)
        )
        print(  # noqa: T201 - a command's answer
            f"{what:<44} {sum(gaps) / 1e3:6.2f} s   longest gaps {longest} ms, "
            f"without waiting for a core {had_core} ms"
        )
        self.gaps.clear()
        self.own.clear()

    def stop(self) -> None:
        self._timer.stop()


def waited_for_core() -> float:
    """Return how many seconds this thread was ready to run and no core was free (Linux)."""
    schedule = Path("/proc/thread-self/schedstat").read_text(encoding="ascii")
    return int(schedule.split()[1]) / 1e9


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="any project with persons")
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    theme.follow_system(app)
    with tempfile.TemporaryDirectory() as folder:
        bare = strip(options.project, Path(folder) / "bare.diffannot")
        measure(bare)
    return 0


def strip(project: Path, bare: Path) -> Path:
    """Write a project of the same pictures and boxes, and nothing else."""
    with Project.open(project) as full, Project.create(bare) as empty:
        for row in full.rows()[:PERSONS]:
            person: Person = full.person(row.id)
            empty.add_person(empty.add_image(person.image_path), person.evidence.box)
    return bare


def measure(project: Path) -> None:
    window = MainWindow(ModelProcess(), Settings())
    window.resize(1280, 720)
    window.show()
    live(0.5)
    meter = GapMeter()
    live(2.0)
    meter.report("nothing to do")

    loaded: list[None] = []
    window._model.load(loaded.append, fail)
    wait(lambda: bool(loaded))
    meter.report("import torch, load the body")

    window.review.open(project)
    wait(lambda: window.review.person is not None and window.review.person.run is not None)
    meter.report("annotate a person: models, Θ1, trajectory")
    wait(window.is_settled)
    meter.report("pose 58 steps, draw the first")

    window.review.stop()
    window.review.walk.next_person()
    wait(lambda: window.review.person is not None and window.review.person.run is not None)
    wait(window.is_settled)
    meter.report("annotate and show the next person")

    live(1.0)
    meter.report("draw the neighbours ahead")
    for step in range(58):
        window.review.show_step(step)
        live(0.03)
    wait(window.is_settled)
    meter.report("scrub 58 steps in 2 s")
    for _ in range(30):
        window.body.look(window.body.eye.yaw + 0.1, 0.2)
        live(0.03)
    meter.report("orbit for 1 s")
    meter.stop()
    window.close()


def fail(error: Exception) -> None:
    raise error


def live(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1e3), loop.quit)
    loop.exec()


def wait(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError
        live(0.02)


if __name__ == "__main__":
    sys.exit(main())
