"""How long queue and history take, small and large: `python -m tests.bench.queue_speed`.

Writes projects of 100, 10,000 and 100,000 persons, a tenth of them decided, without arrays of real
size: rows of runs are as long as the part that SQLite keeps beside the others. The store thread's
share and the window's share of each act are told apart. Times are by the clock, and in brackets
those of the processor, which other programs and the disk do not lengthen.
"""

import gc
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from app.panels.history import HistoryPanel
from app.panels.people import PeoplePanel
from app.rows import Rows, View
from core.project import Flag, Project
from core.project.queue import Order

Times = tuple[float, float]
"""Seconds by the clock, and of the processor."""

SIZES = (100, 10_000, 100_000)
REPEATS = 5
TIME = "2026-11-22T20:00:00.000+00:00"


def main() -> int:
    app = QApplication(sys.argv[:1])
    found: dict[str, list[Times]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for persons in SIZES:
            for what, times in measure(write(Path(folder) / f"{persons}.diffannot", persons)):
                found.setdefault(what, []).append(times)
    tell(f"{'ms':<34}" + "".join(f"{persons:>18,}" for persons in SIZES))
    for what, each in found.items():
        cells = (f"{1e3 * clock:.1f} ({1e3 * processor:.1f})" for clock, processor in each)
        tell(f"{what:<34}" + "".join(f"{cell:>18}" for cell in cells))
    app.processEvents()
    return 0


def measure(path: Path) -> list[tuple[str, Times]]:
    """Do what a reviewer does; the middle of some repeats each, the first one of opening.

    As in the window, garbage is not collected on the way; see `app.collector`.
    """
    gc.disable()
    begun = now()
    project = Project.open(path)
    columns = project.columns()
    rows = Rows(columns)
    opened = since(begun)
    panel, history = PeoplePanel(), HistoryPanel()
    panel.resize(260, 700)
    panel.show()

    def show(listed: Rows) -> Callable[[], None]:
        def shown() -> None:
            panel.show_rows(path, listed, {})
            panel.show_current(listed.place(listed.undecided_after(None)))
            panel.grab()

        return shown

    hard = Rows(columns, View(Order.GAIN, "#dark is:undecided"))
    found = [
        ("store: open and list", opened),
        ("window: show the list", once(show(rows))),
        ("store: first word typed", once(lambda: Rows(columns, View(filter="picture_7")))),
        ("store: words typed", middle(lambda: Rows(columns, View(filter="picture_77 -x")))),
        ("store: tag, state, by gain", middle(lambda: Rows(columns, hard.view))),
        ("store: score", middle(lambda: Rows(columns, View(Order.SCORE, "score>4 gain<9")))),
        ("window: show what was filtered", once(show(hard))),
        ("window: next undecided", middle(lambda: rows.undecided_after(rows.all[5].id))),
        ("window: next person", middle(lambda: rows.beside(rows.all[5].id, 1))),
        ("window: next picture", middle(lambda: rows.other_picture(rows.all[5].id, 1))),
    ]
    person = rows.all[-1].id

    def decide() -> None:
        project.decide(Flag(person))
        Rows(project.reread(columns, [person]), rows.view)

    def turn() -> None:
        project.undo()
        project.redo()

    found += [("store: decide and list anew", middle(decide)), ("store: undo, redo", middle(turn))]
    page = project.history()
    history.model.want = lambda _below, done: done(page)
    found += [
        ("store: a page of the history", middle(project.history)),
        ("window: show the history", once(history.model.begin)),
    ]
    panel.close()
    project.close()
    gc.enable()
    return found


def write(path: Path, persons: int) -> Path:
    """Write a project by SQL; decisions of a tenth, and as many entries of the journal."""
    Project.create(path).close()
    draw = np.random.default_rng(0)
    gains, scores = draw.uniform(0, 40, persons), draw.uniform(0, 0.1, persons)
    ids = range(1, persons + 1)
    base = sqlite3.connect(path)
    base.executemany(
        "INSERT INTO image (id, path, sha256, width, height) VALUES (?, ?, ?, 640, 480)",
        ((key, f"folder/picture_{key}.jpg", f"{key:064x}") for key in ids),
    )
    base.executemany(
        "INSERT INTO person (id, image_id, number, x, y, width, height, note, state, theta1_id, "
        "run_id, tags, decided_by, decided_at) VALUES (?, ?, 1, 0, 0, 9, 9, '', ?, ?, ?, ?, ?, ?)",
        (
            (key, key, "flagged", key, key, "", "ann", TIME)
            if key % 10 == 0
            else (key, key, "undecided", key, key, "dark" if key % 7 == 0 else "", None, None)
            for key in ids
        ),
    )
    base.executemany(
        "INSERT INTO theta1 (id, person_id, frontend, weights_sha256, detail, arrays) "
        "VALUES (?, ?, 'x', '', '', x'00')",
        ((key, key) for key in ids),
    )
    base.executemany(
        "INSERT INTO run (id, person_id, theta1_id, time, refiner, weights_sha256, seed, "
        "body_sha256, steps, suggested_step, expected_gain, uncertainty, reason, parts, "
        "recommender, score, arrays) VALUES (?, ?, ?, ?, 'x', '', 0, '', 57, 9, ?, 1, 'lower', "
        "'[]', 'x', ?, zeroblob(600))",
        ((key, key, key, TIME, gains[key - 1], scores[key - 1]) for key in ids),
    )
    base.executemany(
        "INSERT INTO journal (time, who, act, person_id, decision) "
        "VALUES (?, 'ann', 'decide', ?, ?)",
        (
            (TIME, key, json.dumps({"kind": "flag", "person_id": key}))
            for key in (1 + (10 * n) % persons for n in range(persons))
        ),
    )
    base.commit()
    base.close()
    return path


def now() -> Times:
    return time.perf_counter(), time.process_time()


def since(begun: Times) -> Times:
    clock, processor = now()
    return clock - begun[0], processor - begun[1]


def once(act: Callable[[], object]) -> Times:
    begun = now()
    act()
    return since(begun)


def middle(act: Callable[[], object]) -> Times:
    clock, processor = np.median([once(act) for _ in range(REPEATS)], axis=0)
    return float(clock), float(processor)


def tell(line: str) -> None:
    print(line)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    sys.exit(main())
