"""The command that measures: the paper's Tables II and III, and the columns beside them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from app.cli.contest import STANDARD_OUTPUT, contest, write_facts
from app.cli.options import DeviceName
from app.cli.terminal import OUTPUT, SOME_FAILED, complain, follow
from assets import OPEN_BENCH
from core.errors import UnreadableInput
from core.frontends import DEFAULT_FRONTEND
from core.refiners import DEFAULT_REFINER
from core.suggest import DEFAULT_RECOMMENDER

if TYPE_CHECKING:
    from training.bench.arms import Choice
    from training.bench.report import Column, Report
    from training.bench.rows import Bench


BenchName = Annotated[
    str, typer.Option("--bench", help="What to measure on: open, pw3d, mpi_inf_3dhp, halpe.")
]
Data = Annotated[Path | None, typer.Option(help="Folder of the data set; `open` ships its own.")]
Smpl = Annotated[Path | None, typer.Option(help="Folder of SMPL's files: neutral, male, female.")]
Regressor = Annotated[
    Path | None, typer.Option(help="J_regressor_h36m.npy, for pw3d and mpi_inf_3dhp.")
]
FrontendName = Annotated[
    str | None,
    typer.Option(help="Gives rough annotations: blazepose; for the whole table, hmr-open too."),
]
Checkpoint = Annotated[Path | None, typer.Option(help="Your weights for the frontend.")]
RefinerName = Annotated[
    str | None,
    typer.Option(help="Gives trajectories; without it `open` sets all of them side by side."),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        help="Your weights for the refiner; for the whole table those of the default "
        "refiner from other training seeds, one after the other."
    ),
]
RecommenderName = Annotated[str | None, typer.Option(help="Proposes steps without the truth.")]
Limit = Annotated[int | None, typer.Option(min=1, help="People of each split, spread evenly.")]
JsonFile = Annotated[
    Path | None,
    typer.Option("--json", help="File for the table as JSON; - prints that alone."),
]
Figures = Annotated[Path | None, typer.Option(help="Folder for PNGs.")]


def evaluate(
    bench: BenchName = "open",
    data: Data = None,
    smpl: Smpl = None,
    regressor: Regressor = None,
    frontend: FrontendName = None,
    checkpoint: Checkpoint = None,
    refiner: RefinerName = None,
    weights: Files = None,
    recommender: RecommenderName = None,
    device: DeviceName = "auto",
    limit: Limit = None,
    json_file: JsonFile = None,
    figures: Figures = None,
) -> None:
    """Measure frontend and refiner: Tables II and III of the paper, beside honest columns.

    Without a refiner the open bench sets every one of them side by side on the same people, with
    good keypoints, bad ones and none, on two frontends and on families of errors.
    """
    from core.formats.files import made_folder
    from training.bench.arms import Choice
    from training.bench.rows import bench_named

    row, files = bench_named(bench), weights or []
    for folder in (figures, json_file and json_file.parent):
        if folder is not None:
            made_folder(folder)
    if refiner is None and row.name == "open":
        if smpl is not None or recommender is not None or device == "cuda":
            raise UnreadableInput(
                "The whole table is of the open body and of every recommender, on the CPU",
                "Leave out --smpl, --recommender and --device, or say --refiner NAME",
            )
        contest(data or OPEN_BENCH, frontend, checkpoint, files, limit, json_file, figures)
    if len(files) > 1:
        raise UnreadableInput("One refiner runs one file of weights", "Say --weights once")
    choice = Choice(
        data,
        smpl,
        regressor,
        frontend or DEFAULT_FRONTEND,
        checkpoint,
        refiner or DEFAULT_REFINER,
        files[0] if files else None,
        recommender or DEFAULT_RECOMMENDER,
        device,
    )
    _measure(row, choice, limit, json_file, figures)


def _measure(
    row: "Bench", choice: "Choice", limit: int | None, json_file: Path | None, figures: Path | None
) -> NoReturn:
    """Measure one refiner, show it, write it and end the command."""
    from training.bench.arms import prepare
    from training.bench.figures import draw
    from training.bench.report import report, to_json
    from training.bench.running import run

    folder, arms, judge = prepare(row, choice)
    made = report(follow(run(row, folder, arms, judge, limit)))
    for failure in made.findings.failures:
        complain(f"failed: {failure}")
    if json_file != STANDARD_OUTPUT:
        _show(made)
    if json_file is not None:
        write_facts(to_json(made, arms.about()), json_file)
    if figures is not None:
        draw(made, figures)
    raise typer.Exit(SOME_FAILED if made.findings.failures else 0)


def _show(made: "Report") -> None:
    """Print the table: errors, change from Θ1 with its interval, who gained and who lost.

    What the protocol measures beside follows in a table of its own: both fit 80 columns.
    """
    bench = made.findings.bench
    rest = bench.measures[len(bench.main) :]
    table = _table(("step", *bench.main), _title(made), "" if rest else _notes(made))
    for head in ("change", "better", "worse"):
        table.add_column(head, justify="right", no_wrap=True)
    for column in made.columns:
        table.add_row(*_cells(column, bench), style="dim" if column.null else None)
    OUTPUT.print(table)
    if rest:
        beside = _table(rest, "", _notes(made))
        for column in made.columns:
            beside.add_row(
                _name(column), *_numbers(column, rest), style="dim" if column.null else None
            )
        OUTPUT.print(beside)


def _table(heads: tuple[str, ...], title: str, notes: str) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        title=title or None,
        padding=(0, 1, 0, 0),
        title_justify="left",
        caption=notes or None,
        caption_justify="left",
    )
    table.add_column("step by", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", min_width=max(map(len, head.split())))
    return table


def _name(column: "Column") -> str:
    return column.name + (" *" if column.by_truth else "")


def _numbers(column: "Column", measures: tuple[str, ...]) -> list[str]:
    return [f"{column.errors[name].mean:.1f}" for name in measures]


def _cells(column: "Column", bench: "Bench") -> list[str]:
    change = column.changes[bench.measures[bench.loss]]
    first = column.name == "Θ1"
    return [
        _name(column),
        f"{column.mean_step:.1f}",
        *_numbers(column, bench.main),
        "" if first else f"{change.mean:+.1f} [{change.low:+.1f}, {change.high:+.1f}]",
        "" if first else f"{column.improved.mean:.0%}",
        "" if first else f"{column.worse.mean:.0%}",
    ]


def _title(made: "Report") -> str:
    found = made.findings
    return (
        f"{found.bench.name} ({found.bench.split}): {len(found.walks)} people of "
        f"{made.mean_over.count} {found.bench.groups}, {found.frontend} and {found.refiner}, "
        f"{found.seconds:.0f} s"
    )


def _notes(made: "Report") -> str:
    from training.bench.choices import PATIENCE
    from training.bench.report import WORSE

    found, bench = made.findings, made.findings.bench
    row, loss = bench.protocol, bench.measures[bench.loss]
    how = (
        "COCO's keypoints in the picture"
        if row is None
        else f"{row.name}: {len(row.joints)} joints, root {' + '.join(row.root)}, {row.truth}, "
        f"mean {row.averaging}"
    )
    chosen = (
        f"no fixed step: {found.not_chosen}"
        if found.chosen_step is None
        else f"fixed step chosen on {found.chosen_on} people of {bench.choosing}"
    )
    theirs = f". The paper states: {bench.published}" if bench.published else ""
    return (
        f"{how}. Suggested by {found.recommender}; evidence: {bench.evidence}. {chosen}. * asks "
        f"the truth by {loss} (K = {PATIENCE}): no result, read it beside its null, a random path "
        f"as long. change: of {loss} [95 % over {bench.groups}]; better: it fell; worse: "
        f"{bench.measures[bench.strict]} rose by more than {WORSE:g}{theirs}"
    )
