"""Writing npz files that old and new numpy read alike.

numpy 2 pickles dictionaries with protocol 4 and names its module `numpy._core`, which numpy 1.23
does not know. Here they are written with protocol 3, and the module is named `numpy.core`, which
all versions read.
"""

import io
import pickle
import pickletools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

PROTOCOL = 3


@dataclass(frozen=True)
class Streamed:
    """An array that is written piece by piece and never held whole.

    Parameters
    ----------
    shape : tuple of int
        Of the whole.
    dtype : str
        numpy's name of its type.
    pieces : Iterator of NDArray
        Rows of the first axis, in order; asked for when their turn has come.
    """

    shape: tuple[int, ...]
    dtype: str
    pieces: Iterator[NDArray[Any]]

    def write(self, member: IO[bytes]) -> None:
        """Write an npy file."""
        descr = np.lib.format.dtype_to_descr(np.dtype(self.dtype))
        header = {"descr": descr, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(member, header)
        for piece in self.pieces:
            member.write(np.ascontiguousarray(piece, dtype=self.dtype).tobytes())


def write_npz(file: IO[bytes], items: Mapping[str, Any]) -> None:
    """Write arrays, numbers, strings, lists of strings and dictionaries as `savez_compressed`.

    A `Streamed` array is written as it comes, a function is called when its turn has come.
    Members keep their order and carry no time, so the same items give the same bytes.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, value in items.items():
            info = zipfile.ZipInfo(f"{name}.npy")
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as member:
                if callable(value):  # it says something of what was written before
                    value = value()
                if isinstance(value, Streamed):
                    value.write(member)
                elif isinstance(value, dict):
                    member.write(_object_npy(value))
                else:
                    array = np.asanyarray(value)
                    np.lib.format.write_array(member, array, allow_pickle=False)


def _object_npy(value: Any) -> bytes:
    """Return an npy file of an object array without axes that holds `value`."""
    stream = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": ()}
    np.lib.format.write_array_header_1_0(stream, header)
    holder = np.empty((), dtype=object)
    holder[()] = value
    stream.write(_for_old_numpy(pickle.dumps(holder, protocol=PROTOCOL)))
    return stream.getvalue()


def _for_old_numpy(data: bytes) -> bytes:
    """Rename `numpy._core` in the GLOBAL opcodes of a pickle, and nowhere else."""
    new, old = b"cnumpy._core.", b"cnumpy.core."
    pieces, start = [], 0
    for opcode, _, place in pickletools.genops(data):
        if opcode.name == "GLOBAL" and place is not None and data.startswith(new, place):
            pieces += [data[start:place], old]
            start = place + len(new)
    return b"".join([*pieces, data[start:]])
