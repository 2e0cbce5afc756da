"""The models' process: serves one request after the other until the window is gone.

`app.model_process` starts it and asks.
"""

import logging
import os
import pickle
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Generator
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from queue import SimpleQueue
from threading import Thread
from typing import Any, cast

from app import i18n, parcels
from app.models import Models
from app.parcels import Ask, Cancel, Failed, Foreign, GoOn, Leave, Told
from core.progress import CancelToken

log = logging.getLogger(__name__)


class Server:
    """Does what is asked through a socket, on the thread that runs it.

    A job that is a generator is done a piece at a time, each when it is asked for.

    Parameters
    ----------
    end : socket
        To the window.
    models : Models
        Whose methods are called.
    """

    def __init__(self, end: socket.socket, models: Models) -> None:
        self._end, self._models = end, models
        self._asked: SimpleQueue[Ask | GoOn | Leave | None] = SimpleQueue()
        self._tokens: dict[int, CancelToken] = {}
        self._jobs: dict[int, Generator[Any, None, Any]] = {}

    def run(self) -> None:
        """Serve until the other end is closed."""
        Thread(target=self._listen, daemon=True).start()
        while (message := self._asked.get()) is not None:
            self._serve(message)
        for job in self._jobs.values():
            job.close()

    def _listen(self) -> None:
        """Hear also while a job runs: that it is called off, and that the window is no more."""
        try:
            while True:
                self._hear(parcels.receive(self._end))
        except (EOFError, OSError):
            log.debug("The window is gone")
        except Exception:
            log.exception("What the window asks cannot be read")
        for token in list(self._tokens.values()):
            token.cancel()
        self._asked.put(None)
        time.sleep(parcels.GRACE)
        os._exit(0)

    def _hear(self, message: Ask | GoOn | Leave | Cancel) -> None:
        if isinstance(message, Cancel):
            if token := self._tokens.get(message.job):
                token.cancel()
            return
        if isinstance(message, Ask):
            self._tokens[message.job] = CancelToken()
        self._asked.put(message)

    def _serve(self, message: Ask | GoOn | Leave) -> None:
        answer: Told | Failed | None = None
        try:
            if isinstance(message, Leave):
                self._forget(message.job)
            else:
                answer = told = self._do(message)
                if told.over:
                    self._forget(message.job)
        except Exception as error:
            log.debug("A job failed", exc_info=True)
            self._forget(message.job)
            answer = None if isinstance(message, Leave) else Failed(_sendable(error))
        if answer is not None:
            with suppress(OSError):  # the window is gone; who listens knows
                parcels.send(self._end, answer)

    def _do(self, message: Ask | GoOn) -> Told:
        result = self._call(message) if isinstance(message, Ask) else self._jobs[message.job]
        if not isinstance(result, Generator):
            return Told(result, over=True)
        self._jobs[message.job] = result
        try:
            return Told(next(result), over=False)
        except StopIteration as end:
            return Told(end.value, over=True)

    def _call(self, ask: Ask) -> Any:
        self._models.preferences = ask.preferences
        i18n.choose(ask.language)
        token = (self._tokens[ask.job],) if ask.cancellable else ()
        return getattr(self._models, ask.method)(*ask.arguments, *token)

    def _forget(self, job: int) -> None:
        self._tokens.pop(job, None)
        if steps := self._jobs.pop(job, None):
            steps.close()


def _sendable(error: Exception) -> Exception:
    """Return an error that says where it was raised, and arrives as it was sent."""
    where = traceback.format_exc()
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        log.debug("An error that cannot be sent", exc_info=True)
        error = Foreign(repr(error))
    error.add_note(where)
    return error


def main() -> None:
    """Serve the socket and the kind of models that the command line names."""
    number, module, kind = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window's to answer
    cast(TextIOWrapper, sys.stdout).reconfigure(line_buffering=True)  # it may be ended any time
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # as `app.cli` does
    models = getattr(import_module(module), kind)()
    Server(socket.socket(fileno=int(number)), models).run()
    os._exit(0)  # at once: nothing is left to be written


if __name__ == "__main__":
    main()
