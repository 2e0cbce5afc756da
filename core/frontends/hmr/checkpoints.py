"""HMR's weights from the files of mmhuman3d and SPIN, checked, and kept as safetensors.

The converted weights lie in the user's cache under the sha256 of the file they came from, beside a
manifest. The body models inside mmhuman3d's files are under SMPL's licence and are left out.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import UnreadableInput, UnwritableOutput
from core.frontends.hmr.network import HmrNetwork
from core.frontends.hmr.origins import ORIGINS, Origin
from core.models import CACHE_VARIABLE, cache_dir
from core.safe_reader import TORN, unreadable
from core.safe_torch import read_torch

LEFT_OUT = ("body_model_train.", "body_model_test.", "disc.")
"""Licensed buffers and the discriminator, in mmhuman3d's files."""
HEAD = ("fc1.", "fc2.", "decpose.", "decshape.", "deccam.", "init_")
"""What belongs to the regressor, in SPIN's file."""
COUNTERS = "num_batches_tracked"
"""Buffers that only training reads; files of old torch lack them."""
KNOWN = "Known are mmhuman3d's HMR and SPIN (.pth) and SPIN's model_checkpoint.pt"

Tensors = dict[str, Tensor]


def load_checkpoint(path: Path) -> tuple[HmrNetwork, Origin, str]:
    """Read a checkpoint, from the cache where it was read before.

    Returns
    -------
    network : HmrNetwork
        Float32, ready to use.
    origin : Origin
        Whose conventions it follows.
    sha256 : str
        Of the file.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, hostile, or holds another network.
    UnwritableOutput
        The cache cannot be written.
    """
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error
    kept = cache_dir() / "hmr" / f"{sha256}.safetensors"
    found = _from_cache(kept)
    if found is None:
        found = recognise(_read(path), path)
        _keep(kept, path.name, sha256, *found)
    origin, tensors = found
    with torch.device("meta"):
        network = HmrNetwork()
    network.load_state_dict(tensors, assign=True)
    return network.eval().requires_grad_(False), origin, sha256


def recognise(saved: Any, path: Path) -> tuple[Origin, Tensors]:
    """Tell whose checkpoint it is; return its tensors by `HmrNetwork`'s names, checked.

    Parameters
    ----------
    saved : Any
        What the file holds.
    path : Path
        For messages.

    Raises
    ------
    UnreadableInput
        It is not the checkpoint of an HMR network.
    """
    if isinstance(saved, dict) and isinstance(saved.get("state_dict"), Mapping):
        tensors = dict(saved["state_dict"])
        if any(str(name).startswith("smpl_head.") for name in tensors):
            raise UnreadableInput(
                f"{path} holds 4D-Humans' vision transformer, which DiffAnnot does not run",
                "Run it elsewhere and import its outputs: core/formats/four_d_humans.py says how",
            )
        return ORIGINS["mmhuman3d"], _checked(
            {name: each for name, each in tensors.items() if not str(name).startswith(LEFT_OUT)},
            path,
        )
    if isinstance(saved, dict) and isinstance(saved.get("model"), Mapping):
        return ORIGINS["spin"], _checked(_spelled_out(saved["model"]), path)
    raise UnreadableInput(f"{path} is no checkpoint of HMR", KNOWN)


def _read(path: Path) -> Any:
    try:
        mapped = zipfile.is_zipfile(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except TORN:  # a configuration lies beside the tensors, or it is no checkpoint
        try:
            return read_torch(path)
        except UnreadableInput as error:
            raise UnreadableInput(str(error), KNOWN) from error


def _spelled_out(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Put the two parts' names before SPIN's names."""
    return {
        f"{'head' if str(name).startswith(HEAD) else 'backbone'}.{name}": value
        for name, value in flat.items()
    }


def _checked(given: Mapping[str, Any], path: Path) -> Tensors:
    """Compare names and shapes with the network's; return float32 tensors of their own."""
    with torch.device("meta"):
        expected = {name: tensor.shape for name, tensor in HmrNetwork().state_dict().items()}
    counters = {name for name in expected if name.endswith(COUNTERS)}
    _refuse(path, "lacks", [name for name in expected if name not in counters.union(given)])
    _refuse(path, "holds an unknown", [name for name in given if name not in expected])
    tensors = {name: torch.zeros(()) for name in counters}
    tensors |= {name: _tensor(value) for name, value in given.items()}
    misfits = [name for name, shape in expected.items() if tensors[name].shape != shape]
    _refuse(path, "has another shape for", misfits)
    _refuse(path, "holds NaN in", [name for name in expected if not tensors[name].isfinite().all()])
    return tensors


def _tensor(value: Any) -> Tensor:
    """Copy a tensor or an array; anything else becomes an empty tensor, which fits nowhere."""
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.array(value))
    if not isinstance(value, Tensor):
        return torch.zeros(0)
    return value.detach().to(torch.float32, copy=True).contiguous()


def _refuse(path: Path, what: str, names: list[Any]) -> None:
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise UnreadableInput(f"{path} is no checkpoint of HMR: it {what} {names[0]}{more}", KNOWN)


def _from_cache(kept: Path) -> tuple[Origin, Tensors] | None:
    """Return what was kept, or None where there is nothing or it is damaged."""
    try:
        manifest = json.loads(kept.with_suffix(".json").read_text())
        with kept.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != manifest["sha256"]:
                return None
        return ORIGINS[manifest["origin"]], _checked(load_file(kept), kept)
    except (OSError, ValueError, LookupError, TypeError, SafetensorError, UnreadableInput):
        return None


def _keep(kept: Path, source: str, source_sha256: str, origin: Origin, tensors: Tensors) -> None:
    """Write weights, then the manifest, each in one move."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            weights = Path(scratch) / "weights"
            save_file(tensors, weights)
            manifest = {
                "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
                "source": source,
                "source_sha256": source_sha256,
                "origin": origin.name,
                "convention": origin.convention(),
            }
            weights.replace(kept)
            words = Path(scratch) / "manifest"
            words.write_text(json.dumps(manifest, indent=2) + "\n")
            words.replace(kept.with_suffix(".json"))
    except (OSError, SafetensorError) as error:
        raise UnwritableOutput(
            f"{kept.parent} cannot be written: {error}",
            f"Set {CACHE_VARIABLE} to a folder that can",
        ) from error
