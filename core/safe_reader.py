"""The one reader of pickles and npz files: it builds arrays and containers, it runs nothing."""

import collections
import io
import pickle
import pickletools
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UnreadableInput
from core.safe_arrays import FromBuffer, Inert, NewArray, NewDtype, Scalar, Stub, checked, plain

KINDS = "biufcSU"
"""numpy's letters for the arrays that are read: numbers and texts, no records."""

LARGEST = 4 << 30
"""Bytes that a file may unfold to."""

BOMB, BOMB_RATIO = 256 << 20, 200
"""Bytes from which on an npz may not unfold to more than this many times its own."""

TORN = (
    pickle.UnpicklingError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError,
    ValueError, TypeError, AttributeError, LookupError, AssertionError, ImportError,
    ArithmeticError, MemoryError, RuntimeError, SyntaxError, tokenize.TokenError,
)  # fmt: skip
"""What pickle, zipfile and numpy raise on files that are torn or made to harm."""


def read_pickle(path: Path) -> Any:
    """Read a pickle of arrays and containers, of any protocol, Python 2's included.

    Chumpy arrays come back as plain arrays, scipy's sparse matrices as `scipy.sparse` ones.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, too large or asks for anything else to be built.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableInput(f"{path} is larger than {LARGEST >> 30} GiB")
        return _unpickle(path.read_bytes())
    except TORN as error:
        raise unreadable(path, error) from error


def read_npz(path: Path, names: Collection[str] | None = None) -> dict[str, Any]:
    """Read the arrays of an npz file: those named that are there, or all.

    Object arrays (pickles inside) go through the same restricted reader; one without axes comes
    back as the object that it holds, as the dictionaries of a HumanData file do.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, too large or asks for anything else to be built.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {
                item.filename.removesuffix(".npy"): item
                for item in archive.infolist()
                if item.filename.endswith(".npy")
            }
            if names is not None:
                members = {name: members[name] for name in names if name in members}
            unfolded = sum(item.file_size for item in members.values())
            if unfolded > LARGEST:
                raise UnreadableInput(f"{path} unfolds to more than {LARGEST >> 30} GiB")
            packed = sum(item.compress_size for item in members.values())
            if unfolded > BOMB and unfolded > BOMB_RATIO * packed:
                raise UnreadableInput(f"{path} unfolds to {unfolded // packed} times its size")
            return {name: _read_npy(archive, item) for name, item in members.items()}
    except TORN as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: BaseException) -> UnreadableInput:
    """Turn what reading a file raised into one line about it."""
    if isinstance(error, FileNotFoundError):
        return UnreadableInput(f"There is no file {path}")
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UnreadableInput(f"Cannot read {path}: {reason}")


def _read_npy(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Any:
    if item.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{item.filename} is compressed in a way that numpy does not use")
    with archive.open(item) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            header = np.lib.format.read_array_header_2_0(stream)
        else:
            raise ValueError(f"{item.filename} has npy version {version}")
        shape, fortran, dtype = header
        body_size = item.file_size - stream.tell()
        if dtype.hasobject:
            return _without_axes(_unpickle(stream.read(body_size)), item.filename)
        if dtype.kind not in KINDS:
            raise ValueError(f"{item.filename} holds an array of {dtype}")
        expected = dtype.itemsize * int(np.prod(shape, dtype=object))
        if expected != body_size:
            raise ValueError(f"{item.filename} says {expected} bytes and holds {body_size}")
        array = checked(np.frombuffer(stream.read(body_size), dtype=dtype))
        return array.reshape(shape, order="F" if fortran else "C").copy(order="K")


def _without_axes(value: Any, name: str) -> Any:
    if not isinstance(value, np.ndarray):
        raise ValueError(f"{name} holds no array")
    return value.item() if value.shape == () else value


def _unpickle(data: bytes) -> Any:
    check_memos(data)
    return plain(RestrictedUnpickler(io.BytesIO(data), encoding="latin1").load(), {})


def check_memos(data: bytes) -> None:
    """Refuse a pickle that would make the unpickler take more memory than the pickle has bytes.

    Raises
    ------
    UnpicklingError
        It makes room for as many memos as the largest number says.
    """
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in ("PUT", "LONG_BINPUT") and (argument or 0) > len(data):
            raise pickle.UnpicklingError("it numbers more objects than it can hold")


class _Encode(Inert):
    """How Python 3 writes bytes for Python 2."""

    __slots__ = ()

    def __call__(self, text: str = "", *_: str) -> bytes:
        return text.encode("latin1")


class _NewStub(Inert):
    __slots__ = ()

    def __call__(self, kind: Any, *_: Any) -> Stub:
        if not (isinstance(kind, type) and issubclass(kind, Stub)):
            raise pickle.UnpicklingError("it makes an object of a foreign class")
        return kind()


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): Inert(),
    ("numpy", "dtype"): NewDtype(),
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("_codecs", "encode"): _Encode(),
    ("copy_reg", "_reconstructor"): _NewStub(),
    ("copyreg", "_reconstructor"): _NewStub(),
}
for _core in ("numpy.core", "numpy._core"):
    _ALLOWED[f"{_core}.multiarray", "_reconstruct"] = NewArray()
    _ALLOWED[f"{_core}.multiarray", "scalar"] = Scalar()
    _ALLOWED[f"{_core}.numeric", "_frombuffer"] = FromBuffer()
for _module in ("builtins", "__builtin__"):
    for _kind in (dict, list, tuple, set, frozenset, int, float, complex, bool, str):
        _ALLOWED[_module, _kind.__name__] = _kind
    _ALLOWED[_module, "bytes"] = _Encode()
    _ALLOWED[_module, "object"] = Inert()


class RestrictedUnpickler(pickle.Unpickler):
    """Builds what `_ALLOWED` names; what chumpy and scipy would build becomes inert stubs."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for; nothing is imported."""
        if module.partition(".")[0] == "chumpy" or module.startswith("scipy.sparse"):
            return type(name, (Stub,), {"kind": name})
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which only a program may use"
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        """Refuse objects that lie outside the pickle."""
        raise pickle.UnpicklingError("it refers to objects outside itself")
