"""How commands talk: progress and failures on standard error, results on standard output."""

import json
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from core.jobs import Job, Report, finish
from core.progress import Progress

ERRORS = Console(stderr=True, highlight=False, soft_wrap=True)
OUTPUT = Console(highlight=False, soft_wrap=True)

T = TypeVar("T")

SOME_FAILED = 1
WRONG_USE = 2
STOPPED = 130
"""Exit status after Ctrl-C, as shells have it."""


def run(job: Job) -> Report:
    """Run a job with a progress bar, and name what failed."""
    report = follow(job)
    for failure in report.failures:
        complain(f"failed: {failure}")
    for note in report.notes:
        complain(f"note: {note}")
    return report


def follow(steps: Generator[Progress, None, T], aloud: bool = False) -> T:
    """Run something with a progress bar, or aloud with a line for each news; return its result."""
    with _bar(aloud) as show:
        return finish(steps, show)


def watch(steps: Iterator[Progress]) -> None:
    """Run something that only makes progress, with a progress bar, or a line for each news."""
    with _bar(aloud=True) as show:
        for progress in steps:
            show(progress)


def tell(
    report: Report, what: str, as_json: bool, rest: str = "needed nothing", **figures: Any
) -> NoReturn:
    """Print the outcome of a command and end it; `what` was done, and the `rest` in words."""
    failed = len(report.failures)
    if as_json:
        outcome = {
            "done": report.done,
            "skipped": report.skipped,
            "failures": report.failures,
            "notes": report.notes,
        }
        print_json({**outcome, **figures})
    else:
        parts = [f"{report.done} {what}"]
        parts += [f"{report.skipped} {rest}"] if report.skipped else []
        parts += [f"{failed} failed"] if failed else []
        OUTPUT.print("; ".join(parts), markup=False)
    raise typer.Exit(SOME_FAILED if failed else 0)


def print_json(data: Any) -> None:
    """Print JSON, and nothing else, on standard output."""
    sys.stdout.write(json.dumps(data, indent=2, allow_nan=False) + "\n")


def complain(message: str) -> None:
    """Print one line on standard error."""
    ERRORS.print(message.replace("\n", " "), markup=False)


@contextmanager
def _bar(aloud: bool = False) -> Iterator[Callable[[Progress], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    # a process that another one started for its training leaves the bar to that one
    shown = ERRORS.is_terminal and os.environ.get("LOCAL_RANK", "0") == "0"
    with Bar(*columns, console=ERRORS, transient=True, disable=not shown) as bar:
        task, said = bar.add_task("starting", total=None), ""

        def show(progress: Progress) -> None:
            nonlocal said
            if aloud and progress.message != said and not ERRORS.is_terminal:
                complain(f"{progress.done}/{progress.total} {progress.message}")
            said = progress.message
            bar.update(
                task,
                completed=progress.done,
                total=progress.total,
                description=escape(progress.message),
            )

        yield show
