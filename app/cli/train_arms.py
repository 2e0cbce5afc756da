"""Commands that train the arms of the comparison: `one-shot` and `bridge`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from app.cli.terminal import run, tell
from app.cli.train_options import (
    Batch,
    Data,
    Frontends,
    Kept,
    Known,
    Log,
    Out,
    Seed,
    Smpl,
    Steps,
    Watched,
    materials_of,
)

if TYPE_CHECKING:
    from training.arms import Arm


def _command(arm: "Arm") -> Callable[..., None]:
    """Make the command of an arm; all arms are told the same."""

    def command(
        data: Data,
        out: Out,
        corpus: Known = None,
        watch: Watched = None,
        frontend: Frontends = None,
        smpl: Smpl = None,
        pairs: Kept = None,
        steps: Steps = 2_500,
        batch: Batch = 256,
        seed: Seed = 0,
        log: Log = None,
    ) -> None:
        from training.arms import ArmOptions, train_arm

        options = ArmOptions(
            arm=arm,
            mocap=data,
            out=out,
            materials=materials_of(corpus, watch, frontend, smpl, pairs),
            steps=steps,
            batch=batch,
            seed=seed,
            log_dir=log,
        )
        tell(run(train_arm(options)), f"people trained on, weights in {out}", as_json=False)

    return command


def register(train: typer.Typer) -> None:
    """Add the commands."""
    arms: tuple[Arm, ...] = ("one-shot", "bridge")
    for arm in arms:
        what = f"Train the refiner `{arm}`; the same command again goes on."
        train.command(arm, help=what)(_command(arm))
