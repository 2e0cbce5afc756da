"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

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
Images = Annotated[
    Path | None, typer.Option(help="Folder that picture names in the file start from.")
]
