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
    """Steady the undecided people of a track over time; who is decided stays as they are.

    Times are the video's own; those of a folder of frames come from --rate when it was imported.
    """
    from core.body import load_body
    from core.jobs.steadying import steady_track

    with Project.open(project) as opened:
        done = follow(steady_track(opened, track, frame_range(frames), load_body(body)))
    count = len(done.steps)
    if as_json:
        figures = {"before": done.before, "after": done.after, "rate": done.rate}
        print_json({"done": count, **figures})
    else:
        unrest = f"{done.before:.1f} → {done.after:.1f} m/s²"
        rate = f"{done.rate:.3g} frames a second"
        OUTPUT.print(f"{count} persons steadied at {rate}: {unrest}", markup=False)
