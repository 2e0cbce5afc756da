"""Every target of the window's speed beside what is measured: `python -m tests.bench`.

On a copy of the sample project that it annotates first (or `--project P`, annotated), without a
display. Measure on a machine that does nothing else. `--only` measures some parts, `--persons` is
how far memory is followed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parents[1] / "window"))

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication
from real_window import missing_tools
from tiny_projects import make_project

from app import theme
from app.figures import Wish
from app.model_process import ModelProcess
from app.sample import annotated_sample
from app.settings import Settings
from app.window import MainWindow
from core.figures import FIGURES, Style
from core.project import Project
from tests.bench import event_loop_gap, queue_speed, review_by_keys
from tests.bench.event_loop_gap import GapMeter, live, wait

FIRST_PAINT = """
import sys
from PySide6.QtWidgets import QApplication
from app.model_process import ModelProcess
from app.settings import Settings
from app.window import MainWindow, application
app = application()
window = MainWindow(ModelProcess(), Settings())
window.show()
app.processEvents()
window.close()
"""
PARTS = ("start", "steps", "gaps", "queue", "memory", "keys")
BARE_PAINT = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.show()
app.processEvents()
window.close()
"""
LARGE = 100_000
EARLY = 100
"""Persons after whom memory is taken for the first time: by then all caches are full."""


@dataclass(frozen=True)
class Measured:
    """A row of the table; what is measured is to be under the target.

    `floor` is what the bare piece takes on this machine, whatever stands around it.
    """

    what: str
    value: float
    target: float
    unit: str
    floor: float | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--persons", type=int, default=1000)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    theme.follow_system(app)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = name
        walks = {"steps", "gaps"} & set(options.only)
        project = options.project or (annotated_sample(folder / "sample") if walks else folder)
        parts = {
            "start": first_paint,
            "steps": partial(in_the_window, project),
            "gaps": partial(gaps, project, folder / "bare.diffannot"),
            "queue": partial(many, folder),
            "memory": partial(memory, folder / "walked", options.persons),
        }
        for part, rows in parts.items():
            for row in rows() if part in options.only else ():
                verdict = "kept" if row.value < row.target else "MISSED"
                figures = f"{row.value:9.1f} {row.unit:<3}   under {row.target:6g} {row.unit:<3}"
                floor = "" if row.floor is None else f", bare {row.floor:.1f} {row.unit}"
                queue_speed.tell(f"{row.what:<52}{figures}  {verdict}{floor}")
    if "keys" not in options.only:
        return 0
    if missing_tools():
        queue_speed.tell(f"No review by keys: not installed: {missing_tools()}")
    else:
        review_by_keys.main()
    return 0


def first_paint() -> Iterator[Measured]:
    ours, bare = (started(code) for code in (FIRST_PAINT, BARE_PAINT))
    yield Measured("process started to window painted (and closed), warm", ours, 1.0, "s", bare)


def started(code: str) -> float:
    """Return how long a program takes, the second time: the first warms the disk's cache."""
    for _ in range(2):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        seconds = time.perf_counter() - begun
    return seconds


def in_the_window(project: Path) -> Iterator[Measured]:
    """Scrub, and go from person to person."""
    window = opened(project)
    review, picture = window.review, window.picture
    last = len(review.poses or ()) - 1
    window.resize(1280, 850)  # then the picture is about 512 px high
    wait(window.is_settled)
    uncached = []
    for step in range(last, 0, -3):
        window._frames.forget()
        show = partial(review.show_step, step)
        uncached.append(spent(show, picture._overlay.is_settled))
    window.resize(1280, 720)
    wait(window.is_settled)
    for step in range(last + 1):
        review.show_step(step)
        wait(window.is_settled)
    cached = []
    for step in range(last + 1):
        begun = time.perf_counter()
        review.show_step(step)
        picture.repaint()
        window.body.repaint()
        window.steps.repaint()
        cached.append(time.perf_counter() - begun)
    yield Measured("cached step to painted, p95", 1e3 * percentile(cached), 8, "ms")
    yield Measured("step not drawn before, 512 px, p95", 1e3 * percentile(uncached), 60, "ms")
    ready = []
    for _ in range(5):
        live(1.5)  # the next is made ready
        ready.append(spent(review.walk.next_person, lambda: is_drawn(window)))
    yield Measured("next person, made ready, drawn", 1e3 * max(ready), 100, "ms")
    far = review.rows.all[-1].id
    review.loader.clear()
    strip = spent(lambda: review.select(far), lambda: is_shown(window) and is_strip_drawn(window))
    yield Measured("film strip of a new person, whole", strip, 2.5, "s")
    window.close()


def gaps(project: Path, bare: Path) -> Iterator[Measured]:
    """Annotate persons, and look for the longest time the window stood still."""
    event_loop_gap.strip(project, bare)
    window = MainWindow(ModelProcess(), Settings())
    window.resize(1280, 720)
    window.show()
    live(0.5)
    meter = GapMeter()
    window.review.open(bare)
    wait(lambda: window.review.person is not None and window.review.person.run is not None)
    wait(window.is_settled)
    meter.stop()
    yield from longest(meter, "longest gap of the event loop during inference")
    meter, out, told = GapMeter(), bare.with_name("figure.pdf"), list[str]()
    for signal in (window.review.said, window.review.failed):
        signal.connect(told.append)
    for count, figure in enumerate(FIGURES):
        window.figures.draw(Wish(out, figure, (window.review.person.row.id,), Style()))
        wait(lambda count=count: len(told) > count)
    meter.stop()
    assert out.is_file(), told
    yield from longest(meter, "longest gap while figures are drawn")
    window.close()


def longest(meter: GapMeter, what: str) -> Iterator[Measured]:
    yield Measured(what, 1e3 * max(meter.gaps), 50, "ms")
    yield Measured("  without the wait for a core", 1e3 * max(meter.own), 50, "ms")


def many(folder: Path) -> Iterator[Measured]:
    """Open, walk and filter a large project."""
    times = {
        what: 1e3 * clock
        for what, (clock, _) in queue_speed.measure(
            queue_speed.write(folder / "large.diffannot", LARGE)
        )
    }
    opening = times.pop("store: open and list")
    shown = times.pop("window: show the list")
    yield Measured("100,000 persons: open and show", opening + shown, 1000, "ms")
    for what, value in times.items():
        if not any(word in what for word in ("decide", "undo")):  # these go to the disk
            yield Measured(f"100,000 persons: {what}", value, 50, "ms")


def memory(folder: Path, persons: int) -> Iterator[Measured]:
    """Walk from person to person."""
    window = opened(make_project(folder, persons=persons))
    early = resident(window)
    for number in range(1, persons):
        wait_soon(lambda: is_shown(window))
        window.review.walk.next_person()
        if number == min(EARLY, persons // 2):
            early = resident(window)
    wait_soon(lambda: is_shown(window))
    own, both = resident(window) - early
    yield Measured(f"memory grown over {persons} persons, window", own, 50, "MB")
    yield Measured(f"memory grown over {persons} persons, with models", both, 50, "MB")
    window.close()


def opened(project: Path) -> MainWindow:
    """Open the window on a project whose first person has steps."""
    with Project.open(project) as stored:
        assert stored.person(stored.rows()[0].id).run is not None, "annotate the project first"
    window = MainWindow(ModelProcess(), Settings())
    window.resize(1280, 720)
    window.show()
    window.review.open(project)
    wait(lambda: len(window.review.rows.all) > 0)
    window.review.select(window.review.rows.all[0].id)
    wait(lambda: is_shown(window) and window.is_settled())
    return window


def is_shown(window: MainWindow) -> bool:
    return window.review.photograph is not None and window.review.poses is not None


def is_drawn(window: MainWindow) -> bool:
    return is_shown(window) and window.picture._overlay.is_settled()


def is_strip_drawn(window: MainWindow) -> bool:
    film = window.steps.film
    return film.is_settled() and len(film._pictures) > 0


def spent(act: Callable[[], object], over: Callable[[], bool]) -> float:
    begun = time.perf_counter()
    act()
    wait_soon(over)
    return time.perf_counter() - begun


def wait_soon(ready: Callable[[], bool]) -> None:
    """Serve the event loop, and look after each of its events.

    As a loop that runs would, it deletes what is to be deleted later.
    """
    loop, end = QEventLoop(), time.monotonic() + event_loop_gap.PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.0005)


def percentile(seconds: list[float]) -> float:
    return float(np.percentile(seconds, 95))


def resident(window: MainWindow) -> np.ndarray:
    """Return the memory of the window's process, and of it and the models', in MB (Linux)."""
    pids = "self", window._model._models.process_id
    statms = (Path(f"/proc/{pid}/statm").read_text(encoding="ascii") for pid in pids)
    pages = [int(statm.split()[1]) for statm in statms]
    return np.cumsum(pages) * os.sysconf("SC_PAGESIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
