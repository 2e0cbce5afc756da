"""What the window's process and the models' process tell each other, and how it is sent.

Values are pickled, and the memory of their arrays goes beside the pickle: it is received straight
into its place while the interpreter's lock is let go, so that the bodies of a person (5 MB) do not
stop the window. Only for a socket whose other end is a process of ours: a pickle may run anything.
"""

import pickle
import select
import socket
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.preferences import Preferences

GRACE = 1.0
"""Seconds in which the models' process ends what it writes once the window is gone."""

_COUNT = struct.Struct("!I")


@dataclass(frozen=True)
class Ask:
    """Call a method of the models; answered by `Told` or `Failed`.

    Parameters
    ----------
    job : int
        A new number.
    method : str
        Its name.
    arguments : tuple
        Without the `CancelToken`.
    cancellable : bool
        Whether a `CancelToken` is the last argument.
    preferences : Preferences
        By which to work from now on.
    language : str
        Of what is told, key of `app.i18n.LANGUAGES`.
    """

    job: int
    method: str
    arguments: tuple[Any, ...]
    cancellable: bool
    preferences: Preferences
    language: str


@dataclass(frozen=True)
class GoOn:
    """Do the next piece of a job that has told its progress; answered as `Ask` is."""

    job: int


@dataclass(frozen=True)
class Leave:
    """Close a job that has told its progress; not answered."""

    job: int


@dataclass(frozen=True)
class Cancel:
    """Set the token of a job; not answered."""

    job: int


@dataclass(frozen=True)
class Told:
    """What a job has come to: its result, or its progress where it is not over."""

    value: Any
    over: bool


@dataclass(frozen=True)
class Failed:
    """What went wrong in a job, which is over."""

    error: Exception


class Foreign(Exception):
    """An error that cannot be sent; it looks as the error did."""

    def __repr__(self) -> str:
        return str(self)


def send(end: socket.socket, value: object) -> None:
    """Send a value; where it cannot be pickled, nothing is sent."""
    beside: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(value, protocol=5, buffer_callback=beside.append)
    pieces = [memoryview(pickled), *(buffer.raw() for buffer in beside)]
    sizes = struct.pack(f"!{len(pieces)}Q", *(piece.nbytes for piece in pieces))
    end.sendall(_COUNT.pack(len(pieces)) + sizes)
    for piece in pieces:
        end.sendall(piece)


def receive(end: socket.socket) -> Any:
    """Wait for a value.

    Raises
    ------
    EOFError, OSError
        The other process has closed its end, or is no more.
    """
    (count,) = _COUNT.unpack(_take(end, _COUNT.size))
    sizes = struct.unpack(f"!{count}Q", _take(end, 8 * count))
    pickled, *beside = [_take(end, size) for size in sizes]
    return pickle.loads(pickled, buffers=beside)


def is_there(end: socket.socket, milliseconds: float) -> bool:
    """Wait so long for something to receive; tells whether there is, or the end is closed."""
    waiting = select.poll()
    waiting.register(end, select.POLLIN)
    return bool(waiting.poll(milliseconds))


def _take(end: socket.socket, size: int) -> memoryview:
    memory = np.empty(size, np.uint8).data  # no zeros before what comes
    taken = 0
    while taken < size:
        count = end.recv_into(memory[taken:], 0, socket.MSG_WAITALL)
        if count == 0:
            raise EOFError("The other process has closed its end")
        taken += count
    return memory
