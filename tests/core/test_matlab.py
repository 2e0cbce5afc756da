"""MATLAB 5 files: what scipy writes is read as scipy reads it, what is torn is told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from core.errors import UnreadableInput
from core.formats.matlab import names_in, read_mat5


def variables() -> dict[str, Any]:
    cells = np.empty((3, 1), dtype=object)
    for number, kind in enumerate((np.float64, np.float32, np.uint8)):
        cells[number, 0] = np.arange(10 * number, dtype=kind).reshape(number, 10)
    return {
        "cells": cells,
        "table": np.arange(6).reshape(2, 3),
        "empty": np.zeros((0, 3)),
        "short": np.arange(3, dtype=np.uint8),
        "text": "text",
        "structure": {"a": 1},
    }


@pytest.mark.parametrize("packed", [False, True])
def test_what_scipy_writes_is_read_as_scipy_reads_it(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, variables(), do_compression=packed)
    assert names_in(path) == set(variables())
    expected = scipy.io.loadmat(path)
    found = read_mat5(path, ("cells", "table", "empty", "short"))
    for name, array in found.items():
        assert array.shape == expected[name].shape and array.dtype == expected[name].dtype
        for one, other in zip(np.ravel(array), np.ravel(expected[name]), strict=True):
            np.testing.assert_array_equal(one, other)
    for name in ("text", "structure", "absent"):
        with pytest.raises(UnreadableInput):
            read_mat5(path, (name,))


def test_an_array_that_says_it_is_huge_is_refused_unmade(tmp_path: Path) -> None:
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"cells": variables()["cells"], "table": np.arange(6.0)})
    data = bytearray(path.read_bytes())
    for side in (b"\x03\x00\x00\x00\x01\x00\x00\x00", b"\x01\x00\x00\x00\x06\x00\x00\x00"):
        at = data.index(side)
        data[at : at + 8] = b"\x00\x00\x00\x40\xff\x00\x00\x00"
    path.write_bytes(data)
    for name in ("cells", "table"):
        with pytest.raises(UnreadableInput, match="reshape"):
            read_mat5(path, (name,))
