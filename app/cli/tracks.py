"""Commands on a track."""

from typing import Annotated

import typer

from app.cli.options import Body, Frames, Json, ProjectFile, frame_range
from app.cli.terminal import OUTPUT, follow, print_json
from core.project import Project


def steady(
    project: ProjectFile,
    track: Annotated[str, typer.Option(help="Whose motion, as clip/1.")],
    frames: Frames = None,
    body: Body = None,
    as_json: Json = False,
) -> None:
    """Steady the undecided people of a track over time; who is decided stays as they are."""
    from core.body import load_body
    from core.jobs.steadying import steady_track

    with Project.open(project) as opened:
        done = follow(steady_track(opened, track, frame_range(frames), load_body(body)))
    count, before, after = len(done.steps), f"{done.before:.1f}", f"{done.after:.1f}"
    if as_json:
        print_json({"done": count, "before": done.before, "after": done.after})
    else:
        OUTPUT.print(f"{count} persons steadied: {before} → {after} m/s²", markup=False)
