"""What the window keeps to show it again: the longest unused goes first. Every bound is here.

What is not here is bounded by what is on screen, or is the project's list itself.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

MB = 2**20

FRAMES = 256 * MB
"""Drawn steps of all panels; one of 512 px takes 1 MB, with its outline 2."""

PHOTOGRAPHS = 32 * MB
"""Photographs in all their sizes; the four at hand however large: of 12 megapixels 64 MB each."""

POSES = 64 * MB
"""Bodies of all steps of a person, also composed or refined to compare; 58 steps take 5 MB."""

OTHERS = 1 * MB
"""Bodies of the others in the shown picture; one takes 80 kB."""

PERSONS = 1 * MB
"""What the project says of a person; 58 steps take 20 kB."""

THUMBNAILS = 4 * MB
"""Pictures of the list; one takes 8 kB, on a display of twice the density 30 kB."""

PLAYED = 32 * MB
"""Bodies of a track that is played; twelve frames take 1 MB."""


class Kept(Generic[Key, Value]):
    """Values by key, no larger together than a bound, but always some of the newest.

    Parameters
    ----------
    most : int
        Bytes.
    size : callable
        Bytes of a value.
    least : int
        How many are kept however large they are.
    """

    def __init__(self, most: int, size: Callable[[Value], int], least: int = 1) -> None:
        self._most, self._size, self._least = most, size, least
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self.bytes = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        """Return a value that is still there; it is the newest now."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def keep(self, key: Key, value: Value) -> None:
        """Keep a value, in the place of another of the same key; drop what is too much."""
        self._drop(key)
        size = self._size(value)
        self._values[key] = value, size
        self.bytes += size
        while self.bytes > self._most and len(self._values) > self._least:
            self._drop(next(iter(self._values)))

    def clear(self) -> None:
        """Drop everything."""
        self._values.clear()
        self.bytes = 0

    def _drop(self, key: Key) -> None:
        if key in self._values:
            self.bytes -= self._values.pop(key)[1]
