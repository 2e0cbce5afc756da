"""The command that trains the ranker, on motion capture or on what reviewers decided."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Body
from app.cli.terminal import OUTPUT, complain, follow, run, tell
from app.cli.train_options import Frontends, Kept, Known, Out, Seed, Watched, materials_of
from core.errors import UnreadableInput

REFINERS_TO_RANK = ("level", "one-shot", "bridge", "fit", "guided")
"""Unless others are named; the first is asked about everybody."""


def ranker(
    out: Out,
    decided: Annotated[
        list[Path] | None,
        typer.Option("--from", help="Project with decisions to learn from; repeat."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of motion capture, to train from nothing."),
    ] = None,
    corpus: Known = None,
    watch: Watched = None,
    frontend: Frontends = None,
    refiner: Annotated[
        list[str] | None, typer.Option(help="With --data: whose steps are ranked; repeat.")
    ] = None,
    pairs: Kept = None,
    paths: Annotated[
        Path | None, typer.Option(help="Folder to keep refined people in; else OUT's with .paths.")
    ] = None,
    count: Annotated[int, typer.Option(min=32, help="People to refine.")] = 960,
    ranker_weights: Annotated[
        Path | None, typer.Option("--ranker", help="With --from: weights to go on from.")
    ] = None,
    body: Body = None,
    seed: Seed = 0,
) -> None:
    """Train what suggests steps: on motion capture (--data), or on decisions (--from)."""
    if bool(decided) == (data is not None):
        raise UnreadableInput(
            "There is nothing, or too much, to learn from",
            "Say --from P.diffannot, or --data DIR with --corpus NAME=DIR",
        )
    if decided:
        from training.ranker_decisions import DecisionOptions, learn_from_decisions

        chosen = DecisionOptions(tuple(decided), out, ranker_weights, body, seed)
        told = follow(learn_from_decisions(chosen))
        for failure in told.report.failures:
            complain(f"failed: {failure}")
        for line in told.lines:
            OUTPUT.print(line, markup=False)
        tell(told.report, f"decisions learnt from, weights in {out}", as_json=False)
    from training.ranker import RankerOptions, train_ranker

    assert data is not None
    materials = materials_of(corpus, watch, frontend, body, pairs)
    names = tuple(refiner or REFINERS_TO_RANK)
    options = RankerOptions(data, materials, out, names, body, count, seed=seed, paths=paths)
    tell(run(train_ranker(options)), f"paths trained on, weights in {out}", as_json=False)


def register(train: typer.Typer) -> None:
    """Add the command."""
    train.command()(ranker)
