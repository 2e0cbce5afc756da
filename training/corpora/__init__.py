"""Readers of the data sets as they are downloaded. A new one is one file here and one row below.

A module has `LAYOUTS`, a `Layout` for each split, and `read(folder, split)`, which yields a
`Sample` for each person, or a `Failure` for one that is broken. Modules are imported when they
are needed.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import UnreadableInput
from core.formats.records import Failure
from training.corpora.records import Layout, Sample

CORPORA = {
    "coco": "training.corpora.coco",
    "halpe": "training.corpora.halpe",
    "human_data": "training.corpora.human_data",
    "mocap": "training.corpora.mocap",
    "mpi_inf_3dhp": "training.corpora.mpi_inf_3dhp",
    "pw3d": "training.corpora.pw3d",
}


def layouts(name: str) -> Mapping[str, Layout]:
    """Return how the splits of a corpus are laid out.

    Raises
    ------
    UnreadableInput
        There is no such corpus.
    """
    found: Mapping[str, Layout] = _module(name).LAYOUTS
    return found


def read(name: str, folder: Path, split: str) -> Iterator[Sample | Failure]:
    """Read the persons of one split, in a fixed order.

    Raises
    ------
    UnreadableInput
        There is no such corpus or split, or the data set is missing, incomplete or torn.
    """
    splits = layouts(name)
    if split not in splits:
        raise UnreadableInput(f"{name} has no split {split}", f"It has {', '.join(splits)}")
    if not folder.is_dir():
        raise splits[split].incomplete(folder, "there is no such folder")
    samples: Iterator[Sample | Failure] = _module(name).read(folder, split)
    return samples


def _module(name: str) -> Any:
    if name not in CORPORA:
        raise UnreadableInput(f"There is no corpus {name}", f"Known: {', '.join(CORPORA)}")
    return import_module(CORPORA[name])
