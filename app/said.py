"""What `core` says, in the person's language; `core` itself speaks English and knows no Qt."""

import re
from functools import cache

from app.i18n import mark, tr
from core.pose import PARTS

SAYINGS = (
    mark("no step is surely closer to the keypoints: {now} of the box"),
    mark("2D error falls from {first} to {here} of the box"),
    mark("whole body from {first} to {here} of the box"),
    mark("2D error falls {share} %"),
    mark("2D error goes from {first} to {here} of the box"),
    mark("a far likelier pose, still within {there} of the box of the keypoints"),
    mark("look from the side"),
    mark("no step is surely better"),
    mark("no step is surely better: step {step} might gain {gain}"),
    mark("no other step of this part is surely better"),
    mark("expected gain {gain} over all joints"),
    mark("expected gain {gain}"),
    mark("kept step 0 of {who}"),
    mark("accepted the rough annotation of {who}"),
    mark("accepted step {step} of {who}"),
    mark("picked step {step} of {who}"),
    mark("asked for a second opinion on {who}"),
    mark("rejected {who}"),
    mark("flagged {who}"),
    mark("placed the body of {who} by hand"),
    mark("noted {what} on {who}"),
    mark("took the note off {who}"),
    mark("took all tags off {who}"),
    mark("tagged {tags}: {who}"),
    mark("drew the box of {who}"),
    mark("moved the box of {who}"),
    mark("put {who} on track {track}"),
    mark("took {who} off its track"),
    mark("undid: {what}"),
    mark("did again: {what}"),
)
"""Texts of `core.suggest.words` and `core.project.decisions`, the longer of two alike first."""


def heard(text: str) -> str:
    """Return what `core` says in the present language; what is not known stays as it is."""
    return "; ".join(map(_clause, text.split("; ")))


def _clause(text: str) -> str:
    part, colon, rest = text.partition(": ")
    if colon and part in PARTS:
        return f"{tr(part)}: {_clause(rest)}"
    small = text[:1].lower() + text[1:]
    for saying, pattern in _patterns():
        if found := pattern.fullmatch(small) or pattern.fullmatch(text):
            places = {name: _clause(value) for name, value in found.groupdict().items()}
            said = tr(saying, **places)
            return said if text == small else said[:1].upper() + said[1:]
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (saying, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(saying))))
        for saying in SAYINGS
    ]
