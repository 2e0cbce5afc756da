"""Figures and movies of a project, as papers and talks show them.

A figure is one file here and one row in `FIGURES`; its module has `WIDTH` in mm, `MOST`, how many
persons it holds, and `draw(subjects, studio, style)`, a generator of `Progress` that returns a
`Page`. `core.jobs.illustrating` runs it. matplotlib and PyAV are imported in here only, when a
figure or movie is made.
"""

from dataclasses import dataclass
from pathlib import Path

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


def kind_of(path: Path) -> str | None:
    """Return whether a file is to be a figure or a movie, by its ending; None if neither."""
    for kind, suffixes in SUFFIXES.items():
        if path.suffix.lower() in suffixes:
            return kind
    return None
