"""The command line: thin, it only calls `core`. Exit status 0 done, 1 some failed, 2 wrong use."""

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from app.cli import evaluate, export, machine, projects, tracks, train
from app.cli.display import open_window
from app.cli.terminal import STOPPED, WRONG_USE, complain
from core.errors import Cancelled, DiffAnnotError

app = typer.Typer(
    name="diffannot",
    help="Review and refine SMPL body annotations: denoise, scrub the steps, pick, export.",
    invoke_without_command=True,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
)
projects.register(app)
export.register(app)
app.add_typer(train.train, name="train")
app.command()(tracks.steady)
app.command()(evaluate.evaluate)
app.add_typer(machine.models, name="models")
machine.register(app)


@app.callback()
def window(
    context: typer.Context, version: Annotated[bool, typer.Option("--version")] = False
) -> None:
    """Open the window on the last project, or on the sample project at first."""
    if version:
        from importlib.metadata import version as installed

        sys.stdout.write(f"diffannot {installed('diffannot')}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.Exit(open_window(None))


# typer carries its own copy of click; this is click's base of all wrong uses, wherever it lives
_WRONG_USES = cast(type[typer.BadParameter], typer.BadParameter.__mro__[2])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, on the words of the process by default; return its exit status."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries say to their callers is not the user's
    try:
        status = app(arguments, standalone_mode=False)
    except DiffAnnotError as error:
        complain(f"diffannot: {error}")
        status = WRONG_USE
    except _WRONG_USES as error:
        complain(f"diffannot: {error.format_message()} (see --help)")
        status = WRONG_USE
    except (KeyboardInterrupt, typer.Abort, Cancelled):
        status = STOPPED
    if status == STOPPED:  # typer turns Ctrl-C within a command into this status itself
        complain("diffannot: stopped; what was done is kept")
    return int(status or 0)
