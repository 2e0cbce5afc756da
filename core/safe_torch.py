"""Files of `torch.save` through the restricted reader: tensors come back as arrays.

Needs no torch. For checkpoints that `torch.load(weights_only=True)` refuses because a
configuration lies beside the tensors.
"""

import io
import pickle
import pickletools
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from core.safe_arrays import Inert, plain
from core.safe_reader import TORN, RestrictedUnpickler, check_memos, unreadable

Storage = NDArray[Any]

DTYPES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8",
    "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1",
    "BoolStorage": "?",
}  # fmt: skip
"""Numpy's name for what each class of storage holds."""

CONFIGURATION = frozenset(
    ("argparse", "lightning", "mmcv", "mmengine", "omegaconf", "pathlib", "pytorch_lightning",
     "typing", "yacs")
)  # fmt: skip
"""Packages whose objects training code leaves beside its tensors; they come back inert."""

LOCAL_HEADER = 30
"""Bytes of a zip member's header before its name (APPNOTE 4.3.7)."""
LEGACY_HEADERS = 3
"""Pickles before the object in a file of torch < 1.6: magic number, version, system."""


def read_torch(path: Path) -> Any:
    """Read a file of `torch.save`, of the zip layout or the older one.

    Returns
    -------
    Any
        The containers as saved; tensors are arrays, read-only and read from disk when used in the
        zip layout. Objects of `CONFIGURATION` are inert and empty.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, or asks for anything else to be built.
    """
    try:
        read = _read_zip if zipfile.is_zipfile(path) else _read_legacy
        return plain(read(path), {})
    except TORN as error:
        raise unreadable(path, error) from error


def _read_zip(path: Path) -> Any:
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    with zipfile.ZipFile(path) as archive:
        members = {item.filename: item for item in archive.infolist()}
        if any(item.compress_type != zipfile.ZIP_STORED for item in members.values()):
            raise ValueError("it is compressed, which torch.save never does")
        name = next((name for name in members if name.endswith("/data.pkl")), None)
        if name is None:
            raise ValueError("it holds no data.pkl")
        root = name.removesuffix("data.pkl")
        order = members.get(f"{root}byteorder")
        if order is not None and archive.read(order) != b"little":
            raise ValueError("its numbers are big-endian")
        data = archive.read(name)
    check_memos(data)
    return _Unpickler(io.BytesIO(data), _Mapped(mapped, members, f"{root}data/")).load()


def _read_legacy(path: Path) -> Any:
    size = path.stat().st_size
    with path.open("rb") as file:
        for _ in range(LEGACY_HEADERS):
            _one_pickle(file)
        storages = _Announced(size)
        value = _Unpickler(io.BytesIO(_one_pickle(file)), storages).load()
        for key in RestrictedUnpickler(io.BytesIO(_one_pickle(file))).load():
            storages.fill(key, file)
    return value


def _one_pickle(file: BinaryIO) -> bytes:
    """Read up to the end of the next pickle, without running it."""
    start = file.tell()
    for _ in pickletools.genops(file):
        pass
    length = file.tell() - start
    file.seek(start)
    data = file.read(length)
    check_memos(data)
    return data


class _Storages(Protocol):
    def get(self, dtype: np.dtype[Any], key: str, count: int) -> Storage: ...


class _Mapped:
    """Storages of the zip layout: one member each, seen through one map of the file."""

    def __init__(
        self, mapped: NDArray[np.uint8], members: dict[str, zipfile.ZipInfo], folder: str
    ) -> None:
        self._mapped = mapped
        self._members = members
        self._folder = folder

    def get(self, dtype: np.dtype[Any], key: str, count: int) -> Storage:
        member = self._members[self._folder + key]
        if member.file_size != count * dtype.itemsize:
            raise ValueError(f"storage {key} has {member.file_size} bytes, not as many as it says")
        at = member.header_offset
        lengths = self._mapped[at + LOCAL_HEADER - 4 : at + LOCAL_HEADER].view("<u2")
        start = at + LOCAL_HEADER + int(lengths.astype(int).sum())
        return self._mapped[start : start + member.file_size].view(dtype)


class _Announced:
    """Storages of the older layout: named in the pickle, filled from the bytes after it."""

    def __init__(self, file_size: int) -> None:
        self._room = file_size
        self._made: dict[str, Storage] = {}

    def get(self, dtype: np.dtype[Any], key: str, count: int) -> Storage:
        if key not in self._made:
            self._room -= count * dtype.itemsize
            if count < 0 or self._room < 0:
                raise ValueError("it says that it holds more than it does")
            self._made[key] = np.empty(count, dtype)
        return self._made[key]

    def fill(self, key: str, file: BinaryIO) -> None:
        storage = self._made[key]
        count = int.from_bytes(file.read(8), "little")
        data = file.read(storage.nbytes)
        if count != len(storage) or len(data) != storage.nbytes:
            raise ValueError(f"storage {key} is cut short")
        storage[:] = np.frombuffer(data, storage.dtype)


class _StorageKind(Inert):
    __slots__ = ("dtype",)

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)


class _Tensor(Inert):
    """`torch._utils._rebuild_tensor_v2`: a view of a storage, inside its bounds."""

    __slots__ = ()

    def __call__(
        self, storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any
    ) -> Storage:
        if len(size) != len(stride) or min((offset, *size, *stride)) < 0:
            raise ValueError("a tensor has a negative size")
        count = int(np.prod(size, dtype=object))
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if count > len(storage) or (count and last >= len(storage)):
            raise ValueError("a tensor reaches beyond its storage")
        if count == 0:
            return np.zeros(size, storage.dtype)
        steps = [step * storage.itemsize for step in stride]
        return np.lib.stride_tricks.as_strided(storage[offset:], size, steps)


class _Parameter(Inert):
    """`torch._utils._rebuild_parameter`: the tensor it wraps."""

    __slots__ = ()

    def __call__(self, data: Storage, *_: Any) -> Storage:
        return data


class _Ignored:
    """Stands for an object of a configuration; takes whatever it is given and keeps nothing."""

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def append(self, item: Any) -> None:
        pass

    def extend(self, items: Any) -> None:
        pass


class _Unpickler(RestrictedUnpickler):
    """Builds tensors too, as arrays; knows storages by their keys."""

    def __init__(self, stream: BinaryIO, storages: _Storages) -> None:
        super().__init__(stream, encoding="latin1")
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in DTYPES:
            return _StorageKind(DTYPES[name])
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor()
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _Parameter()
        if (module, name) == ("torch", "Size"):
            return tuple
        if module.partition(".")[0] in CONFIGURATION:
            return type(name, (_Ignored,), {})
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Storage:
        if not (isinstance(pid, tuple) and len(pid) >= 5 and isinstance(pid[1], _StorageKind)):
            raise pickle.UnpicklingError("it refers to something that is no storage")
        return self._storages.get(pid[1].dtype, str(pid[2]), int(pid[4]))
