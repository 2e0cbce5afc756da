"""Where networks and bodies compute, decided in one place, and what to do when that is full."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from core.errors import DiffAnnotError, UnreadableInput

T = TypeVar("T")


def device_named(name: str) -> torch.device:
    """Return the device of a name: `cpu`, `cuda`, or `auto`, a GPU where there is one.

    A body is put there (`BodyModel.on`), and what is made with that body computes there.

    Raises
    ------
    UnreadableInput
        There is no such device here.
    """
    there = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if there else "cpu")
    if name not in ("cpu", "cuda"):
        raise UnreadableInput(f"There is no device named {name}", "Say auto, cpu or cuda")
    if name == "cuda" and not there:
        raise UnreadableInput(
            "torch sees no GPU", "Say --device cpu, or install a torch built for your GPU"
        )
    return torch.device(name)


def in_batches(
    work: Callable[[slice], Sequence[T]], count: int, most: int
) -> Iterator[Sequence[T]]:
    """Work through a number of rows, half as many at once each time that memory runs out.

    Parameters
    ----------
    work : callable
        Works on a run of rows.
    count : int
        Rows in all.
    most : int
        Rows at once, to begin with.

    Yields
    ------
    sequence
        What `work` made of each run, in their order.

    Raises
    ------
    DiffAnnotError
        The device has no room for one row alone.
    """
    start = 0
    while start < count:
        rows = slice(start, min(start + most, count))
        done = _unless_full(work, rows)
        if done is not None:
            yield done
            start = rows.stop
        elif rows.stop - start == 1:
            raise DiffAnnotError("The GPU has no room for one person", "Say --device cpu")
        else:
            most = (rows.stop - start) // 2


def _unless_full(work: Callable[[slice], Sequence[T]], rows: slice) -> Sequence[T] | None:
    try:
        return work(rows)
    except torch.OutOfMemoryError:
        pass
    # out of the handler, which keeps the frames alive that hold what was made so far
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None
