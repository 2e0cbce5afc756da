"""Figures of the contest as PNG, drawn from its facts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.bench.contest.conditions import MAIN, NOISES
from training.bench.figures import FONT, write

Facts = dict[str, Any]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8c6d31", "#7f3fbf")
"""Okabe and Ito's, and two more; ours has the first."""
GREY = "#8a8a8a"
CONTROL = "random-8"
"""It knows nothing, and is drawn in grey."""
MARKERS = "osD^vPXp"


def draw(facts: Facts, folder: Path) -> list[Path]:
    """Write the figures into a folder and return their paths.

    Raises
    ------
    UnwritableOutput
        The folder cannot be written to.
    """
    figures = {
        "open_noise": _noise,
        "open_families": _families,
        "open_curves": _curves,
        "open_reliability": _reliability,
    }
    return write({name: make(facts) for name, make in figures.items()}, folder)


def _noise(facts: Facts) -> Figure:
    """Change of the error at the suggestion against the keypoints' noise."""
    sources = _frontends(facts)
    figure, axes = _panels(len(sources), 4.4, 4.2)
    arms = _arms(facts)
    for axis, source in zip(axes, sources, strict=True):
        rows = {one["arm"]: one for one in facts["by_noise"] if one["source"] == source}
        shown = [arm for arm in arms if arm in rows]
        for number, arm in enumerate(shown):
            levels = [rows[arm]["levels"][noise] for noise in NOISES]
            place, style = (
                np.arange(len(NOISES)) + 0.05 * (number - len(shown) / 2),
                _style(facts, arm),
            )
            _dots(axis, place[:-1], levels[:-1], style, arm, line=True)
            _dots(axis, place[-1:], levels[-1:], style)  # no noise level, so no line to it
        axis.axhline(0, color="black", lw=0.9, ls=":")
        for one in list(rows.values())[:1]:
            title = f"{source}: {one['people']} people, Θ1 {one['theta1']:.0f} mm"
            axis.set_title(title, fontsize=FONT)
        axis.set_xticks(range(len(NOISES)), NOISES)
        axis.set_xlabel("noise of the keypoints, pixels of a crop of 224")
        _plain(axis)
    axes[0].set_ylabel("change of MPJPE from Θ1 at the suggestion, mm")
    _legend(figure, axes, "below 0 is better; bars: 95 % over takes; the same people at all levels")
    return figure


def _families(facts: Facts) -> Figure:
    """Change of the error by family, by every arm."""
    families = [name for name in facts["people"] if name not in facts["frontends"]]
    figure, axes = _panels(len(MAIN), 5.0, 4.2)
    arms = _arms(facts)
    for axis, condition in zip(axes, MAIN, strict=True):
        cells = {
            (one["source"], one["arm"]): one["change"]
            for one in facts["cells"]
            if one["condition"] == condition
        }
        for number, arm in enumerate(arms):
            here = [place for place, name in enumerate(families) if (name, arm) in cells]
            changes = [cells[families[place], arm] for place in here]
            place = np.array(here) + 0.8 * (number + 0.5) / len(arms) - 0.4
            _dots(axis, place, changes, _style(facts, arm), arm)
        axis.axhline(0, color="black", lw=0.9, ls=":")
        for border in range(1, len(families)):
            axis.axvline(border - 0.5, color="#dddddd", lw=0.8)
        axis.set_xticks(range(len(families)), [name.replace(" ", "\n") for name in families])
        what = "no keypoints" if condition == "none" else f"keypoints {condition} off"
        axis.set_title(what, fontsize=FONT)
        _plain(axis)
    axes[0].set_ylabel("change of MPJPE from Θ1 at the suggestion, mm")
    _legend(figure, axes, "below 0 is better; bars: 95 % over takes")
    return figure


def _curves(facts: Facts) -> Figure:
    """Mean error at every step."""
    sources = _frontends(facts)
    figure, axes = _panels(len(sources), 4.4, 4.2, share=False)
    arms = _arms(facts)
    for axis, source in zip(axes, sources, strict=True):
        rows = {one["arm"]: one for one in facts["curves"] if one["source"] == source}
        first, lowest = 1.0, np.inf
        for arm in (arm for arm in arms if arm in rows):
            colour, _, width = _style(facts, arm)
            line = "--" if arm == CONTROL else "-"
            axis.plot(rows[arm]["mean"], color=colour, lw=width, ls=line, label=arm)
            first, lowest = rows[arm]["mean"][0], min(lowest, *rows[arm]["mean"])
        if facts["ours"] in rows:
            colour, _, _ = _style(facts, facts["ours"])
            null = rows[facts["ours"]]["null"]
            axis.plot(null, color=colour, lw=1, ls=":", label=f"random, as long as {facts['ours']}")
        axis.set_ylim(0.95 * min(lowest, first), 1.25 * first)
        axis.set_title(f"{source}, keypoints 4 px off", fontsize=FONT)
        axis.set_xlabel("step")
        _plain(axis)
    axes[0].set_ylabel("mean MPJPE, mm")
    _legend(figure, axes, "mean over people at every step; what leaves the top is far off")
    return figure


def _reliability(facts: Facts) -> Figure:
    """Set true gains against promised ones."""
    figure, (axis,) = _panels(1, 5.2, 4.2)
    ends = [0.0, 1.0]
    for number, condition in enumerate(MAIN):
        bins = [one for one in facts["reliability"] if one["condition"] == condition]
        if not bins:
            continue
        place = np.array([one["promised"] for one in bins])
        true = [one["true"] for one in bins]
        name = "no keypoints" if condition == "none" else f"keypoints {condition} off"
        _dots(axis, place, true, (COLOURS[number], MARKERS[number], 1.2), name)
        ends += [*place, *(one["mean"] for one in true)]
    low, high = min(ends), max(ends)
    axis.plot((low, high), (low, high), color="black", lw=0.9, ls=":", label="as promised")
    axis.axhline(0, color=GREY, lw=0.6)
    axis.set_xlabel("promised gain, mm")
    axis.set_ylabel("true gain, mm")
    axis.set_title(f"{facts['ours']}, suggestions other than “keep step 0”", fontsize=FONT)
    axis.legend(frameon=False, fontsize=FONT, loc="upper left")
    _plain(axis)
    return figure


def _dots(
    axis: Axes,
    place: "np.ndarray[Any, Any]",
    values: Sequence[Facts],
    style: tuple[str, str, float],
    name: str = "",
    line: bool = False,
) -> None:
    colour, marker, width = style
    mean = np.array([one["mean"] for one in values])
    ends = np.array([[one["mean"] - one["low"], one["high"] - one["mean"]] for one in values])
    axis.errorbar(
        place,
        mean,
        yerr=np.clip(ends.T, 0, None) if len(values) else None,
        fmt=f"{marker}-" if line else marker,
        color=colour,
        ms=4 if width < 2 else 5.5,
        lw=width,
        elinewidth=0.7 * width,
        label=name or None,
    )


def _style(facts: Facts, arm: str) -> tuple[str, str, float]:
    """Colour, marker and line width of an arm."""
    if arm == CONTROL:
        return GREY, "x", 1.0
    if arm == facts["ours"]:
        return COLOURS[0], MARKERS[0], 2.4
    others = [one for one in _arms(facts) if one not in (CONTROL, facts["ours"])]
    number = 1 + others.index(arm) % (len(COLOURS) - 1)
    return COLOURS[number], MARKERS[number], 1.2


def _arms(facts: Facts) -> list[str]:
    """Return the arms that ran under every condition, ours first."""
    names = {one["arm"] for one in facts["by_noise"]}
    ordered = [one["arm"] for one in facts["cells"] if one["arm"] in names]
    return list(dict.fromkeys([facts["ours"], *ordered]))


def _frontends(facts: Facts) -> list[str]:
    return [name for name in facts["people"] if name in facts["frontends"]]


def _panels(
    count: int, width: float, height: float, share: bool = True
) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width * count, height), layout="constrained")
    return figure, list(np.atleast_1d(figure.subplots(1, count, sharey=share)))


def _legend(figure: Figure, axes: Sequence[Axes], note: str) -> None:
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=5, frameon=False, fontsize=FONT)
    figure.suptitle(note, fontsize=FONT)


def _plain(axis: Axes) -> None:
    axis.tick_params(labelsize=FONT)
    axis.xaxis.label.set_fontsize(FONT)
    axis.yaxis.label.set_fontsize(FONT)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
