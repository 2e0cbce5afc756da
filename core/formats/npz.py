"""Writing npz files that old and new numpy read alike.

numpy 2 pickles dictionaries with protocol 4 and names its module `numpy._core`, which numpy 1.23
does not know. Here they are written with protocol 3, and the module is named `numpy.core`, which
all versions read.
"""

import io
import pickle
import pickletools
import zipfile
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

PROTOCOL = 3


def write_npz(file: IO[bytes], items: Mapping[str, Any]) -> None:
    """Write arrays, numbers, strings, lists of strings and dictionaries as `savez_compressed`.

    Members keep their order and carry no time, so the same items give the same bytes.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, value in items.items():
            info = zipfile.ZipInfo(f"{name}.npy")
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as member:
                if isinstance(value, dict):
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
