"""Options that the commands that train share, and the people that they name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import UnreadableInput
from core.frontends import DEFAULT_FRONTEND
from training.corpora import CORPORA

if TYPE_CHECKING:
    from training.gathering import Material, Source

Data = Annotated[Path, typer.Option(help="Folder of motion capture: AMASS-style npz files.")]
Steps = Annotated[int, typer.Option(min=1, help="Optimiser steps.")]
Batch = Annotated[int, typer.Option(min=1, help="People a step.")]
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
        help="People to report errors of, its split validation unless said; repeat.",
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


def material_of(
    corpus: list[str],
    watch: list[str] | None,
    frontend: str,
    checkpoint: Path | None,
    smpl: Path | None,
    pairs: Path | None,
) -> "Material":
    """Let a frontend annotate people."""
    from training.gathering import Material

    people, watched = _sources(corpus, "train"), _sources(watch or [], "validation")
    return Material(people, watched, frontend, checkpoint, smpl, pairs)


def materials_of(
    corpus: list[str] | None,
    watch: list[str] | None,
    frontends: list[str] | None,
    smpl: Path | None,
    pairs: Path | None,
) -> tuple["Material", ...]:
    """Let each frontend annotate the same people; nobody where no corpus is given."""
    made = []
    for one in (frontends or [DEFAULT_FRONTEND]) if corpus else []:
        name, equals, file = one.partition("=")
        checkpoint = Path(file) if equals else None
        made.append(material_of(corpus or [], watch, name, checkpoint, smpl, pairs))
    return tuple(made)


def _sources(given: list[str], split: str) -> tuple["Source", ...]:
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
