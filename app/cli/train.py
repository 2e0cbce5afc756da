"""Commands that train."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli import train_arms, train_people, train_ranker
from app.cli.terminal import OUTPUT, watch

train = typer.Typer(help="Train a model.", rich_markup_mode=None)


@train.callback()
def about() -> None:
    """Train a model."""


@train.command()
def prior(
    data: Annotated[Path, typer.Option(help="Folder of motion capture: AMASS-style npz files.")],
    out: Annotated[Path, typer.Option(help="Weights to write, .safetensors.")],
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 9_000,
    batch: Annotated[int, typer.Option(min=1, help="Samples a step.")] = 256,
    seed: Annotated[int, typer.Option(help="Of every random draw.")] = 0,
    log: Annotated[Path | None, typer.Option(help="Folder for TensorBoard.")] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="Processes that share each batch; one a GPU.")
    ] = 1,
    mixed: Annotated[bool, typer.Option("--mixed", help="Mixed precision, for a GPU.")] = False,
) -> None:
    """Train the pose prior of the refiner `paper`; the same command again goes on."""
    from training.prior import PriorOptions, train_prior

    options = PriorOptions(
        data, out, steps, batch, seed, log_dir=log, processes=processes, mixed=mixed
    )
    watch(train_prior(options))
    OUTPUT.print(f"wrote {out}", markup=False)


@train.command()
def hmr(
    data: Annotated[Path, typer.Option(help="Folder of motion capture: AMASS-style npz files.")],
    out: Annotated[Path, typer.Option(help="Weights to write, .safetensors.")],
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 8_000,
    batch: Annotated[int, typer.Option(min=1, help="Pictures a step.")] = 64,
    seed: Annotated[int, typer.Option(help="Of every random draw.")] = 0,
    log: Annotated[Path | None, typer.Option(help="Folder for TensorBoard.")] = None,
) -> None:
    """Train the frontend `hmr-open` on people drawn on the fly; the same command again goes on."""
    from training.hmr.job import HmrOptions, train_hmr

    watch(train_hmr(HmrOptions(data, out, steps, batch, seed, log_dir=log)))
    OUTPUT.print(f"wrote {out}", markup=False)


train_people.register(train)
train_ranker.register(train)
train_arms.register(train)
