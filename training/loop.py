"""One training loop: AdamW, clipped gradients, averaged weights, resume.

Runs on whatever Lightning Fabric finds (extra `train`), in one process or several.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from logging import WARNING, getLogger
from math import cos, pi
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal

import torch
from torch import Tensor, nn

from core.errors import DiffAnnotError, UnreadableInput
from core.progress import CancelToken, Progress

Metrics = dict[str, float]


@dataclass(frozen=True)
class LoopOptions:
    """How long, how fast, on what.

    Parameters
    ----------
    steps : int
        Optimiser steps.
    learning_rate : float
        Peak; reached after `warmup` steps.
    warmup : int
        Steps.
    anneal : str
        From the peak to nothing: `cosine`, or `linear`; or `none`. The last two, with a warm-up of
        0, are improved-diffusion's.
    weight_decay : float
        AdamW's.
    clip : float
        Largest gradient norm; infinity clips nothing.
    ema : tuple of float
        Rates of the averaged weights, lower at the start.
    log_every, save_every : int
        Steps between validations, and between checkpoints.
    processes : int
        DistributedDataParallel over as many devices; a CPU counts as any number of them.
    mixed : bool
        Mixed precision, bfloat16: sooner on a GPU.
    """

    steps: int
    learning_rate: float = 1e-3
    warmup: int = 500
    anneal: Literal["cosine", "linear", "none"] = "cosine"
    weight_decay: float = 0.05
    clip: float = 1.0
    ema: tuple[float, ...] = (0.999,)
    log_every: int = 500
    save_every: int = 2000
    processes: int = 1
    mixed: bool = False


def fit(
    model: nn.Module,
    draw: Callable[[], Sequence[Tensor]],
    loss: Callable[..., Tensor],
    validate: Callable[[nn.Module], Metrics],
    options: LoopOptions,
    generator: torch.Generator,
    checkpoint: Path,
    plan: str,
    log_dir: Path | None = None,
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, dict[float, nn.Module]]:
    """Train a model in place; at the end it holds the weights averaged at the first rate.

    Goes on from the checkpoint where one is, and removes it at the end: on a CPU, a run that was
    cut off and resumed ends with the same weights as one that was not. Several processes share
    each batch and end with the weights of one, but for rounding and dropout. Fabric starts them by
    running the program again, so once in a program; all but the first end here.

    Parameters
    ----------
    model : nn.Module
        Trained in place.
    draw : callable
        Draws a batch, tensors with the samples first; the same in all processes.
    loss : callable
        Mean loss of a model on the tensors of a batch, or on a process' share of it.
    validate : callable
        Figures of the averaged model, by name.
    options : LoopOptions
        How long, how fast, on what.
    generator : torch.Generator
        Source of all randomness of `draw` and the model; saved with the checkpoint.
    checkpoint : Path
        Where to save in between.
    plan : str
        What is trained, in words; a checkpoint of another plan is refused.
    log_dir : Path or None
        Folder for TensorBoard, if that is installed.
    cancel : CancelToken or None
        Looked at before each step.

    Returns
    -------
    dict
        The averaged models by their rates.

    Raises
    ------
    Cancelled
        Someone asked to stop.
    UnreadableInput
        The checkpoint is torn, or of another plan.
    DiffAnnotError
        The extra `train` is not installed, there are fewer GPUs than processes, or a batch cannot
        be shared evenly.
    """
    fabric = _fabric(options)
    fabric.to_device(model)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=options.learning_rate,
        weight_decay=options.weight_decay,
        fused=True,
    )
    averages = {rate: deepcopy(model).requires_grad_(False).eval() for rate in options.ema}
    named = {f"average {rate}": average for rate, average in averages.items()}
    state = {"model": model, "optimizer": optimizer, **named}
    start = _resume(checkpoint, plan, state, generator)
    fabric.barrier()  # the first process removes the checkpoint at the end
    trained, optimizer = fabric.setup(model, optimizer)
    cancel = cancel or CancelToken()
    running = 0.0
    with _logger(log_dir if fabric.is_global_zero else None) as log:
        for step in range(start, options.steps):
            cancel.check()
            for group in optimizer.param_groups:
                group["lr"] = options.learning_rate * _rate(step, options)
            value = loss(trained, *(_share(part, fabric) for part in draw()))
            optimizer.zero_grad()
            fabric.backward(value)
            fabric.clip_gradients(trained, optimizer, max_norm=options.clip)
            optimizer.step()
            for rate, average in averages.items():
                _average(average, model, min(rate, (1 + step) / (10 + step)))
            running += (value.item() - running) / (step % options.log_every + 1)
            done = step + 1
            if done % options.log_every == 0 or done == options.steps:
                metrics = {"loss": float(fabric.all_reduce(torch.tensor(running)))}
                running = 0.0
                if fabric.is_global_zero:
                    metrics |= _validated(averages, validate)
                    for name, figure in metrics.items():
                        log(name, figure, done)
                    text = ", ".join(f"{name} {figure:.4g}" for name, figure in metrics.items())
                    yield Progress(done, options.steps, text)
            if done % options.save_every == 0 and fabric.is_global_zero:
                _save(checkpoint, plan, state, generator, done)
    if not fabric.is_global_zero:
        raise SystemExit
    model.load_state_dict(averages[options.ema[0]].state_dict())
    checkpoint.unlink(missing_ok=True)
    return averages


def _fabric(options: LoopOptions) -> Any:
    if find_spec("lightning_fabric") is None:
        raise DiffAnnotError(
            "Training needs packages that are not installed", "pip install 'diffannot[train]'"
        )
    gpus = torch.cuda.device_count()
    if 0 < gpus < options.processes:
        raise DiffAnnotError(
            f"{options.processes} processes need as many GPUs, and here are {gpus}",
            "Ask for fewer, or hide the GPUs by CUDA_VISIBLE_DEVICES=",
        )
    from lightning_fabric import Fabric

    getLogger("lightning_fabric").setLevel(WARNING)  # it greets every process
    fabric = Fabric(
        accelerator="auto",
        devices=options.processes,
        strategy="ddp" if options.processes > 1 else "auto",
        precision="bf16-mixed" if options.mixed else "32-true",
    )
    fabric.launch()
    return fabric


def _share(part: Tensor, fabric: Any) -> Tensor:
    """Return the rows of this process, on its device."""
    rows, left = divmod(len(part), fabric.world_size)
    if left:
        raise DiffAnnotError(
            f"{fabric.world_size} processes cannot share a batch of {len(part)}",
            "Give a batch that is a multiple of them",
        )
    mine: Tensor = fabric.to_device(part[fabric.global_rank * rows :][:rows])
    return mine


def _validated(
    averages: Mapping[float, nn.Module], validate: Callable[[nn.Module], Metrics]
) -> Metrics:
    """Return the figures of all averaged models, told apart by rate where there are several."""
    return {
        name if len(averages) == 1 else f"{name} ema {rate}": figure
        for rate, average in averages.items()
        for name, figure in validate(average).items()
    }


@contextmanager
def _logger(folder: Path | None) -> Iterator[Callable[[str, float, int], None]]:
    if folder is None or find_spec("tensorboard") is None:
        yield lambda *_: None
        return
    from torch.utils.tensorboard.writer import SummaryWriter

    with SummaryWriter(str(folder), flush_secs=10) as writer:
        yield lambda name, figure, step: writer.add_scalar(name, figure, step)


def _rate(step: int, options: LoopOptions) -> float:
    warm = min(1.0, (step + 1) / max(1, options.warmup))
    done = step / options.steps
    falling = {"none": 1.0, "linear": 1 - done, "cosine": (1 + cos(pi * done)) / 2}
    return warm * falling[options.anneal]


@torch.no_grad()
def _average(average: nn.Module, model: nn.Module, rate: float) -> None:
    for mean, now in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - rate)
    for kept, buffer in zip(average.buffers(), model.buffers(), strict=True):
        kept.copy_(buffer)


def _save(
    path: Path, plan: str, state: dict[str, Any], generator: torch.Generator, step: int
) -> None:
    content = {name: part.state_dict() for name, part in state.items()}
    half_written = path.with_suffix(".part")
    rest = {"plan": plan, "generator": generator.get_state(), "step": step}
    torch.save(content | rest, half_written)
    half_written.replace(path)


def steps_done(checkpoint: Path, plan: str) -> int:
    """Return the step that `fit` will begin with: 0 where there is no checkpoint.

    Raises
    ------
    UnreadableInput
        The checkpoint is torn, or of another plan.
    """
    return int(_saved(checkpoint, plan)["step"]) if checkpoint.exists() else 0


def _resume(path: Path, plan: str, state: dict[str, Any], generator: torch.Generator) -> int:
    if not path.exists():
        return 0
    content = _saved(path, plan)
    for name, part in state.items():
        part.load_state_dict(content[name])
    generator.set_state(content["generator"])
    return int(content["step"])


def _saved(path: Path, plan: str) -> dict[str, Any]:
    hint = "Delete it to start afresh, or give the options it was made with"
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, ValueError, UnpicklingError) as bad:
        raise UnreadableInput(f"{path} is no checkpoint", hint) from bad
    if content.get("plan") != plan:
        raise UnreadableInput(f"{path} is the checkpoint of another training", hint)
    return content
