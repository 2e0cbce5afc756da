"""Reading arrays out of MATLAB files, version 5 and 7.3; sizes are capped, nothing is run.

Version 5 is read here (MAT-File Format, MathWorks, chapter 1): scipy's reader believes what a file
says of itself, and a damaged one ends the process.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.safe_reader import LARGEST

_TORN = (
    OSError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, MemoryError,
    RuntimeError, zlib.error, struct.error,
)  # fmt: skip
"""What zlib and h5py raise on files that are torn or made to harm."""

_HEADER, _MATRIX, _COMPRESSED = 128, 14, 15
_CELL, _COMPLEX, _DEEPEST = 1, 0x800, 8
_STORED = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"
}  # fmt: skip
"""How the numbers lie in the file, by the type of an element (table 1-1)."""
_CLASSES = dict(enumerate(("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"), start=6))
"""What they are, by the class of an array (table 1-3); texts and structures are not read."""
_NAME = 1 << 12
"""Bytes of a variable in which its name is sought."""


def read_mat5(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Read variables of a MATLAB 5 file; cell arrays come as arrays of objects.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, too large, of another version, or a variable is missing.
    """
    try:
        found = {}
        for data, order in _elements(path, LARGEST):
            if (name := _name(data, order)) in names:
                found[name] = _array(data, order)
        return {name: found[name] for name in names}
    except _TORN as error:
        raise _unreadable(path, error) from error


def read_mat73(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Read numbers of a MATLAB 7.3 file (HDF5); its axes come in reverse order.

    Raises
    ------
    UnreadableInput
        As `read_mat5`; or an array lies in another file.
    """
    with _opened(path) as file:
        arrays = {name: file[name] for name in names}
        if any(array.external or array.is_virtual for array in arrays.values()):
            raise ValueError("it points to other files")
        if sum(array.nbytes for array in arrays.values()) > LARGEST:
            raise ValueError(f"it holds more than {LARGEST >> 30} GiB")
        return {name: np.asarray(array[()]) for name, array in arrays.items()}


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file of HDF5, and turn what goes wrong inside into words."""
    try:
        import h5py
    except ImportError as error:
        raise UnreadableInput(
            f"{path} needs h5py to be read", "pip install 'diffannot[train]'"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            yield file
    except _TORN as error:
        raise _unreadable(path, error) from error


def names_in(path: Path) -> frozenset[str]:
    """Return the names of the variables of a MATLAB file, reading no values.

    Raises
    ------
    UnreadableInput
        The file is torn, or h5py is missing.
    """
    with path.open("rb") as file:
        newer = not file.read(8).startswith(b"MATLAB 5")
    if newer:
        with _opened(path) as names:
            return frozenset(names)
    try:
        return frozenset(_name(data, order) for data, order in _elements(path, _NAME))
    except _TORN as error:
        raise _unreadable(path, error) from error


def _elements(path: Path, most: int) -> Iterator[tuple[memoryview, str]]:
    """Yield the variables of a MATLAB 5 file, unpacked, the first bytes of each, with their order.

    Raises
    ------
    ValueError
        All of them unfold to more than `LARGEST`.
    """
    total = 0
    with path.open("rb") as file:
        header = file.read(_HEADER)
        order = ">" if header[126:128] == b"MI" else "<"
        while tag := file.read(8):
            kind, size = struct.unpack(f"{order}II", tag)
            end = file.tell() + size
            data = file.read(min(size, most))
            if kind == _COMPRESSED:
                data = zlib.decompressobj().decompress(data, most)
            else:
                data = tag + data
            total += len(data)
            if total >= LARGEST:
                raise ValueError(f"it unfolds to more than {LARGEST >> 30} GiB")
            yield memoryview(data), order
            file.seek(end)


def _name(data: memoryview, order: str) -> str:
    """Return the name of a variable; other elements have none."""
    kind, _ = struct.unpack(f"{order}II", data[:8])
    if kind != _MATRIX or len(data) <= 8:
        return ""
    rest = data[8:]
    for _ in range(2):  # flags, sides
        _, _, rest = _part(rest, order)
    return bytes(_part(rest, order)[1]).decode("latin1")


def _array(data: memoryview, order: str, depth: int = 0) -> NDArray[Any]:
    """Return the array of an element: numbers, or a cell array of such."""
    kind, body, _ = _part(data, order)
    if kind != _MATRIX or depth > _DEEPEST:
        raise ValueError("it holds something that is no array")
    if not body:
        return np.zeros((0, 0))
    _, flags, rest = _part(body, order)
    _, sides, rest = _part(rest, order)
    _, _, rest = _part(rest, order)
    shape = struct.unpack(f"{order}{len(sides) // 4}i", sides)
    of = struct.unpack(f"{order}I", flags[:4])[0]
    if of & 0xFF == _CELL:
        cells = []
        while rest:
            cells.append(_array(rest, order, depth + 1))
            _, _, rest = _part(rest, order)
        made = np.empty(len(cells), dtype=object)
        for place, cell in enumerate(cells):
            made[place] = cell
        return made.reshape(shape, order="F")
    if of & 0xFF not in _CLASSES or of & _COMPLEX:
        raise ValueError("it holds an array of a kind that is not read")
    stored, numbers, _ = _part(rest, order)
    values = np.frombuffer(numbers, f"{order}{_STORED[stored]}").astype(_CLASSES[of & 0xFF])
    return values.reshape(shape, order="F")


def _part(data: memoryview, order: str) -> tuple[int, memoryview, memoryview]:
    """Return the type of the first element of some bytes, its content, and what comes after."""
    kind, size = struct.unpack(f"{order}II", data[:8])
    if kind >> 16:  # four bytes or less lie in the tag itself
        return kind & 0xFFFF, data[4 : 4 + min(kind >> 16, 4)], data[8:]
    if size > len(data) - 8:
        raise ValueError("it ends too early")
    return kind, data[8 : 8 + size], data[8 + size + -size % 8 :]


def _unreadable(path: Path, error: Exception) -> UnreadableInput:
    if not path.exists():
        return UnreadableInput(f"There is no file {path}")
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UnreadableInput(f"Cannot read {path}: {reason}", "Fetch it again if it was cut short")
