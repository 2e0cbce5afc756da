"""Reading arrays out of MATLAB files, version 5 and 7.3; sizes are capped, nothing is run."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io
from scipy.io.matlab import MatReadError

from core.errors import UnreadableInput
from core.safe_reader import LARGEST

_TORN = (
    OSError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, MemoryError,
    RuntimeError, NameError, zlib.error, struct.error, MatReadError,
)  # fmt: skip
"""What scipy and h5py raise on files that are torn or made to harm."""

_HEADER, _MATRIX, _COMPRESSED, _CHUNK = 128, 14, 15, 1 << 20
_CELL, _TEXT, _NUMBERS = 1, 4, range(6, 16)
"""Classes of arrays (MAT-File Format, table 1-3); structures and sparse ones are not read."""
_DEEPEST = 8


def read_mat5(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Read variables of a MATLAB 5 file; cell arrays come as arrays of objects.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, too large, of another version, or a variable is missing.
    """
    try:
        for element, order in _elements(path):
            _refuse_swollen(element, order, names)
        found = scipy.io.loadmat(path, variable_names=names)
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
        return frozenset(name for name, _, _ in scipy.io.whosmat(path))
    except _TORN as error:
        raise _unreadable(path, error) from error


def _elements(path: Path) -> Iterator[tuple[bytes, str]]:
    """Yield the variables of a MATLAB 5 file, unpacked, with their byte order."""
    total = 0
    with path.open("rb") as file:
        header = file.read(_HEADER)
        order = ">" if header[126:128] == b"MI" else "<"
        while tag := file.read(8):
            kind, size = struct.unpack(f"{order}II", tag)
            data = file.read(size) if size <= LARGEST else b""
            if len(data) != size:
                raise ValueError("it ends too early")
            if kind == _COMPRESSED:
                data = zlib.decompressobj().decompress(data, LARGEST + 1 - total)
            else:
                data = tag + data
            total += len(data)
            if total > LARGEST:
                raise ValueError(f"it unfolds to more than {LARGEST >> 30} GiB")
            yield data, order


def _refuse_swollen(
    data: bytes, order: str, names: tuple[str, ...] | None = None, depth: int = 0
) -> None:
    """Refuse arrays that say that they hold more than they have bytes: scipy makes room for it.

    `names` are the variables that count; of the arrays in a cell all do.
    """
    kind, body, _ = _part(data, order)
    if kind != _MATRIX or not body:
        return
    _, flags, rest = _part(body, order)
    _, sides, rest = _part(rest, order)
    _, name, rest = _part(rest, order)
    if names is not None and name.decode("latin1") not in names:
        return
    count = 1
    for side in struct.unpack(f"{order}{len(sides) // 4}i", sides):
        count *= side
    of = struct.unpack(f"{order}I", flags[:4])[0] & 0xFF
    if of not in (_CELL, _TEXT, *_NUMBERS) or depth > _DEEPEST:
        raise ValueError("it holds arrays of a kind that is not read")
    if not 0 <= count * (8 if of == _CELL else 1) <= len(body):
        raise ValueError(f"it says that it holds {count} values, and does not")
    while of == _CELL and rest:
        _refuse_swollen(rest, order, None, depth + 1)
        _, _, rest = _part(rest, order)


def _part(data: bytes, order: str) -> tuple[int, bytes, bytes]:
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
