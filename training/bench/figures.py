"""Figures of a bench as PNG; matplotlib without its global state."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from core.formats.files import made_folder, replacing
from training.bench.report import PAPER, PAPER_NULL, SUGGESTED, Curve, Report

Floats = NDArray[np.floating]

DPI = 200
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"
"""Of Okabe and Ito's palette, which the colour-blind tell apart."""
FONT = 9.0
FINEST = 0.1
"""Millimetres or pixels that a logarithmic axis starts from at least."""


def draw(made: Report, folder: Path) -> list[Path]:
    """Write the figures into a folder and return their paths.

    Raises
    ------
    UnwritableOutput
        The folder cannot be written to.
    """
    figures = {"curve": _curve, "before_after": _before_after, "improved": _improved}
    return write({name: make(made) for name, make in figures.items()}, folder)


def write(figures: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Write figures as PNG under their names; errors as of `draw`."""
    made_folder(folder)
    paths = []
    for name, figure in figures.items():
        paths.append(folder / f"{name}.png")
        FigureCanvasAgg(figure)
        with replacing(paths[-1]) as file:
            figure.savefig(file, format="png", dpi=DPI)
    return paths


def _curve(made: Report) -> Figure:
    """Mean loss over the step, with its band: the paper's curve."""
    figure, axes = _one((5.2, 3.6))
    _band(axes, made.curve(made.losses), BLUE, made.findings.refiner)
    _band(axes, made.curve(made.null_losses), ORANGE, "random path, as long", "--")
    axes.axhline(made.losses[:, 0].mean(), color=GREY, lw=0.8, ls=":")
    lowest = int(made.losses.mean(axis=0).argmin())
    axes.plot(lowest, made.losses[:, lowest].mean(), "o", color=BLUE, ms=5)
    axes.annotate(
        f"least at step {lowest}",
        (lowest, made.losses[:, lowest].mean()),
        xytext=(0, -13),
        textcoords="offset points",
        ha="center" if lowest > 4 else "left",
        color=BLUE,
        fontsize=FONT,
    )
    axes.margins(y=0.2)
    _finish(axes, f"mean {_loss(made)}, {_unit(made)}", "95 % of the change from Θ1", made)
    axes.legend(frameon=False, loc="upper left", fontsize=FONT)
    return figure


def _before_after(made: Report) -> Figure:
    """Everybody's error at Θ1 against that at the step taken."""
    figure = Figure(figsize=(9.0, 3.6), layout=ConstrainedLayoutEngine(h_pad=0.08))
    panels = ((SUGGESTED, BLUE), (PAPER, GREEN), (PAPER_NULL, ORANGE))
    every = figure.subplots(1, len(panels), sharex=True, sharey=True)
    people, before = np.arange(len(made.losses)), made.losses[:, 0]
    columns = {one.name: one for one in made.columns}
    taken = {
        name: (made.null_losses if columns[name].null else made.losses)[people, made.choices[name]]
        for name, _ in panels
    }
    shown = np.concatenate([before, *taken.values()])
    ends = max(0.8 * shown.min(), FINEST), max(1.25 * shown.max(), 10 * FINEST)
    ticks = (1, 2, 5) if ends[1] < 50 * ends[0] else (1,)
    for axes, (name, colour) in zip(every, panels, strict=True):
        column, after = columns[name], taken[name]
        axes.plot(ends, ends, color=GREY, lw=0.8, ls=":")
        axes.scatter(before, after, s=9, color=colour, alpha=0.55, lw=0)
        title = name[0].upper() + name[1:] + (" (asks the truth)" if column.by_truth else "")
        axes.set_title(title, fontsize=FONT)
        shares = [(after < before).mean(), (after == before).mean(), (after > before).mean()]
        text = "better {:.0%}, same {:.0%}, worse {:.0%}".format(*shares)
        axes.text(0.05, 0.95, text, transform=axes.transAxes, va="top", fontsize=FONT - 1)
        axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, box_aspect=1)
        axes.set_xlabel(f"at Θ1, {_unit(made)}")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=ticks))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
        _plain(axes)
    every[0].set_ylabel(f"at the step taken, {_unit(made)}")
    figure.suptitle(f"{_loss(made)}, of each person: {_caption(made)}", fontsize=FONT)
    return figure


def _improved(made: Report) -> Figure:
    """Share of people whose loss at a step is less than at Θ1."""
    figure, axes = _one((5.2, 3.4))
    for losses, colour, name, line in (
        (made.losses, BLUE, made.findings.refiner, "-"),
        (made.null_losses, ORANGE, "random path, as long", "--"),
    ):
        better = 100.0 * (losses < losses[:, :1])
        _band(axes, made.curve(better), colour, name, line)
    axes.set_ylim(0, 100)
    _finish(axes, "people better than at Θ1, %", "95 %", made)
    axes.legend(frameon=False, loc="upper right", fontsize=FONT)
    return figure


def _one(size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots()


def _band(axes: Axes, curve: Curve, colour: str, name: str, line: str = "-") -> None:
    steps = np.arange(len(curve.mean))
    axes.fill_between(steps, curve.low, curve.high, color=colour, alpha=0.18, lw=0)
    axes.plot(steps, curve.mean, color=colour, ls=line, lw=1.6, label=name)


def _finish(axes: Axes, y: str, band: str, made: Report) -> None:
    axes.set_xlabel("step")
    axes.set_ylabel(y)
    axes.set_xlim(0, made.losses.shape[1] - 1)
    axes.set_title(f"{_caption(made)}\nband: {band}", fontsize=FONT)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=FONT)
    axes.xaxis.label.set_fontsize(FONT)
    axes.yaxis.label.set_fontsize(FONT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _caption(made: Report) -> str:
    bench = made.findings.bench
    return (
        f"{bench.name}, {made.findings.frontend}: n = {len(made.losses)} people, "
        f"{made.mean_over.count} {bench.groups}"
    )


def _loss(made: Report) -> str:
    bench = made.findings.bench
    return bench.measures[bench.loss].rpartition(" ")[0]


def _unit(made: Report) -> str:
    bench = made.findings.bench
    return bench.measures[bench.loss].rpartition(" ")[2]
