"""A long job of the model thread, done a piece at a time: what is urgent goes in between."""

from collections.abc import Callable, Generator
from typing import Any

from app.worker import Ticket, Worker
from core.progress import CancelToken, Progress

Steps = Generator[Progress, None, Any]


class Pieces:
    """Runs a generator on a worker, each step a job of its own.

    Parameters
    ----------
    worker : Worker
        Whose thread it runs on.
    make : callable
        Makes the generator, here; it begins and ends there, and looks at the token meanwhile.
    done, failed : callable
        Told what it returns, or what went wrong.
    priority : int
        Of each step.
    progress : callable
        Told each step.
    """

    def __init__(
        self,
        worker: Worker,
        make: Callable[[CancelToken], Steps],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        priority: int,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._worker, self._priority = worker, priority
        self._done, self._failed, self._progress = done, failed, progress
        self._token = CancelToken()
        self._steps = make(self._token)
        self._ticket: Ticket = self._go_on()

    def cancel(self) -> None:
        """Call it off; what it holds is let go on its thread."""
        self._token.cancel()
        self._ticket.cancel()
        self._worker.submit(lambda _: self._steps.close())

    def _go_on(self) -> Ticket:
        return self._worker.submit(
            lambda _: self._step(), self._told, self._failed, priority=self._priority
        )

    def _step(self) -> tuple[bool, Any]:
        try:
            return False, next(self._steps)
        except StopIteration as end:
            return True, end.value

    def _told(self, step: tuple[bool, Any]) -> None:
        over, value = step
        if over:
            self._done(value)
        else:
            self._ticket = self._go_on()
            self._progress(value)
