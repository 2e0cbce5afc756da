"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ProjectFile = Annotated[Path, typer.Argument(help="The .diffannot file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
Body = Annotated[
    Path | None,
    typer.Option(help="SMPL's own file or folder; without it the open body that ships."),
]
Images = Annotated[
    Path | None, typer.Option(help="Folder that picture names in the file start from.")
]
