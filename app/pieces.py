"""A long job of the model thread, done a piece at a time: what is urgent goes in between."""

from collections.abc import Callable, Generator
from typing import Any

from app.worker import Ticket, Worker
from core.progress import Progress

Steps = Generator[Progress, None, Any]
_GOES_ON = object()


class Pieces:
    """Runs a generator on a worker, each step a job of its own.

    Parameters
    ----------
    worker : Worker
        Whose thread it runs on.
    steps : generator of Progress
        Made here, begun and ended there.
    done, failed : callable
        Told what it returns, or what went wrong.
    priority : int
        Of each step.
    """

    def __init__(
        self,
        worker: Worker,
        steps: Steps,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        priority: int,
    ) -> None:
        self._worker, self._steps, self._priority = worker, steps, priority
        self._done, self._failed = done, failed
        self._ticket: Ticket = self._go_on()

    def cancel(self) -> None:
        """Call it off; what it holds is let go on its thread."""
        self._ticket.cancel()
        self._worker.submit(lambda _: self._steps.close())

    def _go_on(self) -> Ticket:
        return self._worker.submit(
            lambda _: self._step(), self._told, self._failed, priority=self._priority
        )

    def _step(self) -> object:
        try:
            next(self._steps)
        except StopIteration as end:
            return end.value
        return _GOES_ON

    def _told(self, value: object) -> None:
        if value is _GOES_ON:
            self._ticket = self._go_on()
        else:
            self._done(value)
