"""Commands that train."""

from typing import Annotated

import typer

from app.cli import train_arms, train_people, train_ranker
from app.cli.terminal import OUTPUT, watch
from app.cli.train_options import Data, Log, Mixed, Out, Processes, Seed, Steps

train = typer.Typer(help="Train a model.", rich_markup_mode=None)


@train.callback()
def about() -> None:
    """Train a model."""


@train.command()
def prior(
    data: Data,
    out: Out,
    steps: Steps = 9_000,
    batch: Annotated[int, typer.Option(min=1, help="Samples a step.")] = 256,
    seed: Seed = 0,
    log: Log = None,
    processes: Processes = 1,
    mixed: Mixed = False,
) -> None:
    """Train the pose prior of the refiner `paper`; the same command again goes on."""
    from training.prior import PriorOptions, train_prior

    options = PriorOptions(
        data=data,
        out=out,
        steps=steps,
        batch=batch,
        seed=seed,
        log_dir=log,
        processes=processes,
        mixed=mixed,
    )
    watch(train_prior(options))
    OUTPUT.print(f"wrote {out}", markup=False)


@train.command()
def hmr(
    data: Data,
    out: Out,
    steps: Steps = 8_000,
    batch: Annotated[int, typer.Option(min=1, help="Pictures a step.")] = 64,
    seed: Seed = 0,
    log: Log = None,
) -> None:
    """Train the frontend `hmr-open` on people drawn on the fly; the same command again goes on."""
    from training.hmr.job import HmrOptions, train_hmr

    options = HmrOptions(data=data, out=out, steps=steps, batch=batch, seed=seed, log_dir=log)
    watch(train_hmr(options))
    OUTPUT.print(f"wrote {out}", markup=False)


train_people.register(train)
train_ranker.register(train)
train_arms.register(train)
