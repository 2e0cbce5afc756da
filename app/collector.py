"""Python's garbage collector, run on the window's thread and only there.

Left alone, it runs on whatever thread happens to allocate: then Qt objects in cycles are destroyed
on a thread that is not theirs, and its passes while modules are imported stop the window again and
again.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class Collector(QObject):
    """Collects young garbage often and old garbage seldom, as Python would, from a timer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        if not gc.get_freeze_count():
            gc.freeze()  # once: what an earlier window has kept is to go with it
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def stop(self) -> None:
        """Leave collecting to Python again."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        if _loads.running:
            return
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return


class _Loads:
    """How many imports are under way; when the last is done, what has come with them stays.

    Where nothing new has come, nothing is frozen: garbage that is frozen is never freed.
    """

    def __init__(self) -> None:
        self.running = 0
        self._modules = 0
        self._lock = Lock()

    def begin(self) -> None:
        with self._lock:
            if self.running == 0:
                self._modules = len(sys.modules)
            self.running += 1

    def end(self) -> None:
        with self._lock:
            self.running -= 1
            if self.running == 0 and len(sys.modules) > self._modules:
                gc.freeze()  # modules stay; later passes need not look at them


_loads = _Loads()


@contextmanager
def loading() -> Iterator[None]:
    """Hold the collector back while modules are imported; from any thread."""
    _loads.begin()
    try:
        yield
    finally:
        _loads.end()
