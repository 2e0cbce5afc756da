"""Networks on disk: one safetensors file, the configuration in its metadata."""

from collections.abc import Callable, Collection
from dataclasses import asdict
from hashlib import sha256
from json import JSONDecodeError, dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from core.errors import MissingModel, UnreadableInput

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Network = TypeVar("Network", bound=nn.Module)


def write_weights(
    network: nn.Module, config: "DataclassInstance", path: Path, exact: Collection[str] = ()
) -> None:
    """Write weights in half precision, those named in `exact` as they are."""
    tensors = {
        name: (value if name in exact else value.half()).contiguous()
        for name, value in network.state_dict().items()
    }
    save_file(tensors, path, metadata={"config": dumps(asdict(config))})


def read_weights(
    path: Path, make: Callable[..., Network], what: str, hint: str
) -> tuple[Network, str]:
    """Read a network, in float32 and ready to use, and the sha256 of its file.

    Parameters
    ----------
    path : Path
        The file.
    make : callable
        Makes a network from the entries of the configuration.
    what, hint : str
        What it is a network of, and what to do where it is not, for the errors.

    Raises
    ------
    MissingModel
        The file is not there.
    UnreadableInput
        It does not hold such a network, or its tensors do not fit its configuration.
    """
    if not path.is_file():
        raise MissingModel(f"There are no weights of {what} at {path}", hint)
    try:
        with safe_open(path, framework="pt") as file:
            config = loads((file.metadata() or {})["config"])
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        with torch.device("meta"):  # no memory is taken on the word of the configuration
            network = make(**config)
        network.load_state_dict(tensors, assign=True)
    except (SafetensorError, JSONDecodeError, KeyError, TypeError, ValueError, RuntimeError) as bad:
        raise UnreadableInput(
            f"{path} does not hold the weights of {what}: {bad}".splitlines()[0], hint
        ) from bad
    return network.eval().requires_grad_(False), sha256(path.read_bytes()).hexdigest()
