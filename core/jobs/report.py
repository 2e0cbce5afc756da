"""What a job hands back when it is through."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeVar

from core.progress import Progress


@dataclass(frozen=True)
class Report:
    """Outcome of a job.

    Parameters
    ----------
    done : int
        Items worked on.
    skipped : int
        Items that needed nothing.
    failures : tuple of str
        One line for each item that failed: its name and why. The rest is kept.
    notes : tuple of str
        One line for each thing that was left out of all items on purpose.
    """

    done: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Job = Generator[Progress, None, Report]
"""A job: iterate it for progress; its return value is the report."""


T = TypeVar("T")


@dataclass
class Tally:
    """A report in the making."""

    done: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fail(self, name: str, why: object) -> None:
        """Name an item that failed, and why."""
        self.failures.append(f"{name}: {why}")

    def add(self, report: Report) -> None:
        """Count in the report of a part."""
        self.done += report.done
        self.skipped += report.skipped
        self.failures.extend(report.failures)
        self.notes.extend(report.notes)

    def report(self) -> Report:
        """Return the report."""
        return Report(self.done, self.skipped, tuple(self.failures), tuple(self.notes))


def finish(
    job: Generator[Progress, None, T], tell: Callable[[Progress], object] | None = None
) -> T:
    """Run a job to its end, telling its progress, and return its report, or whatever it makes."""
    while True:
        try:
            progress = next(job)
        except StopIteration as end:
            made: T = end.value
            return made
        if tell is not None:
            tell(progress)
