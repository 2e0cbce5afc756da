"""Progress and cancellation of long jobs, which are plain generators of `Progress`."""

from dataclasses import dataclass, field
from threading import Event

from core.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """One message of a job: `done` of `total` items, and what was just done."""

    done: int
    total: int
    message: str = ""


@dataclass(frozen=True)
class CancelToken:
    """Set by whoever waits; looked at by the job between pieces of work."""

    _event: Event = field(default_factory=Event, repr=False)

    def cancel(self) -> None:
        """Ask the job to stop at the next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether someone asked for a stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if someone asked for a stop."""
        if self.cancelled:
            raise Cancelled("The job was cancelled")
