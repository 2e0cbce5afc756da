"""A page of pictures, lines and words, written as PNG, SVG or PDF by matplotlib.

Pictures lie on whole pixels of a grid of 300 an inch, so that nothing is blurred; words stay words
and lines lines in SVG and PDF. The same page makes the same bytes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from core.formats.files import replacing

DPI = 300
INCH = 25.4
"""Millimetres."""
WORDS, SMALL, LEAST = 8.0, 7.0, 4.5
"""Size of letters in points."""
INK, QUIET = "#1c1e22", "#626870"

LOOK: Any = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same on every machine
    "font.size": WORDS,
    "svg.fonttype": "none",
    "svg.hashsalt": "diffannot",
    "pdf.fonttype": 42,
    "axes.linewidth": 0.6,
    "text.parse_math": False,
}


def pixels(millimetres: float) -> int:
    """Return a length in pixels."""
    return round(millimetres / INCH * DPI)


@contextmanager
def look() -> Iterator[None]:
    """Draw and save in our look; what others set stays as it was."""
    with mpl.rc_context(LOOK):
        yield


class Page:
    """A figure in the making; places are in pixels from the left and the top.

    Parameters
    ----------
    width, height : int
        In pixels at 300 an inch.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
        FigureCanvasAgg(self.figure)

    def axes(self, left: int, top: int, width: int, height: int) -> Axes:
        """Return axes that fill a rectangle."""
        place = (
            left / self.width,
            1 - (top + height) / self.height,
            width / self.width,
            height / self.height,
        )
        return self.figure.add_axes(place)

    def picture(self, picture: Image.Image, left: int, top: int) -> None:
        """Put a picture, RGBA."""
        width, height = picture.size
        axes = self.axes(left, top, width, height)
        axes.set_axis_off()
        axes.imshow(
            np.asarray(picture), interpolation="none", aspect="auto", extent=(0, width, height, 0)
        )

    def rectangle(
        self, left: float, top: float, width: float, height: float, colour: str = INK
    ) -> None:
        """Draw the outline of a rectangle."""
        corner = left / self.width, 1 - (top + height) / self.height
        self.figure.add_artist(
            Rectangle(
                corner, width / self.width, height / self.height, fill=False, lw=0.7, ec=colour,
                transform=self.figure.transFigure,
            )
        )  # fmt: skip

    def words(self, text: str, x: float, y: float, room: float, **how: Any) -> None:
        """Write words about a place, smaller where they would be wider than their room.

        `how` is as matplotlib's `text` takes it.
        """
        style: dict[str, Any] = {"fontsize": WORDS, "color": INK} | how
        place = x / self.width, 1 - y / self.height
        written = self.figure.text(*place, text, ha="center", va="center", **style)
        taken = written.get_window_extent()
        share = min(1.0, room / max(taken.width, taken.height, 1.0))
        written.set_fontsize(max(LEAST, style["fontsize"] * share))

    def save(self, path: Path, title: str, made: dict[str, Any], transparent: bool) -> None:
        """Write a file by its ending; what was there stays until the new one is whole.

        Parameters
        ----------
        path : Path
            Ends in .png, .svg or .pdf.
        title : str
            In words.
        made : dict
            JSON values: where it is from, for the file's metadata.
        transparent : bool
            Whether there is no paper behind it.

        Raises
        ------
        UnwritableOutput
            The file cannot be written.
        """
        suffix = path.suffix.lower().removeprefix(".")
        with replacing(path) as file:
            self.figure.savefig(
                file,
                format=suffix,
                dpi=DPI,
                transparent=transparent,
                metadata=_metadata(suffix, title, made),
            )


def _metadata(suffix: str, title: str, made: dict[str, Any]) -> dict[str, Any]:
    """Say where a figure is from in the words of its format, and no time, which would differ."""
    told, software = json.dumps(made), made["software"]
    if suffix == "png":
        return {"Title": title, "Software": software, "Description": told}
    if suffix == "svg":
        return {"Title": title, "Creator": software, "Description": told, "Date": None}
    return {"Title": title, "Creator": software, "Subject": told, "CreationDate": None}
