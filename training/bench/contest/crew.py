"""Work spread over processes: one a core, with one thread each.

A batch gives the same numbers in whichever process and in whatever order, so how many there are is
no choice that a table hangs on.
"""

import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence, Sized
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, TypeVar

import torch

from core.errors import DiffAnnotError
from core.progress import CancelToken, Progress


class Batch(Protocol):
    """What one process does at once."""

    @property
    def people(self) -> Sized:
        """To whom."""

    @property
    def words(self) -> str:
        """What is done, for whoever waits."""


B = TypeVar("B", bound=Batch)
R = TypeVar("R")


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Crew:
    """So many processes; of one, this process does the work.

    Parameters
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._threads = torch.get_num_threads()
        self._pool = ProcessPoolExecutor(count, get_context("spawn"), _alone) if count > 1 else None

    def __enter__(self) -> "Crew":
        if self._pool is None:
            _alone()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is None:
            torch.set_num_threads(self._threads)
        else:
            self._pool.shutdown(cancel_futures=True)

    def work(
        self, do: Callable[[B], R], batches: Sequence[B], cancel: CancelToken
    ) -> Generator[Progress, None, list[R]]:
        """Do all batches; results come in the batches' order.

        Parameters
        ----------
        do : callable
            A function of a module: other processes find it by its name.
        batches : sequence
            What it is given, one by one.
        cancel : CancelToken
            Looked at after each.

        Raises
        ------
        Cancelled
            Someone asked to stop.
        DiffAnnotError
            A process died.
        """
        results: dict[int, R] = {}
        done, total = 0, sum(len(one.people) for one in batches)
        for number, result in self._results(do, batches):
            results[number] = result
            cancel.check()
            done += len(batches[number].people)
            yield Progress(done, total, batches[number].words)
        return [results[number] for number in range(len(batches))]

    def _results(self, do: Callable[[B], R], batches: Sequence[B]) -> Iterator[tuple[int, R]]:
        if self._pool is None:
            for number, batch in enumerate(batches):
                yield number, do(batch)
            return
        try:
            with _unheard():
                waiting: dict[Future[R], int] = {
                    self._pool.submit(do, batch): number for number, batch in enumerate(batches)
                }
            for future in as_completed(waiting):
                yield waiting.pop(future), future.result()
        except BrokenProcessPool as error:
            raise DiffAnnotError(
                f"One of {self.count} processes of the bench died",
                "Memory may be short: run it on fewer cores, as by taskset -c 0",
            ) from error


def _alone() -> None:
    torch.set_num_threads(1)


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep Ctrl-C from processes that are started within: who started them ends them, and says so.

    They take over which signals are held back; this process hears it a moment later.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
