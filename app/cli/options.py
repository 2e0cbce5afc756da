"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import UnreadableInput
from core.project import SUFFIX


def project_file(named: Path) -> Path:
    """Take the name of a project with or without its suffix."""
    return named if named.suffix == SUFFIX or named.is_file() else Path(f"{named}{SUFFIX}")


ProjectFile = Annotated[
    Path,
    typer.Argument(
        help="The .diffannot file; the suffix may be left out.",
        show_default=False,
        callback=project_file,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
Body = Annotated[
    Path | None,
    typer.Option(help="SMPL's own file or folder; without it the open body that ships."),
]
DeviceName = Annotated[
    str, typer.Option("--device", help="Where networks compute: auto, cpu or cuda.")
]
Weights = Annotated[
    Path | None,
    typer.Option(help="Your weights for the refiner, as diffannot train writes them."),
]
Every = Annotated[
    int | None,
    typer.Option(
        min=1, help="One frame of so many of a video; else as many as 3,000 frames allow."
    ),
]
Fps = Annotated[
    float | None,
    typer.Option(
        min=0.01, max=1000, help="Frames a second of a folder of frames; a video knows its own."
    ),
]
Images = Annotated[
    Path | None, typer.Option(help="Folder that picture names in the file start from.")
]
Frames = Annotated[
    str | None, typer.Option(help="Of the track only these, as 30-90; both ends are in it.")
]


def frame_range(text: str | None) -> tuple[int, int] | None:
    """Take a range of frames as it is given on the command line."""
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise UnreadableInput(f"{text} is no range of frames", "Say 30-90")
    return int(first), int(last or first)
