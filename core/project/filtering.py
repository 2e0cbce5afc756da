"""Filters of the queue, written as one line.

Words must all be there, in the name of the picture, notes and tags. `is:` names a state, or
decided, disputed, mixed, noted; several of them mean any. `#dark` is a tag, `by:ann` who decided,
`part:left-arm` a part of the body that comes from a step of its own.
`score>4` (percent of the box), `gain>10` (mm) and `apart>15` (degrees) compare. A minus before any
of them turns it round.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.pose import PARTS
from core.project.queue import NOBODY, STATES, Columns, Order
from core.project.values import State

Mask = NDArray[np.bool_]

_COMPARED = {
    "score": (Order.SCORE, 0.01),
    "gain": (Order.GAIN, 1.0),
    "apart": (Order.DISAGREEMENT, 1.0),
}
"""Column, and what one of the written unit is in it."""

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_COMPARISON = re.compile(r"(score|gain|apart)(>=|<=|>|<)(.*)")


def matching(columns: Columns, text: str) -> Mask:
    """Return which rows (R,) a filter lets through; what is only begun to be written does nothing.

    Raises
    ------
    UnreadableInput
        The filter names what there is not.
    """
    mask = np.ones(len(columns), dtype=bool)
    states = np.zeros(len(columns), dtype=bool)
    has_states = False
    for word in text.split():
        wanted = word.removeprefix("-")
        if not wanted or wanted[-1] in ":#<>=":
            continue
        found = _match(columns, wanted)
        if word != wanted:
            mask &= ~found
        elif wanted.startswith("is:"):
            states |= found
            has_states = True
        else:
            mask &= found
    return mask & states if has_states else mask


def states_named(text: str) -> set[str]:
    """Return what follows each `is:` of a filter."""
    return {word.removeprefix("is:") for word in text.split() if word.startswith("is:")}


def with_state(text: str, name: str, on: bool) -> str:
    """Return a filter that lets a state through too, or no longer."""
    return with_word(text, f"is:{name}", on)


def with_word(text: str, word: str, on: bool) -> str:
    """Return a filter with a word, or without."""
    words = [each for each in text.split() if each != word]
    return " ".join([*words, word] if on else words)


def _match(columns: Columns, word: str) -> Mask:
    if compared := _COMPARISON.fullmatch(word):
        name, sign, value = compared.groups()
        order, unit = _COMPARED[name]
        with np.errstate(invalid="ignore"):
            result: Mask = _OPERATORS[sign](columns.numbers[order], _number(value, word) * unit)
        return result
    head, colon, rest = word.partition(":")
    if word.startswith("#"):
        tag = word[1:].casefold()
        return _mask(tag in (tags or "").casefold().split() for tags in columns.field("tags"))
    if colon and head == "by":
        name = rest.casefold()
        return _mask((who or "").casefold() == name for who in columns.field("decided_by"))
    if colon and head == "part":
        return _with_own(columns, rest)
    if colon and head == "is":
        return _is(columns, rest)
    needle = word.casefold()
    return _mask(needle in text for text in columns.texts)


def _is(columns: Columns, name: str) -> Mask:
    if name in set(STATES):
        return np.asarray(columns.states == STATES.index(State(name)))
    match name:
        case "decided":
            undecided = STATES.index(State.UNDECIDED)
            return np.asarray((columns.states != undecided) & (columns.states != NOBODY))
        case "disputed":
            return _mask(map(bool, columns.field(name)))
        case "mixed":
            return _mask(map(bool, columns.field("own_parts")))
        case "noted":
            return _mask(map(bool, columns.field("remark")))
    known = ", ".join([*STATES, "decided", "disputed", "mixed", "noted"])
    raise UnreadableInput(f"is:{name} is no state", f"Known: {known}")


def part_word(part: str) -> str:
    """Return the word that asks for a part of the body."""
    return f"part:{part.replace(' ', '-')}"


def _with_own(columns: Columns, name: str) -> Mask:
    part = name.replace("-", " ")
    if part not in PARTS:
        known = ", ".join(part.replace(" ", "-") for part in PARTS)
        raise UnreadableInput(f"part:{name} is no part of the body", f"Known: {known}")
    quoted = json.dumps(part)
    return _mask(quoted in (own or "") for own in columns.field("own_parts"))


def _number(text: str, word: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UnreadableInput(f"{word} needs a number", "For example score>4") from error


def _mask(found: "Iterator[bool] | map[bool]") -> Mask:
    return np.fromiter(found, dtype=bool)
