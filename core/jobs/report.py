"""What a job hands back when it is through."""

from collections.abc import Generator
from dataclasses import dataclass

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
    """

    done: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()


Job = Generator[Progress, None, Report]
"""A job: iterate it for progress; its return value is the report."""
