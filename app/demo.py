"""`make demo`: the main job on a copy of the sample project, in a window or without one.

Run it with `python -m app.demo [FOLDER]`.
"""

import html
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from app.sample import copy_sample
from core.project import PersonRow, Project, Run
from core.refiners import DEFAULT_REFINER

COMMANDS = (
    ("annotate", "{project}", "--preview", "{folder}/pictures"),
    ("accept", "{project}", "--suggested"),
    ("export", "{project}", "--format", "humandata", "--out", "{folder}/sample_humandata.npz"),
)


def main(folder: Path) -> int:
    """Open the window on the sample where there is a display, else run every step and report."""
    project = copy_sample(folder)
    if has_display():
        from app.cli.display import open_window

        return open_window(project)
    from app.cli import main as diffannot

    console = Console()
    console.print("No display here: running the same job without a window.\n")
    for command in COMMANDS:
        words = [word.format(project=project, folder=folder) for word in command]
        console.print(f"[bold]$ diffannot {' '.join(words)}[/bold]")
        status = diffannot(words)
        if status:
            return status
    report = write_report(project, folder)
    console.print(f"\nPictures  {folder / 'pictures'}\nData set  {folder / 'sample_humandata.npz'}")
    console.print(f"Report    {report}")
    return 0


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def write_report(project_path: Path, folder: Path) -> Path:
    """Write one HTML page: per person the 2D error, and the 3D error against the sample's truth."""
    from core.body.model import load_body
    from core.metrics import joint_errors
    from core.preview import preview_name

    body = load_body()
    rows, errors = [], []
    with np.load(project_path.parent / "truth.npz") as truth, Project.open(project_path) as project:
        for number, row in enumerate(project.rows()):
            person, curated = project.person(row.id), project.curated(row.id)
            if person.theta1 is None or curated is None or person.run is None:
                continue
            annotations = [person.theta1, curated]
            joints = np.stack([body.pose(one)[1][:24] for one in annotations])
            true = truth["joints"][[number] * len(joints)]
            rooted = joints - joints[:, :1], true - true[:, :1]
            errors.append(joint_errors(*rooted).mean(axis=1) * 1000)
            step = person.chosen_step or 0
            rows.append(_row(row, person.run, step, errors[-1], preview_name(row)))
    before, after = np.mean(errors, axis=0)
    page = folder / "report.html"
    page.write_text(
        PAGE.format(
            persons=len(rows),
            refiner=DEFAULT_REFINER,
            before=before,
            after=after,
            rows="\n".join(rows),
        ),
        encoding="utf-8",
    )
    return page


def _row(row: PersonRow, run: Run, step: int, errors: NDArray[np.floating], picture: str) -> str:
    cells = (
        f'<a href="pictures/{html.escape(picture)}">{html.escape(row.name)}</a>',
        f"{step}",
        f"{run.scores[0]:.1%} → {run.scores[step]:.1%}",
        f"{errors[0]:.0f} → {errors[1]:.0f}",
        html.escape(run.suggestion.reason),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>DiffAnnot demo</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:3em auto;padding:0 1em}}
table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.4em .8em .4em 0;
border-bottom:1px solid #ddd}}</style>
<h1>DiffAnnot on the sample project</h1>
<p>{persons} persons annotated by BlazePose and the lift, refined by <b>{refiner}</b>, decided by
<code>accept --suggested</code> (no ground truth used). Mean error of 24 joints against the exact
truth, pelvis aligned: Θ1 {before:.1f} mm, accepted {after:.1f} mm.</p>
<table><tr><th>person</th><th>step</th><th>2D error, share of the box</th><th>3D error, mm</th>
<th>reason</th></tr>{rows}</table></html>
"""

if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo")))
