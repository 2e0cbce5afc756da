"""Commands that train on people of data sets and on what a frontend says of them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.terminal import run, tell
from app.cli.train_options import (
    Batch,
    Checkpoint,
    Corpora,
    Data,
    Frontend,
    Frontends,
    Kept,
    Known,
    Log,
    Mixed,
    Out,
    Processes,
    Seed,
    Smpl,
    Steps,
    Watched,
    material_of,
    materials_of,
)
from core.errors import UnreadableInput
from core.frontends import DEFAULT_FRONTEND


class X0(StrEnum):
    """What noise is added to."""

    TRUE = "true"
    ROUGH = "rough"


def denoiser(
    corpus: Corpora,
    out: Out,
    frontend: Frontend = DEFAULT_FRONTEND,
    checkpoint: Checkpoint = None,
    smpl: Smpl = None,
    watch: Watched = None,
    pairs: Kept = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights to go on from, such as a prior's.")
    ] = None,
    x_0: Annotated[
        X0, typer.Option("--x0", help="True parameters where known, or rough ones for everybody.")
    ] = X0.TRUE,
    regressor: Annotated[
        Path | None, typer.Option(help="J_regressor_h36m.npy, for joints that SMPL has not.")
    ] = None,
    mocap: Annotated[
        Path | None, typer.Option(help="Folder of motion capture to draw half of each batch from.")
    ] = None,
    width: Annotated[
        int,
        typer.Option(help="Of the vectors of Θ: 154, or 226 as the paper's; START's with it."),
    ] = 154,
    steps: Steps = 4_000,
    batch: Batch = 256,
    seed: Seed = 0,
    log: Log = None,
    processes: Processes = 1,
    mixed: Mixed = False,
) -> None:
    """Train the paper's denoiser with all three losses; the same command again goes on."""
    from core.diffusion.denoiser import DenoiserConfig
    from core.pose.vectors import MATRIX, ROT6D
    from training.denoise import DenoiserOptions, train_denoiser

    if width not in (ROT6D, MATRIX):
        raise UnreadableInput(f"No denoiser is {width} wide", "Say --width 154 or 226")
    material = material_of(corpus, watch, frontend, checkpoint, smpl, pairs)
    options = DenoiserOptions(
        material=material,
        out=out,
        start=start,
        x_0=x_0.value,
        regressor=regressor,
        mocap=mocap,
        steps=steps,
        batch=batch,
        seed=seed,
        config=DenoiserConfig(dim=width),
        log_dir=log,
        processes=processes,
        mixed=mixed,
    )
    tell(run(train_denoiser(options)), f"people trained on, weights in {out}", as_json=False)


def as_published(
    corpus: Corpora,
    out: Out,
    frontend: Frontend = DEFAULT_FRONTEND,
    checkpoint: Checkpoint = None,
    smpl: Smpl = None,
    watch: Watched = None,
    pairs: Kept = None,
    width: Annotated[
        int, typer.Option(help="Of the vectors of Θ: 226, matrices, or 82, axis-angle.")
    ] = 226,
    epochs: Annotated[int, typer.Option(min=1, help="Times that everybody is drawn.")] = 50,
    batch: Batch = 4,
    seed: Seed = 0,
    log: Log = None,
) -> None:
    """Train as the released code does, for comparison; the same command again goes on."""
    from core.pose.vectors import AXIS_ANGLE, MATRIX
    from training.as_published import PublishedOptions, train_as_published

    if width not in (MATRIX, AXIS_ANGLE):
        raise UnreadableInput(f"The released code is not {width} wide", "Say --width 226 or 82")
    material = material_of(corpus, watch, frontend, checkpoint, smpl, pairs)
    options = PublishedOptions(
        material=material,
        out=out,
        width=width,
        epochs=epochs,
        batch=batch,
        seed=seed,
        log_dir=log,
    )
    tell(run(train_as_published(options)), f"people trained on, weights in {out}", as_json=False)


def level(
    data: Data,
    out: Out,
    corpus: Known = None,
    watch: Watched = None,
    frontend: Frontends = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights to go on from, of the same refiner.")
    ] = None,
    smpl: Smpl = None,
    pairs: Kept = None,
    steps: Steps = 4_000,
    batch: Batch = 96,
    seed: Seed = 0,
    search: Annotated[
        bool, typer.Option(help="Judge after the search for keypoints; before it is sooner.")
    ] = True,
    log: Log = None,
) -> None:
    """Train the refiner `level` on frontends' mistakes and synthetic ones; again goes on."""
    from training.level import LevelOptions, train_level

    materials = materials_of(corpus, watch, frontend, smpl, pairs)
    options = LevelOptions(
        data, materials, out, start, smpl, steps, batch, seed, search, log_dir=log
    )
    tell(run(train_level(options)), f"people trained on, weights in {out}", as_json=False)


def register(train: typer.Typer) -> None:
    """Add the commands."""
    train.command()(denoiser)
    train.command()(as_published)
    train.command()(level)
