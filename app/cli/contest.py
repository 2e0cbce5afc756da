"""The whole table of the open bench: every refiner on the same people."""

from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from app.cli.terminal import OUTPUT, SOME_FAILED, complain, follow, print_json
from core.errors import RenderError

STANDARD_OUTPUT = Path("-")

WIDTH = 112
HEADS = ("arm", "Θ1", "fixed", "suggested", "by part", "oracle *", "null orcl *", "worse", "regret")


def contest(
    folder: Path,
    frontend: str | None,
    checkpoint: Path | None,
    seeds: Sequence[Path],
    limit: int | None,
    json_file: Path | None,
    figures: Path | None,
) -> NoReturn:
    """Run it, show it, write it and end the command."""
    from training.bench.arms import machine
    from training.bench.contest.facts import facts_of
    from training.bench.contest.people import FRONTENDS
    from training.bench.contest.running import run

    names = FRONTENDS if frontend is None else (frontend,)
    made = follow(run(folder, names, checkpoint, seeds, limit), aloud=True)
    for missing in made.sources.left_out:
        complain(f"left out: {missing}")
    failures = [*made.sources.failures, *made.failures]
    for failure in failures:
        complain(f"failed: {failure}")
    facts = facts_of(made, {"machine": {**machine(), "threads": 1}})  # of each process
    if json_file != STANDARD_OUTPUT:
        _show(facts)
    if json_file is not None:
        write_facts(facts, json_file)
    if figures is not None:
        from training.bench.contest.figures import draw
        from training.bench.contest.worst import draw_worst

        draw(facts, figures)
        try:
            draw_worst(made, figures / "open_worst.png")
        except RenderError as error:
            complain(f"no pictures of the worst cases: {error}")
    raise typer.Exit(SOME_FAILED if failures else 0)


def write_facts(facts: dict[str, Any], path: Path) -> None:
    """Write JSON into a file, or alone onto standard output."""
    if path == STANDARD_OUTPUT:
        print_json(facts)
        return
    from core.formats.files import replacing

    with replacing(path) as file:
        file.write((dumps(facts, indent=1, allow_nan=False) + "\n").encode())


def _show(facts: dict[str, Any]) -> None:
    """Print MPJPE under the main conditions, and the targets."""
    for source in facts["frontends"]:
        for condition in ("4 px", "none"):
            cells = [
                one
                for one in facts["cells"]
                if (one["source"], one["condition"]) == (source, condition)
            ]
            table = Table(box=SIMPLE_HEAD, title=f"{source}, keypoints: {condition}")
            for head in HEADS:
                table.add_column(head, justify="left" if head == "arm" else "right", no_wrap=True)
            for cell in cells:
                errors = (each["MPJPE mm"]["mean"] for each in cell["errors"].values())
                table.add_row(
                    cell["arm"],
                    *(f"{error:.1f}" for error in errors),
                    f"{cell['worse']['mean']:.1%}",
                    f"{cell['regret']['mean']:.1f}",
                )
            _print(table)
    table = Table(box=SIMPLE_HEAD, title="targets", caption="* asks the truth: no result")
    for head in ("what", "where", "found", "target", "met"):
        table.add_column(head)
    for one in facts["targets"]:
        table.add_row(
            one["what"],
            one["where"],
            str(one["value"]),
            one["target"],
            "yes" if one["met"] else "no",
        )
    _print(table)


def _print(table: Table) -> None:
    """Print a table whole: where there is no terminal, rich takes 80 columns for granted."""
    Console(width=max(OUTPUT.width, WIDTH), highlight=False).print(table)
