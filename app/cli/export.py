"""The command that writes data sets."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Body, Json, ProjectFile
from app.cli.terminal import run, tell
from core.errors import UnreadableInput
from core.formats import WRITERS
from core.project import Project, State


class By(StrEnum):
    """What stays together in one split."""

    IMAGE = "image"
    TRACK = "track"


class Pictures(StrEnum):
    """What becomes of the pictures."""

    REFERENCE = "reference"
    COPY = "copy"
    LINK = "link"


def export(
    project: ProjectFile,
    out: Annotated[Path, typer.Option(help="File to write; a folder for meshes and tracks.")],
    format_name: Annotated[
        str, typer.Option("--format", help=f"Its format: {', '.join(WRITERS)}.")
    ] = "humandata",
    status: Annotated[State, typer.Option(help="Which persons.")] = State.ACCEPTED,
    tag: Annotated[
        list[str] | None, typer.Option(help="Only persons with this tag; repeat.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Deal to a file a split by shares, as train=8,validation=1,test=1."),
    ] = None,
    by: Annotated[By, typer.Option("--split-by", help="Kept together.")] = By.IMAGE,
    seed: Annotated[int, typer.Option(help="Of the split.")] = 0,
    pictures: Annotated[
        Pictures, typer.Option(help="Named where they lie, or copied or hard-linked beside OUT.")
    ] = Pictures.REFERENCE,
    licence: Annotated[str, typer.Option(help="Of the pictures, for the data card.")] = "",
    body: Body = None,
    as_json: Json = False,
) -> None:
    """Write a dataset, its provenance and a data card."""
    from core.body import load_body  # torch comes with it
    from core.formats.entries import Chosen, Splits
    from core.jobs import exporting

    splits = None if split is None else Splits(_shares(split), by.value, seed)
    chosen = Chosen(status, tuple(tag or ()), splits)
    with Project.open(project) as opened:
        job = exporting.export(
            opened,
            out,
            format_name,
            chosen,
            load_body(body) if body else None,
            exporting.Pictures(pictures.value),
            licence,
        )
        tell(run(job), f"written to {out}", as_json, out=str(out), format=format_name)


def _shares(text: str) -> dict[str, float]:
    """Take shares as they are given on the command line."""
    try:
        pairs = [part.split("=") for part in text.split(",")]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError as error:
        raise UnreadableInput(f"{text} are no shares", "Say train=8,validation=1,test=1") from error


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)
