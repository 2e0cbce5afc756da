"""One thread that serves jobs for the window and hands results back to the window's thread."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.i18n import tr
from app.said import explained
from core.errors import Cancelled, DiffAnnotError
from core.progress import CancelToken, Progress

log = logging.getLogger(__name__)

Job = Callable[[CancelToken], Any]


@dataclass(eq=False)
class Ticket:
    """What the asker keeps of a job: the means to call it off."""

    done: Callable[[Any], None] | None
    failed: Callable[[Exception], None] | None
    progress: Callable[[Progress], None] | None
    token: CancelToken = field(default_factory=CancelToken)

    def cancel(self) -> None:
        """Stop the job at its next check; its result is dropped."""
        self.token.cancel()


def explain(error: Exception) -> str:
    """Say in one line what went wrong."""
    if isinstance(error, DiffAnnotError):
        return explained(error)
    return tr("Something went wrong: {error!r}", error=error)


class Worker(QObject):
    """Runs jobs one at a time; lower priority numbers first.

    A job takes a `CancelToken` and returns its result; or it is a generator of `Progress` whose
    return value is the result. Callbacks run on the thread that made the worker, and never for a
    job that was cancelled.

    Parameters
    ----------
    name : str
        Name of the thread.
    newest_first : bool
        Whether the newest of equally urgent jobs is served first, or the oldest.
    """

    _delivered = Signal(object)

    def __init__(self, name: str, newest_first: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._direction = -1 if newest_first else 1
        self._waiting: list[tuple[int, int, Job, Ticket]] = []
        self._running: Ticket | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._numbers = itertools.count()
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(
        self,
        job: Job,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        progress: Callable[[Progress], None] | None = None,
        priority: int = 0,
    ) -> Ticket:
        """Ask for a job to be run; a worker that is closed drops it."""
        ticket = Ticket(done, failed, progress)
        if self._closed:
            ticket.cancel()
            return ticket
        with self._lock:
            number = self._direction * next(self._numbers)
            heapq.heappush(self._waiting, (priority, number, job, ticket))
        self._executor.submit(self._serve_next)
        return ticket

    def close(self) -> None:
        """Call off what runs and what waits, then join the thread."""
        self._closed = True
        with self._lock:
            for *_, ticket in self._waiting:
                ticket.cancel()
            if self._running:
                self._running.cancel()
        self._executor.shutdown(wait=True)

    def finish(self) -> None:
        """Let everything that was asked for be done, then join the thread; nothing is told."""
        self._closed = True
        self._executor.shutdown(wait=True)

    def _serve_next(self) -> None:
        with self._lock:
            _, _, job, ticket = heapq.heappop(self._waiting)
            self._running = ticket
        if not ticket.token.cancelled:
            self._serve(job, ticket)
        with self._lock:
            self._running = None

    def _serve(self, job: Job, ticket: Ticket) -> None:
        try:
            result = job(ticket.token)
            if isinstance(result, Generator):
                result = self._exhaust(result, ticket)
            self._send(ticket, ticket.done, result)
        except Cancelled:
            return
        except Exception as error:
            log.debug("A job failed", exc_info=True)
            self._send(ticket, ticket.failed, error)

    def _exhaust(self, steps: Generator[Progress, None, Any], ticket: Ticket) -> Any:
        try:
            while True:
                ticket.token.check()
                self._send(ticket, ticket.progress, next(steps))
        except StopIteration as stop:
            return stop.value
        finally:
            steps.close()

    def _send(self, ticket: Ticket, callback: Callable[[Any], None] | None, value: Any) -> None:
        if callback is not None:
            self._delivered.emit((ticket, callback, value))

    @Slot(object)
    def _deliver(self, parcel: tuple[Ticket, Callable[[Any], None], Any]) -> None:
        ticket, callback, value = parcel
        if not (ticket.token.cancelled or self._closed):
            callback(value)
