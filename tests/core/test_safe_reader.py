import contextlib
import io
import os
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableInput
from core.safe_reader import read_npz, read_pickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def write(path: Path, value: Any, protocol: int = 2) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_and_containers_come_back_from_every_protocol(tmp_path: Path, protocol: int) -> None:
    value = OrderedDict(
        numbers=np.arange(6.0).reshape(2, 3),
        fortran=np.asfortranarray(np.arange(6).reshape(2, 3)),
        names=np.array(["a", "bc"]),
        scalar=np.float32(1.5),
        nested={"list": [1, 2.5, "x", None, True], "tuple": (1, b"\x00\xff")},
    )
    back = read_pickle(write(tmp_path / "x.pkl", value, protocol))
    np.testing.assert_array_equal(back["numbers"], value["numbers"])
    np.testing.assert_array_equal(back["fortran"], value["fortran"])
    assert back["names"].tolist() == ["a", "bc"]
    assert back["scalar"] == np.float32(1.5)
    assert back["nested"] == value["nested"]


@pytest.mark.parametrize("old,new", [(b"numpy._core", b"numpy.core")])
def test_arrays_written_by_older_numpy_are_read(tmp_path: Path, old: bytes, new: bytes) -> None:
    data = pickle.dumps({"a": np.arange(3)}, protocol=2).replace(old, new)
    assert new in data
    (tmp_path / "x.pkl").write_bytes(data)
    assert read_pickle(tmp_path / "x.pkl")["a"].tolist() == [0, 1, 2]


@pytest.fixture
def chumpy(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Stand-in for chumpy: classes that pickle under its module names."""
    ch, reordering = types.ModuleType("chumpy.ch"), types.ModuleType("chumpy.reordering")
    for module, name in ((ch, "Ch"), (reordering, "Select")):
        kind = type(name, (), {"__module__": module.__name__, "__qualname__": name})
        setattr(module, name, kind)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    ch.Select = reordering.Select
    return ch


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_chumpy_arrays_come_back_plain(
    tmp_path: Path, chumpy: types.ModuleType, protocol: int
) -> None:
    array, chosen = chumpy.Ch(), chumpy.Select()
    array.x = np.arange(4.0)
    chosen.a, chosen.idxs, chosen.preferred_shape = array, np.array([3, 1]), (2, 1)
    value = read_pickle(write(tmp_path / "x.pkl", {"x": array, "y": [chosen]}, protocol))
    assert type(value["x"]) is np.ndarray
    assert value["x"].tolist() == [0, 1, 2, 3]
    assert value["y"][0].tolist() == [[3], [1]]


def test_an_old_sparse_matrix_comes_back_sparse(tmp_path: Path) -> None:
    dense = np.array([[0, 2.0, 0], [1, 0, 0]])
    data = pickle.dumps({"J": scipy.sparse.csc_matrix(dense)}, protocol=2)
    (tmp_path / "x.pkl").write_bytes(data.replace(b"scipy.sparse._csc", b"scipy.sparse.csc"))
    np.testing.assert_array_equal(read_pickle(tmp_path / "x.pkl")["J"].toarray(), dense)


class Hostile:
    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call, self.arguments


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_that_would_run_a_command_runs_nothing(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "ran"
    path = write(tmp_path / "x.pkl", {"a": Hostile(os.system, f"touch {trace}")}, protocol)
    with pytest.raises(UnreadableInput, match="system") as caught:
        read_pickle(path)
    assert not trace.exists()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("call", [eval, exec, getattr, __import__, open, np.load, bytearray])
def test_no_other_callable_is_reached(tmp_path: Path, call: Any) -> None:
    with pytest.raises(UnreadableInput):
        read_pickle(write(tmp_path / "x.pkl", Hostile(call, "os")))


def test_a_pickle_cannot_change_the_reader_for_the_next_file(tmp_path: Path) -> None:
    # BUILD on a global: sets attributes on whatever the name stands for
    for name in ("numpy.core.multiarray\nscalar", "numpy\nndarray", "collections\nOrderedDict"):
        attack = f"c{name}\n".encode() + b"(N(dS'__call__'\nNstb."
        (tmp_path / "x.pkl").write_bytes(attack)
        with pytest.raises(UnreadableInput):
            read_pickle(tmp_path / "x.pkl")
    good = write(tmp_path / "y.pkl", OrderedDict(a=np.float32(2)))
    assert read_pickle(good)["a"] == 2


@pytest.mark.parametrize(
    "state",
    [
        (3, "<", None, None, None, -1, -1, 0),
        (3, "<", None, -1, -1, 0),
        (3, "<", None, ("a",), {"a": 1}, 4, 1, 16),
        (3, "<", (1, 2), None, None, 2**40, -1, 63),
        (3, 7, None, None, None, -1, -1, 0),
        (),
        None,
    ],
)
def test_numpy_is_not_trusted_with_the_state_of_a_dtype(tmp_path: Path, state: Any) -> None:
    # numpy 2.4 crashes the process on the second
    words = pickle.dumps(state, protocol=2)[2:-1]
    make = b"cnumpy\ndtype\n(Vi4\nI00\nI01\ntR" + words + b"b"
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR"
    whole = b"(dVa\n" + array + b"(I1\n(I2\nt" + make + b"I00\nVabcdefgh\ntbs."
    (tmp_path / "x.pkl").write_bytes(whole)
    if state == (3, "<", None, None, None, -1, -1, 0):
        assert read_pickle(tmp_path / "x.pkl")["a"].tolist() == [0x64636261, 0x68676665]
        return
    with pytest.raises(UnreadableInput):
        read_pickle(tmp_path / "x.pkl")


def test_a_sparse_matrix_with_entries_outside_itself_is_refused(tmp_path: Path) -> None:
    matrix = scipy.sparse.csc_matrix(np.eye(3))
    matrix.indices[1] = 10**6
    with pytest.raises(UnreadableInput):
        read_pickle(write(tmp_path / "x.pkl", {"J": matrix}))
    matrix = scipy.sparse.csc_matrix((3, 3))
    matrix.indptr[-1] = -(10**9)  # scipy 1.17 crashes the process when it makes this dense
    with pytest.raises(UnreadableInput, match="overlap"):
        read_pickle(write(tmp_path / "x.pkl", {"J": matrix}))
    huge = scipy.sparse.csc_matrix(([1.0], ([0], [0])), shape=(2**40, 3))
    with pytest.raises(UnreadableInput, match="too large"):
        read_pickle(write(tmp_path / "x.pkl", {"J": huge}))


def test_a_short_file_cannot_claim_a_huge_array(tmp_path: Path) -> None:
    attack = b"cnumpy\nndarray\n(I1000000000000\ntR."
    (tmp_path / "x.pkl").write_bytes(attack)
    with pytest.raises(UnreadableInput):
        read_pickle(tmp_path / "x.pkl")
    (tmp_path / "y.pkl").write_bytes(b"c__builtin__\nbytes\n(I1000000000000\ntR.")
    with pytest.raises(UnreadableInput):
        read_pickle(tmp_path / "y.pkl")


def test_a_short_file_cannot_claim_a_huge_number_of_objects(tmp_path: Path) -> None:
    (tmp_path / "x.pkl").write_bytes(b"]r\xff\xff\xff\x2f.")
    with pytest.raises(UnreadableInput, match="numbers more objects"):
        read_pickle(tmp_path / "x.pkl")


def test_missing_and_torn_pickles_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no file"):
        read_pickle(tmp_path / "none.pkl")
    whole = pickle.dumps({"a": np.arange(100)})
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x.pkl").write_bytes(whole[:length])
        with pytest.raises(UnreadableInput) as caught:
            read_pickle(tmp_path / "x.pkl")
        assert "\n" not in str(caught.value)


@settings(
    max_examples=200, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_damaged_bytes_raise_nothing_but_unreadable(
    tmp_path: Path, noise: bytes, place: int
) -> None:
    whole = pickle.dumps({"a": np.arange(8), "b": [1, "x"]}, protocol=2)
    (tmp_path / "x.pkl").write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    with contextlib.suppress(UnreadableInput):
        read_pickle(tmp_path / "x.pkl")


def test_npz_gives_arrays_and_unwraps_dictionaries(tmp_path: Path) -> None:
    body = {"body_pose": np.ones((2, 23, 3), np.float32)}
    np.savez_compressed(
        tmp_path / "x.npz",
        plain=np.asfortranarray(np.arange(6).reshape(2, 3)),
        smpl=np.array(body, dtype=object),
        many=np.array([{"a": 1}, None], dtype=object),
        text=np.array("hello"),
        nothing=np.zeros((0, 4)),
    )
    back = read_npz(tmp_path / "x.npz")
    assert back["plain"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert back["smpl"]["body_pose"].shape == (2, 23, 3)
    assert back["many"].tolist() == [{"a": 1}, None]
    assert str(back["text"]) == "hello"
    assert back["nothing"].shape == (0, 4)
    back["plain"][0, 0] = 7  # a copy of its own


def test_npz_with_a_hostile_object_runs_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    payload = np.array({"a": Hostile(os.system, f"touch {trace}")}, dtype=object)
    np.savez(tmp_path / "x.npz", smpl=payload)
    with pytest.raises(UnreadableInput, match="system"):
        read_npz(tmp_path / "x.npz")
    assert not trace.exists()


def npy(header: str, body: bytes = b"") -> bytes:
    stream = io.BytesIO()
    text = header.encode() + b"\n"
    stream.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body)
    return stream.getvalue()


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(-1,)", "(3,)", "(1000000000,1000000000,1000000000)"]
)
def test_npz_header_must_agree_with_its_bytes(tmp_path: Path, shape: str) -> None:
    member = npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}", bytes(16))
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member)
    with pytest.raises(UnreadableInput):
        read_npz(tmp_path / "x.npz")


def test_npz_that_unfolds_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.safe_reader.LARGEST", 10_000)
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(5_000))
    with pytest.raises(UnreadableInput, match="unfolds"):
        read_npz(tmp_path / "x.npz")


def test_what_is_no_npz_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"hello")
    with pytest.raises(UnreadableInput, match=r"x\.npz"):
        read_npz(tmp_path / "x.npz")
    with pytest.raises(UnreadableInput, match="no file"):
        read_npz(tmp_path / "y.npz")


def test_text_of_characters_that_are_none_is_refused(tmp_path: Path) -> None:
    wrong = np.array(["ab"]).view(np.uint32) + np.uint32(0x110000)
    np.savez(tmp_path / "x.npz", name=wrong.view("<U2"))
    with pytest.raises(UnreadableInput, match="characters"):
        read_npz(tmp_path / "x.npz")
    dtype = b"cnumpy\ndtype\n(S'U2'\nI0\nI1\ntR(I3\nS'<'\nNNNI8\nI4\nI0\ntb"
    text = wrong.tobytes().hex()
    escaped = "".join(f"\\x{text[i : i + 2]}" for i in range(0, len(text), 2)).encode()
    (tmp_path / "x").write_bytes(
        b"cnumpy.core.multiarray\nscalar\n(" + dtype + b"S'" + escaped + b"'\ntR."
    )
    with pytest.raises(UnreadableInput, match="characters"):
        read_pickle(tmp_path / "x")


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,",
        "{'descr': [('a', '<U2')], 'fortran_order': False, 'shape': (1,), }",
        "    x\n  y",
    ],
)
def test_a_header_of_no_array_of_numbers_is_refused(header: str, tmp_path: Path) -> None:
    text = header.encode() + b"\n"
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(8)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", member)
    with pytest.raises(UnreadableInput):
        read_npz(tmp_path / "x.npz")
