"""Who is measured, and on what machine."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assets import OPEN_BENCH
from core.body import BodyModel, load_body
from core.device import device_named
from core.errors import UnreadableInput
from core.frontends import Frontend, load_frontend
from core.refiners import DEFAULT_STEPS, Refiner, load_refiner
from core.suggest import DEFAULT_RECOMMENDER, Recommender, load_recommender
from training.bench.judges import Bodies3D, Judge, judge_of
from training.bench.rows import Bench
from training.corpora import layouts
from training.regressor import read_regressor


@dataclass(frozen=True, eq=False)
class Arms:
    """Who is measured.

    Parameters
    ----------
    body : BodyModel
        What frontend and refiner annotate with.
    frontend, refiner, recommender
        Give Θ1, paths, and the steps to take.
    """

    body: BodyModel
    frontend: Frontend
    refiner: Refiner
    recommender: Recommender

    def about(self) -> dict[str, Any]:
        """Return names and hashes of everything that has a say in the numbers, and the machine."""
        frontend, refiner = self.frontend, self.refiner
        return {
            "frontend": {"name": frontend.name, "sha256": frontend.weights_sha256},
            "refiner": {"name": refiner.name, "sha256": refiner.weights_sha256},
            "recommender": self.recommender.name,
            "body": {"name": self.body.name, "sha256": self.body.sha256},
            "steps": DEFAULT_STEPS,
            "machine": machine(),
        }


@dataclass(frozen=True)
class Choice:
    """What a person asks for; paths are None where what ships is meant.

    Parameters
    ----------
    data : Path or None
        Folder of the corpus.
    smpl : Path or None
        Folder of SMPL's files.
    regressor : Path or None
        `J_regressor_h36m.npy`.
    frontend, refiner, recommender, device : str
        Names.
    checkpoint, weights : Path or None
        Theirs.
    """

    data: Path | None = None
    smpl: Path | None = None
    regressor: Path | None = None
    frontend: str = "blazepose"
    checkpoint: Path | None = None
    refiner: str = "paper"
    weights: Path | None = None
    recommender: str = DEFAULT_RECOMMENDER
    device: str = "auto"


def prepare(bench: Bench, choice: Choice) -> tuple[Path, Arms, Judge]:
    """Load what a bench runs: the folder of its corpus, who is measured, and by what.

    Raises
    ------
    UnreadableInput
        Something that this bench needs is not given, missing or torn.
    MissingModel
        Weights are not on this machine.
    """
    shipped = bench.name == "open"
    folder = choice.data or (OPEN_BENCH if shipped else None)
    if folder is None:
        expected = layouts(bench.corpus)[bench.split].expected
        raise UnreadableInput(
            f"{bench.name} does not ship with DiffAnnot", f"Say --data FOLDER with {expected}"
        )
    if shipped and choice.smpl is not None:
        raise UnreadableInput("The open bench is of the open body", "Leave out --smpl")
    body = load_body(choice.smpl)
    regressor = None if choice.regressor is None else read_regressor(choice.regressor, body)
    genders = choice.smpl if choice.smpl is not None and choice.smpl.is_dir() else None
    judge = judge_of(bench, Bodies3D(body, genders, regressor))
    there = body.on(device_named(choice.device))
    frontend = load_frontend(choice.frontend, there, choice.checkpoint)
    refiner = load_refiner(choice.refiner, there, choice.weights)
    return folder, Arms(body, frontend, refiner, load_recommender(choice.recommender, body)), judge


def machine() -> dict[str, Any]:
    """Say what everything ran on."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
