"""What every training is told, whatever it trains."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Parent of the options of the trainings.

    Parameters
    ----------
    out : Path
        Weights to write, safetensors.
    batch : int
        Samples (people, crops) of an optimiser step.
    seed : int
        Of every draw.
    log_dir : Path or None
        Folder for TensorBoard.
    """

    out: Path
    batch: int
    seed: int = 0
    log_dir: Path | None = None

    @property
    def checkpoint(self) -> Path:
        """Where a training that was cut off goes on from (`training.loop.fit`)."""
        return self.out.with_suffix(".checkpoint")
