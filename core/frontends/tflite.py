"""One way to run a TensorFlow Lite file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

THREADS = 2


class TfliteModel:
    """A network with one input and outputs that differ in their last dimension or number of axes.

    Not thread safe: it belongs to the thread that runs inference.
    """

    def __init__(self, path: Path) -> None:
        with _without_greeting():
            self._interpreter = Interpreter(str(path), num_threads=THREADS)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = {
            tuple(int(size) for size in detail["shape"]): detail["index"]
            for detail in self._interpreter.get_output_details()
        }

    def __call__(self, pixels: NDArray[np.floating]) -> dict[tuple[int, ...], NDArray[np.float32]]:
        """Run on a batch of one, (1, H, W, 3); returns the outputs by their shapes."""
        self._interpreter.set_tensor(self._input, pixels.astype(np.float32))
        self._interpreter.invoke()
        return {
            shape: self._interpreter.get_tensor(index) for shape, index in self._outputs.items()
        }


@contextmanager
def _without_greeting() -> Iterator[None]:
    """Keep the library from writing `INFO: Created ...` to standard error, past any switch."""
    try:
        kept = os.dup(2)
    except OSError:  # no standard error, as in a windowed process
        yield
        return
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
