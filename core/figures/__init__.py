"""Figures and movies of a project, as papers and talks show them.

A figure is one file here and one row in `FIGURES`; its module has `WIDTH` in mm, `MOST`, how many
persons it holds, and `draw(subjects, studio, style)`, a generator of `Progress` that returns a
`Page`. `core.jobs.illustrating` runs it. matplotlib and PyAV are imported in here only, when a
figure or movie is made.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import UnreadableInput

FIGURES = {
    "comparison": "core.figures.comparison",
    "denoising": "core.figures.denoising",
    "curve": "core.figures.curve",
    "views": "core.figures.views",
}
"""The first is drawn unless another is named."""

DEFAULT_FIGURE = next(iter(FIGURES))
FIGURE, MOVIE = "figure", "movie"
SUFFIXES = {FIGURE: (".png", ".svg", ".pdf"), MOVIE: (".gif", ".mp4")}
"""Of the files that each is written to."""


@dataclass(frozen=True)
class Style:
    """How a figure looks.

    Parameters
    ----------
    width : float or None
        In print, mm, at 300 pixels an inch; None takes the figure's own.
    transparent : bool
        Whether there is no paper behind it.
    alone : bool
        Whether bodies are drawn without the picture; in a movie they turn then.
    steps : tuple of int
        Steps to show, where a figure shows some; empty takes even ones.
    """

    width: float | None = None
    transparent: bool = False
    alone: bool = False
    steps: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.width is not None and not NARROWEST <= self.width <= WIDEST:
            raise UnreadableInput(
                f"A figure cannot be {self.width:g} mm wide",
                f"Say {NARROWEST:.0f} to {WIDEST:.0f}; a column is about 84, a page 174",
            )


NARROWEST, WIDEST = 30.0, 600.0


def module_for(out: Path, figure: str) -> Any:
    """Import what draws a figure, or, by the file's ending, a movie.

    Raises
    ------
    UnreadableInput
        There is no such figure, or the ending is none of a figure's or a movie's.
    """
    kind = kind_of(out)
    if kind is None:
        raise UnreadableInput(
            f"{out.name} is the name of no figure and no movie",
            f"Figures end in {', '.join(SUFFIXES[FIGURE])}, movies in {', '.join(SUFFIXES[MOVIE])}",
        )
    if kind == MOVIE:
        return import_module("core.figures.movie")
    if figure not in FIGURES:
        raise UnreadableInput(f"There is no figure {figure}", f"Known: {', '.join(FIGURES)}")
    return import_module(FIGURES[figure])


def kind_of(path: Path) -> str | None:
    """Return whether a file is to be a figure or a movie, by its ending; None if neither."""
    for kind, suffixes in SUFFIXES.items():
        if path.suffix.lower() in suffixes:
            return kind
    return None
