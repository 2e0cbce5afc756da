"""Trains the pose prior of the refiner `paper`: the job behind `diffannot train prior`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from core.diffusion.denoiser import Denoiser, DenoiserConfig, save_denoiser
from core.formats.files import made_folder
from core.pose.rotations import geodesic
from core.pose.vectors import from_vector
from core.progress import CancelToken, Progress
from training.corpora.mocap import PoseSampler, Take, read_corpus
from training.loop import LoopOptions, Metrics, fit
from training.options import TrainingOptions

VALIDATION_SAMPLES = 2048
VALIDATION_TIMESTEPS = (10, 36, 57, 150, 300)
MOMENT_SAMPLES = 20_000


@dataclass(frozen=True, kw_only=True)
class PriorOptions(TrainingOptions):
    """What `diffannot train prior` is told.

    Parameters
    ----------
    data : Path
        Folder of motion capture (`training.corpora.mocap`).
    steps : int
        Optimiser steps.
    config : DenoiserConfig
        Sizes of the network.
    processes : int
        That share each batch.
    mixed : bool
        Mixed precision.
    """

    data: Path
    steps: int = 9_000
    batch: int = 256
    config: DenoiserConfig = field(default_factory=DenoiserConfig)
    processes: int = 1
    mixed: bool = False


def train_prior(options: PriorOptions, cancel: CancelToken | None = None) -> Iterator[Progress]:
    """Train a prior on the subjects that may be trained on, and write it.

    Timesteps are drawn as T u^3, u uniform: a refiner starts at t of 60 or less, where a uniform
    draw would look once in 17 samples.

    Raises
    ------
    UnreadableInput
        The folder holds no motion capture, or the checkpoint is of other options.
    UnwritableOutput
        The folder for the weights cannot be made.
    Cancelled
        Someone asked to stop; the next call with the same options goes on from the checkpoint.
    """
    made_folder(options.out.parent)
    sampler = PoseSampler(read_corpus(options.data, "train"))
    watched = read_corpus(options.data, "validation")
    generator = torch.manual_seed(options.seed)
    moments = sampler(MOMENT_SAMPLES, generator)
    denoiser = Denoiser(options.config, moments.mean(0), moments.std(0))
    process = options.config.process()

    def draw() -> tuple[Tensor, Tensor, Tensor]:
        x = sampler(options.batch, generator)
        u = torch.rand(options.batch, generator=generator)
        t = (u**3 * process.num_timesteps).long()
        return x, t, torch.randn(x.shape, generator=generator)

    def loss(model: nn.Module, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        each = process.training_losses(model, x, t, noise=noise)["loss"]
        return (each * denoiser.loss_weight(t)).mean()

    yield from fit(
        denoiser,
        draw,
        loss,
        _Validation(watched) if watched else lambda _: {},
        LoopOptions(options.steps, processes=options.processes, mixed=options.mixed),
        generator,
        options.checkpoint,
        repr(options),
        options.log_dir,
        cancel,
    )
    save_denoiser(denoiser, options.out)


class _Validation:
    """Degrees between unseen rotations and their estimate in one step, at a few timesteps."""

    def __init__(self, takes: Sequence[Take]) -> None:
        self._generator = torch.Generator().manual_seed(1)
        self._x = PoseSampler(takes)(VALIDATION_SAMPLES, self._generator, mix=False)
        self._noise = torch.randn(self._x.shape, generator=self._generator)

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Metrics:
        """Return root mean square degrees by timestep."""
        assert isinstance(model, Denoiser)
        device = model.mean.device
        process = model.config.process()
        truth, _ = from_vector(self._x)
        metrics: Metrics = {}
        for timestep in VALIDATION_TIMESTEPS:
            t = torch.full((len(self._x),), timestep)
            noisy = process.q_sample(self._x, t, self._noise)
            estimate, _ = from_vector(model(noisy.to(device), t.to(device)).cpu())
            error = geodesic(estimate, truth).square().mean().sqrt()
            metrics[f"degrees_t{timestep}"] = float(error.rad2deg())
        return metrics
