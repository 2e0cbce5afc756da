"""Models without torch, for tests of the process that models have of their own."""

import logging
import os
import signal
import time
import warnings
from collections.abc import Generator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.i18n import tr
from app.models import Models
from core.errors import DiffAnnotError
from core.progress import CancelToken, Progress


class NeedsTwo(Exception):
    """Cannot be made again from its pickle."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(one)


class ToyModels(Models):
    def pid(self) -> int:
        return os.getpid()

    def twice(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        return 2 * array

    def refiner_and_words(self) -> tuple[str, str]:
        return self.preferences.refiner, tr("Open project")

    def fail(self, error: Exception) -> None:
        raise error

    def fail_strangely(self) -> None:
        raise NeedsTwo(1, 2)

    def mutter(self) -> None:
        logging.getLogger("toys").warning("a line of the log")
        print("printed")  # noqa: T201
        warnings.warn("to whoever wrote it", stacklevel=1)

    def die(self, number: int) -> None:
        os.kill(os.getpid(), number)
        signal.pause()

    def spin(self) -> None:
        """Compute without end, and let nobody in."""
        while True:
            pass

    def count(self, last: int) -> Generator[Progress, None, int]:
        for number in range(last):
            yield Progress(number, last, str(os.getpid()))
        return last

    def until_cancelled(self, mark: Path, token: CancelToken) -> Generator[Progress, None, None]:
        """Leave a mark beside `mark` for each item, and take away what is half done."""
        half = mark.with_suffix(".half")
        try:
            yield Progress(0, 0, "begun")
            mark.write_text("whole")
            half.write_text("half")
            while True:
                time.sleep(0.005)
                token.check()
        finally:
            half.unlink(missing_ok=True)

    def refuse(self) -> Generator[Progress, None, None]:
        yield Progress(0, 1)
        raise DiffAnnotError("It cannot be done", "Do something else")
