"""Commands on a project."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.display import open_window
from app.cli.options import (
    Body,
    DeviceName,
    Every,
    Fps,
    Frames,
    Images,
    Json,
    ProjectFile,
    Weights,
    frame_range,
    project_file,
)
from app.cli.terminal import OUTPUT, follow, print_json, run, tell
from core.errors import DiffAnnotError, ProjectError, UnreadableInput
from core.jobs import Options, accept_suggested, accept_track
from core.jobs.filming import Pace
from core.jobs.importing import import_any, import_file, import_images
from core.project import Project, State
from core.refiners import DEFAULT_REFINER, DEFAULT_STEPS, REFINERS
from core.suggest import DEFAULT_RECOMMENDER, RECOMMENDERS
from core.video import is_video


class Engine(StrEnum):
    """Who computes."""

    LOCAL = "local"
    RAY = "ray"


def new(
    project: ProjectFile,
    images: Annotated[Path, typer.Option(help="Folder with pictures, or a video.")],
    keypoints: Annotated[
        Path | None, typer.Option(help="Dataset file with persons or keypoints.")
    ] = None,
    every: Every = None,
    fps: Fps = None,
    as_json: Json = False,
) -> None:
    """Make a project from a folder of pictures, or from a video."""
    if not images.is_dir() and not is_video(images):
        raise UnreadableInput(
            f"{images} is not a folder, nor a video", "Name a folder with pictures, or a video"
        )
    with Project.create(project) as made:
        try:
            report = run(import_images(made, images, Pace(every, fps)))
            if keypoints is not None:
                persons = run(import_file(made, keypoints, images=images))
                report = replace(report, failures=report.failures + persons.failures)
        except DiffAnnotError:
            project.unlink()
            raise
        tell(report, f"images in {project}", as_json, persons=len(made.rows()))


def import_(
    project: ProjectFile,
    file: Annotated[
        Path, typer.Argument(help="Dataset file or video, or a folder of such or of pictures.")
    ],
    format_name: Annotated[
        str | None, typer.Option("--format", help="Its format; else its content tells.")
    ] = None,
    images: Images = None,
    every: Every = None,
    fps: Fps = None,
    body: Body = None,
    as_json: Json = False,
) -> None:
    """Add pictures, videos, persons, keypoints and rough annotations; twice changes nothing."""
    with Project.open(project) as opened:
        given = _body(body) if body else None
        report = run(import_any(opened, file, format_name, images, given, Pace(every, fps)))
        tell(report, "read", as_json, persons=len(opened.rows()))


def annotate(
    project: ProjectFile,
    frontend: Annotated[str, typer.Option(help="Gives rough annotations.")] = "blazepose",
    refiner: Annotated[
        str, typer.Option(help=f"Gives trajectories: {', '.join(REFINERS)}.")
    ] = DEFAULT_REFINER,
    steps: Annotated[
        int, typer.Option(min=1, max=1000, help="N: a trajectory has N+1.")
    ] = DEFAULT_STEPS,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of every random draw.")] = 0,
    preview: Annotated[
        Path | None, typer.Option(help="Folder for a picture of every person.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Who computes.")] = Engine.LOCAL,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Weights for the frontend: hmr takes mmhuman3d's and SPIN's."),
    ] = None,
    weights: Weights = None,
    recommender: Annotated[
        str, typer.Option(help=f"Suggests steps: {', '.join(RECOMMENDERS)}.")
    ] = DEFAULT_RECOMMENDER,
    ranker: Annotated[
        Path | None,
        typer.Option(help="Your weights for the ranker, as diffannot train ranker writes them."),
    ] = None,
    device: DeviceName = "auto",
    body: Body = None,
    as_json: Json = False,
) -> None:
    """Rough annotations where missing, then trajectories, scores and suggestions."""
    with Project.open(project) as opened:
        from core.device import device_named  # torch comes with these
        from core.frontends import load_frontend
        from core.jobs import annotate as job
        from core.jobs.batches import batch_engine
        from core.refiners import load_refiner

        used = _body(body)
        there = used.on(device_named(device))
        models = (
            load_frontend(frontend, there, checkpoint),
            load_refiner(refiner, there, weights),
        )
        options = Options(steps, seed, recommender, ranker)
        workers = batch_engine(*models, used, options)
        if engine is Engine.RAY:
            from core.jobs.on_ray import ray_engine

            workers = ray_engine(frontend, refiner, body, options, checkpoint, weights)
        report = run(job(opened, *models, used, options, engine=workers))
        if preview is not None:
            from core.preview import write_previews

            drawn = run(write_previews(opened, used, preview))
            report = replace(report, failures=report.failures + drawn.failures)
        tell(report, "persons annotated", as_json, persons=_figures(opened))


def accept(
    project: ProjectFile,
    suggested: Annotated[bool, typer.Option("--suggested", help="Take what is suggested.")] = False,
    track: Annotated[
        str | None, typer.Option(help="Only of this track, all in one entry of the journal.")
    ] = None,
    frames: Frames = None,
    step: Annotated[
        int | None, typer.Option(min=0, help="Of the track: take this step instead.")
    ] = None,
    min_gain: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Only where the suggestion promises to take this many mm off the mean error.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide without a window: accept the suggested steps, or a step of a whole track."""
    if suggested == (step is not None):
        raise UnreadableInput("There is nothing to accept by", "Say --suggested, or --track --step")
    if track is None and not (frames is None and step is None):
        raise UnreadableInput("Frames and steps are of a track", "Say --track too")
    with Project.open(project) as opened:
        if track is None:
            report = run(accept_suggested(opened, min_gain))
        else:
            report = accept_track(opened, track, frame_range(frames), step, min_gain)
        tell(report, "persons accepted", as_json, "left undecided", states=_states(opened))


def review(
    project: ProjectFile,
    person: Annotated[
        int | None, typer.Option(help="Begin with this one, by the id that reports name.")
    ] = None,
) -> None:
    """Open the window on a project."""
    with Project.open(project) as opened:  # said here, on one line, if it is none
        if person is not None and opened.columns().row(person) < 0:
            raise ProjectError(f"{project} has no person {person}", "A report names their ids")
    raise typer.Exit(open_window(project, person))


def report(
    project: ProjectFile,
    out: Annotated[
        Path | None, typer.Option(help="The page; else it lies beside the project.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Npz with joints (P, 24, 3) of all persons in order, metres."),
    ] = None,
    body: Body = None,
    as_json: Json = False,
) -> None:
    """Write a page on progress, reviewers, steps, errors and the hardest persons."""
    from core.report import SUFFIX, write_report

    out = out or project.with_suffix(SUFFIX)
    with Project.open(project) as opened:
        facts = follow(write_report(opened, out, _body(body), truth))
    if as_json:
        print_json({"out": str(out), **facts.to_json()})
    else:
        OUTPUT.print(f"a report on {facts.progress.persons} persons in {out}", markup=False)


def replay(
    project: ProjectFile,
    journal: Annotated[
        Path | None,
        typer.Option(help="Take on the decisions in this file (export --format journal)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Rebuild the project in this file, by replaying its own journal."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Rebuild decisions from a journal."""
    from core.formats.journal import read
    from core.jobs import Report
    from core.project.rebuilding import rebuild

    if (journal is None) == (out is None):
        raise UnreadableInput("What is to be replayed is not clear", "Say --journal or --out")
    if out is not None:
        out = project_file(out)
        done = rebuild(project, out)
        with Project.open(out) as rebuilt:
            tell(Report(done), f"entries replayed into {out}", as_json, states=_states(rebuilt))
    entries = read(Path(journal or ""))
    with Project.open(project) as opened:
        done = opened.replay(entries)
        report = Report(done, len(entries) - done)
        tell(report, "entries replayed", as_json, states=_states(opened))


def _body(path: Path | None) -> Any:
    from core.body import load_body

    return load_body(path)


def _states(project: Project) -> dict[str, int]:
    states = [row.state for row in project.rows()]
    return {state.value: states.count(state) for state in State}


def _figures(project: Project) -> list[dict[str, Any]]:
    return [
        {
            "image": row.image,
            "number": row.number,
            "score": row.score,
            "suggested_step": row.suggested_step,
            "expected_gain": row.expected_gain,
            "note": row.note,
        }
        for row in project.rows()
    ]


def register(app: typer.Typer) -> None:
    """Add the commands on a project."""
    for command in (new, annotate, accept, review, replay, report):
        app.command()(command)
    app.command("import")(import_)
