"""Stand-ins for what a pickle of arrays would build, for `core.safe_reader`.

numpy's own `__setstate__` and scipy's sparse matrices trust what they are given, and a damaged file
can crash the process through them. These look at it first.
"""

import re
from typing import Any, Literal

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

PLAIN_DTYPE = re.compile(r"[biufcSU]\d{1,9}|O\d?")

LAST_CHARACTER = 0x10FFFF

LARGEST_SPARSE = 1 << 28
"""Entries, zeros included, of a sparse matrix; a body's joint regressor has 165,360."""


class Inert:
    """A name that pickles may mention and that does nothing; nothing can be set on it either."""

    __slots__ = ()


class Stub:
    """Stands for an object whose class is never imported; keeps its state and does nothing."""

    kind = ""

    def __init__(self, *_: Any) -> None:
        self.state: Any = {}

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, dict) else {}

    def value(self) -> Any:
        """Return the array that the object stands for."""
        state = plain(self.state, {})
        if self.kind == "Select":
            chosen = np.asarray(state["a"]).ravel()[np.asarray(state["idxs"])]
            return chosen.reshape(state.get("preferred_shape", chosen.shape))
        if self.kind in ("csc_matrix", "csr_matrix"):
            return self._sparse(state)
        if "x" in state:
            return np.asarray(state["x"])
        raise ValueError(f"a {self.kind} object holds no values")

    def _sparse(self, state: dict[str, Any]) -> Any:
        shape = state["_shape"] if "_shape" in state else state["shape"]
        rows, columns = (int(side) for side in shape)
        if rows * columns > LARGEST_SPARSE:
            raise ValueError(f"a matrix of {rows} x {columns} is too large")
        indices, starts = (np.asarray(state[key]).astype(np.int64) for key in ("indices", "indptr"))
        if starts[0] != 0 or (starts[1:] < starts[:-1]).any():  # scipy overlooks a negative end
            raise ValueError("the rows of a sparse matrix overlap")
        make = getattr(scipy.sparse, self.kind)
        matrix = make((np.asarray(state["data"]), indices, starts), shape=(rows, columns))
        matrix.check_format(full_check=True)
        return matrix


def plain(value: Any, seen: dict[int, Any]) -> Any:
    """Replace stubs by their arrays, in place, in dictionaries, lists and tuples."""
    if isinstance(value, Stub):
        return plain(value.value(), seen)
    if id(value) in seen:
        return seen[id(value)]
    seen[id(value)] = value
    if isinstance(value, dict):
        for key in value:
            value[key] = plain(value[key], seen)
    elif isinstance(value, list):
        value[:] = [plain(item, seen) for item in value]
    elif type(value) is tuple:
        return tuple(plain(item, seen) for item in value)
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        for index, item in np.ndenumerate(value):
            value[index] = plain(item, seen)
    return value


class Dtype:
    """A dtype in the making: its name first, its byte order later."""

    def __init__(self, name: str) -> None:
        if not PLAIN_DTYPE.fullmatch(name):
            raise ValueError(f"it holds an array of type {name!r}")
        self.dtype = np.dtype(object if name.startswith("O") else name)

    def __setstate__(self, state: Any) -> None:
        _, order, *record = state
        if record[:3] != [None, None, None]:
            raise ValueError("it holds an array of records")
        self.dtype = self.dtype.newbyteorder(order)


class NewDtype(Inert):
    """`numpy.dtype`."""

    __slots__ = ()

    def __call__(self, name: str, *_: Any) -> Dtype:
        """Begin a dtype."""
        return Dtype(name)


class Array(Stub):
    """An array in the making: numpy fills an empty one."""

    kind = "numpy"

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, data = state
        order: Literal["F", "C"] = "F" if fortran else "C"
        if isinstance(data, list):
            flat = np.empty(len(data), dtype=object)
            for index, item in enumerate(data):
                flat[index] = item
        else:
            flat = from_bytes(data, dtype)
        self.state = {"x": flat.reshape(shape, order=order)}

    def value(self) -> Any:
        """Return the array."""
        return self.state["x"]


def from_bytes(data: bytes | str, dtype: Dtype) -> NDArray[Any]:
    """Return a flat array of its own from raw bytes; Python 2 wrote them as text."""
    raw = data.encode("latin1") if isinstance(data, str) else data
    return checked(np.frombuffer(raw, dtype.dtype).copy()) if raw else np.empty(0, dtype.dtype)


def checked(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that came from a file, unless it holds text of characters that are none.

    numpy hands them on to Python, which raises `SystemError` where such a text is used.

    Raises
    ------
    ValueError
        It does.
    """
    if array.dtype.kind == "U" and array.nbytes:
        numbers = np.dtype("u4").newbyteorder(array.dtype.byteorder)
        if (np.frombuffer(array.tobytes(), numbers) > LAST_CHARACTER).any():
            raise ValueError("it holds characters that are none")
    return array


class NewArray(Inert):
    """`numpy._reconstruct`: the pickle fills the array afterwards."""

    __slots__ = ()

    def __call__(self, *_: Any) -> Array:
        """Begin an array."""
        return Array()


class Scalar(Inert):
    """`numpy.scalar`."""

    __slots__ = ()

    def __call__(self, dtype: Dtype, data: bytes | str) -> Any:
        """Return the one number in the bytes."""
        return from_bytes(data, dtype)[0]


class FromBuffer(Inert):
    """`numpy._frombuffer`."""

    __slots__ = ()

    def __call__(
        self, data: bytes, dtype: Dtype, shape: tuple[int, ...], order: Any
    ) -> NDArray[Any]:
        """Return the array in the bytes."""
        return from_bytes(data, dtype).reshape(shape, order=order)
