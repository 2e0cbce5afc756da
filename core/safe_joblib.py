"""Files of `joblib.dump` through the restricted reader: VIBE, PHALP and 4D-Humans write them.

joblib puts the bytes of each array right behind the pickle's word for it, so that the unpickler
has to read them out of the middle of its own stream (joblib 1.x, `numpy_pickle.py`).
"""

import io
import pickle
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.safe_arrays import Dtype, Stub, checked, plain
from core.safe_reader import LARGEST, TORN, RestrictedUnpickler, unreadable

WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
ZLIB = b"\x78"
"""First byte of a file that is compressed, as by `compress=3`."""
_CHUNK = 1 << 20


def read_joblib(path: Path) -> Any:
    """Read a file of `joblib.dump`, plain or zlib-compressed, or a pickle of arrays.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, too large, or asks for anything else to be built.
    """
    try:
        return plain(_Unpickler(io.BytesIO(_unpacked(path))).load(), {})
    except TORN as error:
        raise unreadable(path, error) from error


def _unpacked(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 30} GiB")
    data = path.read_bytes()
    if not data.startswith(ZLIB):
        return data
    unpack, pieces, total = zlib.decompressobj(), [], 0
    while data and not unpack.eof:
        pieces.append(unpack.decompress(data, _CHUNK))
        data = unpack.unconsumed_tail
        total += len(pieces[-1])
        if total > LARGEST:
            raise ValueError(f"it unfolds to more than {LARGEST >> 30} GiB")
    return b"".join(pieces)


class _Wrapper(Stub):
    """joblib's word for an array whose bytes come next."""

    kind = "joblib"


class _Unpickler(pickle._Unpickler):
    """Python's own unpickler, as C's cannot be stopped to read an array from its stream."""

    stack: list[Any]
    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream, encoding="latin1")
        self._stream = stream
        self._restricted = RestrictedUnpickler(io.BytesIO())

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == WRAPPER:
            return _Wrapper
        return self._restricted.find_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to objects outside itself")

    def load_build(self) -> None:
        super().load_build()  # type: ignore[misc]
        if isinstance(self.stack[-1], _Wrapper):
            self.stack[-1] = self._array(self.stack[-1].state)

    dispatch[pickle.BUILD[0]] = load_build

    def _array(self, state: dict[str, Any]) -> NDArray[Any]:
        kind = state["dtype"]
        if not isinstance(kind, Dtype):
            raise pickle.UnpicklingError("it holds an array of no type")
        if kind.dtype.hasobject:
            return np.asarray(plain(_Unpickler(self._stream).load(), {}))
        if state.get("numpy_array_alignment_bytes") is not None:
            self._stream.read(self._stream.read(1)[0])
        shape = tuple(int(side) for side in state["shape"])
        count = int(np.prod(shape, dtype=object)) * kind.dtype.itemsize
        data = self._stream.read(count) if 0 <= count <= LARGEST else b""
        if len(data) != count:
            raise ValueError("an array is cut short")
        order = "F" if state["order"] == "F" else "C"
        array = checked(np.frombuffer(data, kind.dtype))
        return array.reshape(shape, order=order).copy(order="K")  # type: ignore[call-overload,no-any-return]
