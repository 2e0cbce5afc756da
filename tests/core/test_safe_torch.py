import argparse
import os
import pickle
import re
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnreadableInput
from core.safe_torch import read_torch

LAYOUTS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


def save(path: Path, value: Any, zipped: bool) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=zipped)
    return path


@LAYOUTS
def test_tensors_of_every_kind_come_back_as_arrays(tmp_path: Path, zipped: bool) -> None:
    base = torch.arange(12.0)
    value = {
        "state_dict": OrderedDict(
            transposed=base.reshape(3, 4).t(),
            tail=base[5:],
            parameter=torch.nn.Parameter(torch.ones(2, 1)),
            half=torch.tensor([0.5, -2]).half(),
            count=torch.tensor(7),
            empty=torch.zeros(0, 3),
        ),
        "epoch": 3,
        "order": np.arange(3),
    }
    back = read_torch(save(tmp_path / "x.pt", value, zipped))
    assert back["epoch"] == 3
    assert back["order"].tolist() == [0, 1, 2]
    for name, tensor in value["state_dict"].items():
        array = back["state_dict"][name]
        assert array.dtype == tensor.detach().numpy().dtype, name
        np.testing.assert_array_equal(array, tensor.detach().numpy(), strict=True)


@LAYOUTS
def test_a_configuration_beside_the_tensors_is_inert(tmp_path: Path, zipped: bool) -> None:
    value = {"hyper_parameters": argparse.Namespace(lr=1), "w": torch.ones(2), "p": Path("a/b")}
    back = read_torch(save(tmp_path / "x.pt", value, zipped))
    assert back["w"].tolist() == [1, 1]
    assert not hasattr(back["hyper_parameters"], "lr")
    assert not isinstance(back["p"], Path)


class Hostile:
    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call, self.arguments


@LAYOUTS
@pytest.mark.parametrize("call", [os.system, eval, getattr, torch.load])
def test_a_checkpoint_that_would_run_something_runs_nothing(
    tmp_path: Path, zipped: bool, call: Any
) -> None:
    trace = tmp_path / "ran"
    value = {"w": torch.ones(2), "x": Hostile(call, f"touch {trace}")}
    with pytest.raises(UnreadableInput, match="only a program may use"):
        read_torch(save(tmp_path / "x.pt", value, zipped))
    assert not trace.exists()


class Beyond:
    """A tensor that says it is larger than its storage."""

    def __init__(self, *shape: Any) -> None:
        self.shape = shape

    def __reduce__(self) -> tuple[Any, ...]:
        storage = torch.ones(4).storage()
        return torch._utils._rebuild_tensor_v2, (storage, *self.shape, False, OrderedDict())


@LAYOUTS
@pytest.mark.parametrize(
    "shape",
    [(0, (5,), (1,)), (3, (2,), (1,)), (0, (10**9,), (0,)), (-1, (2,), (1,)), (0, (2,), (-1,))],
)
@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_a_tensor_stays_inside_its_storage(tmp_path: Path, zipped: bool, shape: Any) -> None:
    with pytest.raises(UnreadableInput):
        read_torch(save(tmp_path / "x.pt", {"w": Beyond(*shape)}, zipped))


def test_a_short_file_cannot_claim_a_huge_storage(tmp_path: Path) -> None:
    whole = save(tmp_path / "x.pt", {"w": torch.ones(3)}, zipped=False).read_bytes()
    huge = b"J\xff\xff\xff\x7f"
    claimed = re.sub(rb"(?s)cpu(q.)K\x03", lambda found: found[0][:-2] + huge, whole)
    assert claimed != whole
    (tmp_path / "x.pt").write_bytes(claimed)
    with pytest.raises(UnreadableInput, match="more than it does"):
        read_torch(tmp_path / "x.pt")


@LAYOUTS
def test_a_torn_checkpoint_is_told_in_one_line(tmp_path: Path, zipped: bool) -> None:
    whole = save(tmp_path / "x.pt", {"w": torch.arange(100.0)}, zipped).read_bytes()
    for length in (0, 1, 20, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x.pt").write_bytes(whole[:length])
        with pytest.raises(UnreadableInput) as caught:
            read_torch(tmp_path / "x.pt")
        assert "\n" not in str(caught.value)
    with pytest.raises(UnreadableInput, match="no file"):
        read_torch(tmp_path / "none.pt")


def test_a_zip_that_torch_did_not_write_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive:
        archive.writestr("hello", "world")
    with pytest.raises(UnreadableInput, match=r"data\.pkl"):
        read_torch(tmp_path / "x.pt")
    with zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", pickle.dumps({}, protocol=2))
    with pytest.raises(UnreadableInput, match="compressed"):
        read_torch(tmp_path / "x.pt")


@settings(
    max_examples=100, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(noise=st.binary(min_size=1, max_size=40), place=st.integers(0, 900), zipped=st.booleans())
def test_damaged_bytes_raise_nothing_but_unreadable(
    tmp_path: Path, noise: bytes, place: int, zipped: bool
) -> None:
    path = save(tmp_path / "x.pt", {"a": {"b": torch.arange(8.0)}}, zipped)
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    try:
        read_torch(path)
    except UnreadableInput as error:
        assert "\n" not in str(error)
