"""One training loop: AdamW, warm-up and cosine decay, clipped gradients, averaged weights, resume.

Runs on whatever Lightning Fabric finds (extra `train`), in one process.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from math import cos, pi
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import DiffAnnotError, UnreadableInput
from core.progress import CancelToken, Progress

Metrics = dict[str, float]


@dataclass(frozen=True)
class LoopOptions:
    """How long and how fast.

    Parameters
    ----------
    steps : int
        Optimiser steps.
    learning_rate : float
        Peak; reached after `warmup` steps, then a cosine down to nothing.
    warmup : int
        Steps.
    weight_decay : float
        AdamW's.
    clip : float
        Largest gradient norm.
    ema : float
        Rate of the averaged weights, lower at the start.
    log_every, save_every : int
        Steps between validations, and between checkpoints.
    """

    steps: int
    learning_rate: float = 1e-3
    warmup: int = 500
    weight_decay: float = 0.05
    clip: float = 1.0
    ema: float = 0.999
    log_every: int = 500
    save_every: int = 2000


def fit(
    model: nn.Module,
    loss: Callable[[nn.Module], Tensor],
    validate: Callable[[nn.Module], Metrics],
    options: LoopOptions,
    generator: torch.Generator,
    checkpoint: Path,
    plan: str,
    log_dir: Path | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[Progress]:
    """Train a model in place; at the end it holds the averaged weights.

    Goes on from the checkpoint where one is, and removes it at the end: a run that was cut off and
    resumed ends with the same weights as one that was not.

    Parameters
    ----------
    model : nn.Module
        Trained in place.
    loss : callable
        Draws a batch and returns the mean loss of a model on it.
    validate : callable
        Figures of the averaged model, by name.
    options : LoopOptions
        How long and how fast.
    generator : torch.Generator
        Source of all randomness of `loss` and the model; saved with the checkpoint.
    checkpoint : Path
        Where to save in between.
    plan : str
        What is trained, in words; a checkpoint of another plan is refused.
    log_dir : Path or None
        Folder for TensorBoard, if that is installed.
    cancel : CancelToken or None
        Looked at before each step.

    Raises
    ------
    Cancelled
        Someone asked to stop.
    UnreadableInput
        The checkpoint is torn, or of another plan.
    DiffAnnotError
        The extra `train` is not installed.
    """
    fabric = _fabric()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )
    average = deepcopy(model).requires_grad_(False).eval()
    state = {"model": model, "average": average, "optimizer": optimizer}
    start = _resume(checkpoint, plan, state, generator)
    trained, optimizer = fabric.setup(model, optimizer)
    log = _logger(log_dir)
    cancel = cancel or CancelToken()
    running = 0.0
    for step in range(start, options.steps):
        cancel.check()
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * _rate(step, options)
        value = loss(trained)
        optimizer.zero_grad()
        fabric.backward(value)
        fabric.clip_gradients(trained, optimizer, max_norm=options.clip)
        optimizer.step()
        _average(average, model, min(options.ema, (1 + step) / (10 + step)))
        running += (value.item() - running) / (step % options.log_every + 1)
        done = step + 1
        if done % options.log_every == 0 or done == options.steps:
            metrics = {"loss": running, **validate(average)}
            running = 0.0
            for name, figure in metrics.items():
                log(name, figure, done)
            text = ", ".join(f"{name} {figure:.4g}" for name, figure in metrics.items())
            yield Progress(done, options.steps, text)
        if done % options.save_every == 0:
            _save(checkpoint, plan, state, generator, done)
    model.load_state_dict(average.state_dict())
    checkpoint.unlink(missing_ok=True)


def _fabric() -> Any:
    if find_spec("lightning_fabric") is None:
        raise DiffAnnotError(
            "Training needs packages that are not installed", "pip install 'diffannot[train]'"
        )
    from lightning_fabric import Fabric

    return Fabric(accelerator="auto", devices=1)


def _logger(folder: Path | None) -> Callable[[str, float, int], None]:
    if folder is None or find_spec("tensorboard") is None:
        return lambda *_: None
    from torch.utils.tensorboard.writer import SummaryWriter

    writer = SummaryWriter(str(folder), flush_secs=10)
    return lambda name, figure, step: writer.add_scalar(name, figure, step)


def _rate(step: int, options: LoopOptions) -> float:
    warm = min(1.0, (step + 1) / options.warmup)
    return warm * (1 + cos(pi * step / options.steps)) / 2


@torch.no_grad()
def _average(average: nn.Module, model: nn.Module, rate: float) -> None:
    for mean, now in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - rate)


def _save(
    path: Path, plan: str, state: dict[str, Any], generator: torch.Generator, step: int
) -> None:
    content = {name: part.state_dict() for name, part in state.items()}
    half_written = path.with_suffix(".part")
    rest = {"plan": plan, "generator": generator.get_state(), "step": step}
    torch.save(content | rest, half_written)
    half_written.replace(path)


def _resume(path: Path, plan: str, state: dict[str, Any], generator: torch.Generator) -> int:
    if not path.exists():
        return 0
    hint = "Delete it to start afresh, or give the options it was made with"
    try:
        content = torch.load(path, weights_only=True)
    except (RuntimeError, OSError, ValueError, UnpicklingError) as bad:
        raise UnreadableInput(f"{path} is no checkpoint", hint) from bad
    if content.get("plan") != plan:
        raise UnreadableInput(f"{path} is the checkpoint of another training", hint)
    for name, part in state.items():
        part.load_state_dict(content[name])
    generator.set_state(content["generator"])
    return int(content["step"])
