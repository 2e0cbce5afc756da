"""Charts as inline SVG; colours come from the page's style, so that they follow light and dark."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.report.markup import Markup, join, tag

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 38, 8, 10, 34
"""Room for the numbers and names around a chart, in its own units; a letter is 11 high."""

BINS = 24
WIDEST = 48

Series = tuple[str, Sequence[float]]
"""Style and heights, one a column."""


def columns(
    names: Sequence[str], stack: Sequence[Series], outline: Series | None, x: str
) -> Markup:
    """Draw columns, piled up where they are of several series, and a line of steps over them.

    Parameters
    ----------
    names : sequence of str
        Of the columns; as many are written as there is room for.
    stack : sequence of Series
        Heights, from the ground up.
    outline : Series or None
        Drawn as a line over the columns.
    x : str
        What the columns are, under them.
    """
    heights = np.array([values for _, values in stack], dtype=float)
    most = max(float(heights.sum(axis=0).max()), max(outline[1], default=0) if outline else 0)
    top, ground = _axis(most)
    width = min((WIDTH - LEFT - RIGHT) / len(names), WIDEST)
    drawn: list[Markup] = []
    floor = np.zeros(len(names))
    for style, values in stack:
        for at, value in enumerate(values):
            if value:
                y, height = _y(floor[at] + value, top), value / top * _TALL
                drawn.append(
                    tag("rect", tag("title", f"{names[at]}: {value:g}"), class_=style,
                        x=_n(LEFT + at * width + 0.5), y=_n(y),
                        width=_n(max(width - 1, 0.5)), height=_n(height))
                )  # fmt: skip
        floor += np.array(values, dtype=float)
    if outline is not None:
        drawn.append(_steps(outline, LEFT, width, top))
    every = -(-len(names) // 8)
    words = [
        _text(LEFT + (at + 0.5) * width, HEIGHT - 18, name, "middle")
        for at, name in enumerate(names)
        if at % every == 0
    ]
    return _chart(x, ground, *drawn, *words)


def distributions(before: NDArray[np.float64], after: NDArray[np.float64], x: str) -> Markup:
    """Draw how often each share was found (P,), before and after, with the middle ones."""
    end = float(np.percentile(np.concatenate([before, after]), 99)) * 1.05 or 0.01
    step, shown = _nice(end, 5)
    edges = np.linspace(0, shown, BINS + 1)
    counts = [np.histogram(np.minimum(each, shown), edges)[0] for each in (before, after)]
    top, ground = _axis(float(max(each.max() for each in counts)))
    width = (WIDTH - LEFT - RIGHT) / BINS
    drawn = []
    for style, values, count in zip(("before", "after"), (before, after), counts, strict=True):
        drawn.append(_steps((style, count.tolist()), LEFT, width, top, closed=True))
        middle = LEFT + min(float(np.median(values)) / shown, 1) * (WIDTH - LEFT - RIGHT)
        drawn.append(
            tag("line", class_=f"{style} median", x1=_n(middle), x2=_n(middle), y1=TOP,
                y2=HEIGHT - BOTTOM)
        )  # fmt: skip
    words = [
        _text(LEFT + at / shown * (WIDTH - LEFT - RIGHT), HEIGHT - 18, f"{at:.3g} %", "middle")
        for at in np.arange(0, shown + step / 2, step)
    ]
    return _chart(x, ground, *drawn, *words)


def changes(rows: Sequence[tuple[str, float, float]], x: str, unit: str) -> Markup:
    """Draw a line from before to after for each name, one under the other."""
    left, end = 104, 44
    step, shown = _nice(max(max(before, after) for _, before, after in rows) or 1, 4)
    across = WIDTH - left - end
    tall = (HEIGHT - TOP - BOTTOM) / len(rows)
    drawn = []
    for at in np.arange(0, shown + step / 2, step):
        place = left + at / shown * across
        drawn.append(
            tag("line", class_="grid", x1=_n(place), x2=_n(place), y1=TOP, y2=HEIGHT - BOTTOM)
        )
        drawn.append(_text(place, HEIGHT - 18, f"{at:g}{unit}", "middle"))
    for number, (name, before, after) in enumerate(rows):
        y = TOP + (number + 0.5) * tall
        one, two = (left + each / shown * across for each in (before, after))
        drawn += [
            _text(left - 8, y + 4, name, "end"),
            tag("line", class_="change", x1=_n(one), x2=_n(two), y1=_n(y), y2=_n(y)),
            tag("circle", tag("title", f"before {before:.2f}{unit}"), class_="before",
                cx=_n(one), cy=_n(y), r=4.5),
            tag("circle", tag("title", f"after {after:.2f}{unit}"), class_="after",
                cx=_n(two), cy=_n(y), r=4.5),
            _text(WIDTH - 2, y + 4, _percent(before, after), "end"),
        ]  # fmt: skip
    return _chart(x, Markup(), *drawn)


_TALL = HEIGHT - TOP - BOTTOM


def _chart(x: str, *children: Markup) -> Markup:
    under = _text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 3, x, "middle", "quiet")
    return tag("svg", *children, under, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=x)


def _steps(series: Series, left: float, width: float, top: float, closed: bool = False) -> Markup:
    style, values = series
    places = [f"M{_n(left)} {_n(_y(0 if closed else values[0], top))}"]
    for at, value in enumerate(values):
        y = _n(_y(value, top))
        places += [f"V{y}", f"H{_n(left + (at + 1) * width)}"]
    return tag("path", class_=style, d="".join([*places, f"V{_n(_y(0, top))}" if closed else ""]))


def _axis(most: float) -> tuple[float, Markup]:
    """Return the value at the top, and lines with numbers for it."""
    step, top = _nice(max(most, 1), 4)
    step = max(step, 1)
    marks = [
        join(
            tag("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=_n(_y(at, top)),
                y2=_n(_y(at, top))),
            _text(LEFT - 6, _y(at, top) + 4, f"{at:,.0f}", "end"),
        )
        for at in np.arange(0, top + step / 2, step)
    ]  # fmt: skip
    return top, join(*marks)


def _nice(most: float, about: int) -> tuple[float, float]:
    """Return a round step, and the first multiple of it from `most` on."""
    rough = most / about
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(float(power * each) for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
    return step, float(np.ceil(most / step - 1e-9) * step)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * _TALL


def _percent(before: float, after: float) -> str:
    return f"{100 * (after - before) / before:+.0f} %".replace("-", "−") if before else ""


def _text(x: float, y: float, words: str, anchor: str, style: str | None = None) -> Markup:
    return tag("text", words, x=_n(x), y=_n(y), text_anchor=anchor, class_=style)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
