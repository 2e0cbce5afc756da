"""Commands that train the arms of the comparison: `one-shot` and `bridge`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.terminal import run, tell
from app.cli.train_people import Kept, Log, Out, Seed, Smpl, sources
from core.frontends import DEFAULT_FRONTEND
from training.corpora import CORPORA

if TYPE_CHECKING:
    from training.arms import Arm


def _command(arm: "Arm") -> Callable[..., None]:
    """Make the command of an arm; all arms are told the same."""

    def command(
        data: Annotated[Path, typer.Option(help="Folder of motion capture.")],
        out: Out,
        corpus: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NAME[:SPLIT]=DIR",
                help=f"People whom frontends annotate; repeat. {', '.join(CORPORA)}.",
            ),
        ] = None,
        watch: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NAME[:SPLIT]=DIR",
                help="People to report errors of, its split validation unless said; repeat.",
            ),
        ] = None,
        frontend: Annotated[
            list[str] | None,
            typer.Option(
                metavar="NAME[=FILE]",
                help=f"Whose mistakes to learn, with its weights; repeat. {DEFAULT_FRONTEND} "
                "unless said.",
            ),
        ] = None,
        smpl: Smpl = None,
        pairs: Kept = None,
        steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 2_500,
        batch: Annotated[int, typer.Option(min=1, help="People a step.")] = 256,
        seed: Seed = 0,
        log: Log = None,
    ) -> None:
        from training.arms import ArmOptions, train_arm
        from training.gathering import Material

        people, watched = sources(corpus or [], "train"), sources(watch or [], "validation")
        asked = [one.partition("=") for one in frontend or [DEFAULT_FRONTEND]] if people else []
        materials = tuple(
            Material(people, watched, name, Path(file) if file else None, smpl, pairs)
            for name, _, file in asked
        )
        options = ArmOptions(arm, data, out, materials, steps, batch, seed, log_dir=log)
        tell(run(train_arm(options)), f"people trained on, weights in {out}", as_json=False)

    return command


def register(train: typer.Typer) -> None:
    """Add the commands."""
    arms: tuple[Arm, ...] = ("one-shot", "bridge")
    for arm in arms:
        what = f"Train the refiner `{arm}`; the same command again goes on."
        train.command(arm, help=what)(_command(arm))
