"""The window's side of the models' process: the methods of `Models`, asked of another process.

So torch and matplotlib never take the interpreter from the window, and what kills them leaves the
window alive. `app.model_server` is the other side.
"""

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from inspect import isgeneratorfunction
from threading import Lock
from typing import Any, cast

from app import parcels
from app.i18n import language, mark, tr
from app.models import Models
from app.parcels import GRACE, Ask, Cancel, Failed, GoOn, Leave, Told
from app.preferences import Preferences
from core.errors import Cancelled, LostProcess
from core.progress import CancelToken, Progress

LOOK_MS = 20
"""Between two looks at whether a job was called off."""

KEPT = mark("What was finished is kept. Try again; if memory is short, close other programs")


class ModelProcess:
    """Has every method of `Models`, served by a process that is started when first needed.

    Where that has died, the job it was at fails with `LostProcess`, and the next job starts
    another. To be called on one thread, but for `close`.

    Parameters
    ----------
    kind : type of Models
        Made in the process.

    Attributes
    ----------
    preferences : Preferences
        By which the next job works.
    """

    def __init__(self, kind: type[Models] = Models) -> None:
        self._kind = kind
        self._child: _Child | None = None
        self._closed = False
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self.preferences = Preferences()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._kind, name)
        return partial(self._steps if isgeneratorfunction(method) else self._call, name)

    @property
    def process_id(self) -> int | None:
        """Of the process, None before the first job."""
        return None if self._child is None else self._child.process_id

    def close(self) -> None:
        """End the process; what it is at is called off. From any thread."""
        with self._lock:
            self._closed = True
        if self._child is not None:
            self._child.close()

    def _call(self, method: str, *arguments: Any) -> Any:
        ask, token = self._ask(method, arguments)
        return self._live_child().answer(ask, token).value

    def _steps(self, method: str, *arguments: Any) -> Generator[Progress, None, Any]:
        """Ask for each piece when it is wanted: other jobs may go between."""
        ask, token = self._ask(method, arguments)
        child, message = self._live_child(), cast("Ask | GoOn", ask)
        while not (told := child.answer(message, token)).over:
            try:
                yield told.value
            except GeneratorExit:
                child.tell(Leave(ask.job))
                raise
            message = GoOn(ask.job)
        return told.value

    def _ask(self, method: str, arguments: tuple[Any, ...]) -> tuple[Ask, CancelToken | None]:
        *given, last = arguments or (None,)
        token = last if isinstance(last, CancelToken) else None
        sent = arguments if token is None else tuple(given)
        job = next(self._numbers)
        ask = Ask(job, method, sent, token is not None, self.preferences, language())
        return ask, token

    def _live_child(self) -> "_Child":
        with self._lock:
            if self._closed:
                raise Cancelled("The window is closed")
            if self._child is not None and not self._child.lives:
                self._child.close()
                self._child = None
            if self._child is None:
                self._child = _Child(self._kind)
            return self._child


class _Child:
    """A process that serves, and our end of the socket to it."""

    def __init__(self, kind: type[Models]) -> None:
        self._closed = False
        self._talking = Lock()
        self._end, theirs = socket.socketpair()
        # it finds what we found, and nothing that lies in the folder we are in
        found = os.pathsep.join(path or "." for path in sys.path)
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.model_server", str(number),
                 kind.__module__, kind.__qualname__],
                stdin=subprocess.DEVNULL,
                pass_fds=[number],
                env={**os.environ, "PYTHONPATH": found},
            )  # fmt: skip

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def answer(self, message: Ask | GoOn, token: CancelToken | None) -> Told:
        """Send a message and wait for its answer, which may be an error."""
        try:
            with self._talking:
                parcels.send(self._end, message)
                if token is not None:
                    self._wait(message.job, token)
                told: Told | Failed = parcels.receive(self._end)
        except (EOFError, OSError) as error:
            if self._closed:
                raise Cancelled("The window is closed") from error
            raise self._lost() from error
        if isinstance(told, Failed):
            raise told.error
        return told

    def tell(self, message: Leave | Cancel) -> None:
        """Send what has no answer; one that is no more need not hear it."""
        with suppress(OSError):
            parcels.send(self._end, message)

    def close(self) -> None:
        """Close our end: the other side, if it lives, then leaves by itself, or is killed."""
        self._closed = self.lives
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)  # who waits for an answer hears it too
        self._wait_for_end()
        with self._talking:
            self._end.close()

    def _wait(self, job: int, token: CancelToken) -> None:
        while not parcels.is_there(self._end, LOOK_MS):
            if token.cancelled:
                parcels.send(self._end, Cancel(job))
                return

    def _wait_for_end(self) -> int:
        try:
            return self._process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _lost(self) -> LostProcess:
        status = self._wait_for_end()
        if status >= 0:
            how = tr("The models' process has ended (status {status})", status=status)
        else:
            name = signal.Signals(-status).name
            how = tr("The models' process was ended by {signal}", signal=name)
        return LostProcess(how, tr(KEPT))
