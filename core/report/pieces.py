"""What the sections of a report are put together from."""

from collections.abc import Iterable, Sequence
from typing import Any

from core.project import State
from core.report.markup import Markup, tag

STATES = {
    State.ACCEPTED.value: "accepted",
    State.REJECTED.value: "rejected",
    State.FLAGGED.value: "flagged",
    State.SECOND_OPINION.value: "waiting for a second opinion",
    State.UNDECIDED.value: "undecided",
}
"""In words, and in the order in which they are shown."""

NARROW = 3
"""A table of so many columns is no wider than what is in it."""


def section(title: str, *children: Any) -> Markup:
    """Return a part of the page under a heading."""
    return tag("section", tag("h2", title), *children)


def figure(title: str, chart: Markup, legend: Markup, words: str = "") -> Markup:
    """Return a chart under its name, with what its colours mean and a few words."""
    caption = tag("figcaption", words) if words else None
    return tag("figure", tag("h3", title), chart, legend, caption)


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return what colours mean: style and words."""
    return tag("ul", *(tag("li", tag("i", class_=style), words) for style, words in entries),
               class_="legend")  # fmt: skip


def table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    """Return a table; the first column is text, the others figures."""
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    style = "narrow" if len(names) <= NARROW else None
    return tag("div", tag("table", head, body, class_=style), class_="wide")


def counts(found: dict[str, int]) -> str:
    """Return counts in words, in their order."""
    return (
        ", ".join(f"{STATES.get(name, name)} {count:,}" for name, count in found.items()) or "none"
    )


def people(count: int) -> str:
    """Return how many persons."""
    return f"{count:,} {plural('person', count)}"


def plural(word: str, count: int) -> str:
    """Return a word for one or for many."""
    return word if count == 1 else f"{word}s"
