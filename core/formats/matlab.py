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
    RuntimeError, zlib.error, struct.error, MatReadError,
)  # fmt: skip
"""What scipy and h5py raise on files that are torn or made to harm."""

_HEADER, _COMPRESSED, _CHUNK = 128, 15, 1 << 20


def read_mat5(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """Read variables of a MATLAB 5 file; cell arrays come as arrays of objects.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, too large, of another version, or a variable is missing.
    """
    try:
        if _unfolded(path) > LARGEST:
            raise UnreadableInput(f"{path} unfolds to more than {LARGEST >> 30} GiB")
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


def _unfolded(path: Path) -> int:
    """Return the bytes of a MATLAB 5 file with its variables unpacked, or just over `LARGEST`."""
    total = 0
    with path.open("rb") as file:
        header = file.read(_HEADER)
        order = ">" if header[126:128] == b"MI" else "<"
        while tag := file.read(8):
            kind, size = struct.unpack(f"{order}II", tag)
            if kind != _COMPRESSED:
                total += size
                file.seek(size, 1)
                continue
            unpack = zlib.decompressobj()
            while size > 0 and total <= LARGEST:
                packed = file.read(min(size, _CHUNK))
                if not packed:
                    raise ValueError("it ends too early")
                size -= len(packed)
                while packed and total <= LARGEST:
                    total += len(unpack.decompress(packed, _CHUNK))
                    packed = unpack.unconsumed_tail
            if total > LARGEST:
                break
    return total


def _unreadable(path: Path, error: Exception) -> UnreadableInput:
    if not path.exists():
        return UnreadableInput(f"There is no file {path}")
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UnreadableInput(f"Cannot read {path}: {reason}", "Fetch it again if it was cut short")
