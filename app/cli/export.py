"""The command that writes data sets, figures and movies."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Body, Json, ProjectFile
from app.cli.terminal import run, tell
from core.errors import UnreadableInput
from core.figures import DEFAULT_FIGURE, FIGURES, SUFFIXES, Style, kind_of
from core.formats import WRITERS
from core.formats.entries import Chosen, Splits, shares_of
from core.jobs import exporting
from core.jobs.exporting import Pictures
from core.project import Project, State


class By(StrEnum):
    """What stays together in one split."""

    IMAGE = "image"
    TRACK = "track"


Figure = Annotated[str, typer.Option(help=f"Which figure: {', '.join(FIGURES)}.")]
Shown = Annotated[
    list[int] | None, typer.Option(help="Whom a figure or movie shows, by number; repeat.")
]
ShownSteps = Annotated[
    str | None, typer.Option(help="Of the figure denoising, as 0,8,16; else even ones.")
]
Width = Annotated[
    float | None, typer.Option(help="Of a figure in mm: a column is about 84, a page 174.")
]
Transparent = Annotated[
    bool, typer.Option("--transparent", help="A figure without paper behind it.")
]
Alone = Annotated[
    bool, typer.Option("--alone", help="Bodies without the picture; in a movie they turn.")
]
Truth = Annotated[
    Path | None,
    typer.Option(help="For the curve: npz with joints (P, 24, 3), metres, of every person."),
]


def export(
    project: ProjectFile,
    out: Annotated[Path, typer.Option(help="File to write; a folder for meshes and tracks.")],
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            help=f"Its format: {', '.join(WRITERS)}; figure or movie. Else OUT's ending tells a "
            "figure (.png, .svg, .pdf) or a movie (.gif, .mp4), and the rest is humandata.",
        ),
    ] = None,
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
    figure: Figure = DEFAULT_FIGURE,
    person: Shown = None,
    steps: ShownSteps = None,
    width: Width = None,
    transparent: Transparent = False,
    alone: Alone = False,
    truth: Truth = None,
    body: Body = None,
    as_json: Json = False,
) -> None:
    """Write a dataset, its provenance and a data card; or a figure, or a movie."""
    from core.body import load_body  # torch comes with it
    from core.jobs.illustrating import illustrate

    splits = None if split is None else Splits(shares_of(split), by.value, seed)
    chosen = Chosen(status, tuple(tag or ()), splits)
    name = _format(out, format_name)
    with Project.open(project) as opened:
        used = load_body(body) if body else None
        if name in SUFFIXES:
            style = Style(width, transparent, alone, _steps(steps))
            who = person or ()
            job = illustrate(opened, out, figure, who, chosen, style, used, truth)
            what = "drawn"
        else:
            job = exporting.export(opened, out, name, chosen, used, pictures, licence)
            what = "written"
        tell(run(job), f"{what} to {out}", as_json, out=str(out), format=name)


def _format(out: Path, named: str | None) -> str:
    """Return the format that is named, or else that of the file's ending."""
    if named in SUFFIXES and kind_of(out) != named:
        endings = SUFFIXES[named]
        raise UnreadableInput(
            f"{out} is no name of a {named}",
            f"End it in {', '.join(endings[:-1])} or {endings[-1]}",
        )
    return named or kind_of(out) or next(iter(WRITERS))


def _steps(text: str | None) -> tuple[int, ...]:
    """Take steps as they are given on the command line."""
    try:
        return tuple(int(part) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise UnreadableInput(f"{text} are no steps", "Say 0,8,16") from error


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)
