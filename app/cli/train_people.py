"""Commands that train on people of data sets and on what a frontend says of them."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.terminal import run, tell
from core.errors import UnreadableInput
from core.frontends import DEFAULT_FRONTEND
from training.corpora import CORPORA

if TYPE_CHECKING:
    from training.gathering import Material, Source


class X0(StrEnum):
    """What noise is added to."""

    TRUE = "true"
    ROUGH = "rough"


Corpora = Annotated[
    list[str],
    typer.Option(
        "--corpus",
        metavar="NAME[:SPLIT]=DIR",
        help=f"Data set as downloaded, its split train unless said; repeat. {', '.join(CORPORA)}.",
    ),
]
Watched = Annotated[
    list[str] | None,
    typer.Option(
        "--watch",
        metavar="NAME[:SPLIT]=DIR",
        help="People to report losses of, its split validation unless said; repeat.",
    ),
]
Frontend = Annotated[str, typer.Option(help="Gives rough annotations.")]
Checkpoint = Annotated[
    Path | None, typer.Option(help="Weights for the frontend: hmr takes mmhuman3d's and SPIN's.")
]
Smpl = Annotated[
    Path | None,
    typer.Option(help="SMPL's file or folder; without it parameters are the open body's."),
]
Out = Annotated[Path, typer.Option(help="Weights to write, .safetensors.")]
Kept = Annotated[
    Path | None,
    typer.Option("--pairs", help="Folder to keep rough annotations in; else OUT's with .pairs."),
]
Known = Annotated[
    list[str] | None,
    typer.Option(
        "--corpus",
        metavar="NAME[:SPLIT]=DIR",
        help="People whom frontends annotate, their true parameters known; repeat.",
    ),
]
Frontends = Annotated[
    list[str] | None,
    typer.Option(
        "--frontend",
        metavar="NAME[=FILE]",
        help=f"Whose mistakes to learn, with its weights; repeat. {DEFAULT_FRONTEND} unless said.",
    ),
]
Seed = Annotated[int, typer.Option(help="Of every random draw.")]
Log = Annotated[Path | None, typer.Option(help="Folder for TensorBoard.")]
Processes = Annotated[int, typer.Option(min=1, help="Processes that share each batch; one a GPU.")]
Mixed = Annotated[bool, typer.Option("--mixed", help="Mixed precision, for a GPU.")]


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
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 4_000,
    batch: Annotated[int, typer.Option(min=1, help="People a step.")] = 256,
    seed: Seed = 0,
    log: Log = None,
    processes: Processes = 1,
    mixed: Mixed = False,
) -> None:
    """Train the paper's denoiser with all three losses; the same command again goes on."""
    from core.diffusion.denoiser import DenoiserConfig
    from core.pose.vectors import MATRIX, ROT6D
    from training.denoise import DenoiserOptions, train_denoiser
    from training.gathering import Material

    if width not in (ROT6D, MATRIX):
        raise UnreadableInput(f"No denoiser is {width} wide", "Say --width 154 or 226")
    people, watched = sources(corpus, "train"), sources(watch or [], "validation")
    material = Material(people, watched, frontend, checkpoint, smpl, pairs)
    config = DenoiserConfig(dim=width)
    options = DenoiserOptions(
        material,
        out,
        start,
        x_0.value,
        regressor,
        mocap,
        steps,
        batch,
        seed,
        config,
        log,
        processes,
        mixed,
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
    batch: Annotated[int, typer.Option(min=1, help="People a step.")] = 4,
    seed: Seed = 0,
    log: Log = None,
) -> None:
    """Train as the released code does, for comparison; the same command again goes on."""
    from core.pose.vectors import AXIS_ANGLE, MATRIX
    from training.as_published import PublishedOptions, train_as_published
    from training.gathering import Material

    if width not in (MATRIX, AXIS_ANGLE):
        raise UnreadableInput(f"The released code is not {width} wide", "Say --width 226 or 82")
    people, watched = sources(corpus, "train"), sources(watch or [], "validation")
    material = Material(people, watched, frontend, checkpoint, smpl, pairs)
    options = PublishedOptions(material, out, width, epochs, batch, seed, log)
    tell(run(train_as_published(options)), f"people trained on, weights in {out}", as_json=False)


def level(
    data: Annotated[Path, typer.Option(help="Folder of motion capture: AMASS-style npz files.")],
    out: Out,
    corpus: Known = None,
    watch: Watched = None,
    frontend: Frontends = None,
    start: Annotated[
        Path | None, typer.Option(help="Weights to go on from, of the same refiner.")
    ] = None,
    smpl: Smpl = None,
    pairs: Kept = None,
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 4_000,
    batch: Annotated[int, typer.Option(min=1, help="People a step.")] = 96,
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


def materials_of(
    corpus: list[str] | None,
    watch: list[str] | None,
    frontends: list[str] | None,
    smpl: Path | None,
    pairs: Path | None,
) -> tuple["Material", ...]:
    """Let each frontend annotate the same people; nobody where no corpus is given."""
    from training.gathering import Material

    people, watched = sources(corpus or [], "train"), sources(watch or [], "validation")
    made = []
    for one in (frontends or [DEFAULT_FRONTEND]) if people else []:
        name, equals, file = one.partition("=")
        checkpoint = Path(file) if equals else None
        made.append(Material(people, watched, name, checkpoint, smpl, pairs))
    return tuple(made)


def sources(given: list[str], split: str) -> tuple["Source", ...]:
    """Take data sets as they are given on the command line."""
    from training.gathering import Source

    made = []
    for one in given:
        what, equals, folder = one.partition("=")
        name, _, chosen = what.partition(":")
        if not (equals and name and folder):
            raise UnreadableInput(f"{one} names no data set", "Say NAME=DIR or NAME:SPLIT=DIR")
        made.append(Source(name, Path(folder), chosen or split))
    return tuple(made)


def register(train: typer.Typer) -> None:
    """Add the commands."""
    train.command()(denoiser)
    train.command()(as_published)
    train.command()(level)
