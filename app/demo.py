"""`make demo`: the main job on a copy of the sample project, in a window or without one.

Run it with `python -m app.demo [FOLDER]`.
"""

import os
import sys
from pathlib import Path

from rich.console import Console

from app.sample import copy_sample

COMMANDS = (
    ("annotate", "{project}", "--preview", "{folder}/pictures"),
    ("accept", "{project}", "--suggested"),
    ("export", "{project}", "--format", "humandata", "--out", "{folder}/sample_humandata.npz"),
    ("report", "{project}", "--truth", "{folder}/truth.npz", "--out", "{folder}/report.html"),
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
    console.print(f"\nPictures  {folder / 'pictures'}\nData set  {folder / 'sample_humandata.npz'}")
    console.print(f"Report    {folder / 'report.html'}")
    return 0


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo")))
