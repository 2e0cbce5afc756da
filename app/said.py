"""What `core` says, in the person's language; `core` itself speaks English and knows no Qt."""

import re
from functools import cache
from itertools import chain, zip_longest

from app.i18n import ENGLISH, core_texts, language, mark, tr
from core.errors import DiffAnnotError
from core.pose import PARTS

SAYINGS = (
    mark("no step is surely closer to the keypoints: {now} of the box"),
    mark("no step is surely closer to the 3D joints: {now}"),
    mark("2D error falls from {first} to {here} of the box"),
    mark("3D error falls from {first} to {here}"),
    mark("whole body from {first} to {here} of the box"),
    mark("whole body from {first} to {here}"),
    mark("2D error falls {share} %"),
    mark("2D error goes from {first} to {here} of the box"),
    mark("3D error falls {share} %"),
    mark("3D error goes from {first} to {here}"),
    mark("a far likelier pose, still within {there} of the box of the keypoints"),
    mark("look from the side"),
    mark("no step is surely better"),
    mark("no step is surely better: step {step} might gain {gain}"),
    mark("no other step of this part is surely better"),
    mark("expected gain {gain} over all joints"),
    mark("expected gain {gain}"),
    mark("{reason} (by rule: the ranker does not know such steps)"),
    mark("{reason}, without keypoints"),
    mark("too few keypoints to judge it alone"),
    mark("no keypoints to judge by: choose by eye"),
    mark("nobody found in the box"),
    mark("kept step 0 of {who}"),
    mark("accepted the rough annotation of {who}"),
    mark("accepted step {step} ({parts}) of {who}"),
    mark("accepted step {step} of {who}"),
    mark("accepted {who}"),
    mark("picked step {step} ({parts}) of {who}"),
    mark("picked step {step} of {who}"),
    mark("picked steps of {who}"),
    mark("steadied {who}"),
    mark("steadied along its track"),
    mark("asked for a second opinion on {who}"),
    mark("rejected {who}"),
    mark("flagged {who}"),
    mark("removed {who}"),
    mark("decided on {who}"),
    mark("placed the body of {who} by hand"),
    mark("placed the bodies of {who}"),
    mark("noted {what} on {who}"),
    mark("took the note off {who}"),
    mark("took all tags off {who}"),
    mark("tagged {tags}: {who}"),
    mark("tagged {who}"),
    mark("wrote notes on {who}"),
    mark("drew the box of {who}"),
    mark("added {who}"),
    mark("moved the box of {who}"),
    mark("moved the boxes of {who}"),
    mark("moved a keypoint of {who}"),
    mark("moved keypoints of {who}"),
    mark("changed the tracks of {who}"),
    mark("put {who} on track {track}"),
    mark("took {who} off its track"),
    mark("[Errno {number}] {what}: {path}"),
    mark("No such file or directory"),
    mark("Permission denied"),
    mark("Is a directory"),
    mark("Not a directory"),
    mark("No space left on device"),
    mark("Read-only file system"),
    mark("Disk quota exceeded"),
    mark("Input/output error"),
    mark("Too many open files"),
    mark("File name too long"),
    mark("Invalid data found when processing input"),
    mark("not a picture"),
    mark("image file is truncated"),
    mark("undid: {what}"),
    mark("did again: {what}"),
    mark("{count} persons"),
    mark("undecided"),
    mark("accepted"),
    mark("rejected"),
    mark("flagged"),
    mark("second-opinion"),
)
"""Texts of `core.suggest` and `core.project.decisions`, and what the system says is wrong, the
longer of two alike first."""


def heard(text: str) -> str:
    """Return what `core` says in the present language; what is not known stays as it is."""
    if language() == ENGLISH:
        return text
    return "; ".join(map(_clause, text.split("; ")))


def explained(error: DiffAnnotError) -> str:
    """Return what an error says is wrong, and what to do about it, in the present language."""
    if language() == ENGLISH:
        return str(error)
    return "。".join(_clause(text) for text in (error.message, error.hint) if text)


def failed(line: str) -> str:
    """Return a line of a report, `name: why. What to do`, with its end in the present language."""
    name, colon, why = line.partition(": ")
    if language() == ENGLISH or not colon:
        return line
    # what is wrong may itself hold a full stop: what to do about it begins after the last
    message, stop, hint = why.rpartition(". ")
    if stop and (told := _clause(hint)) != hint:
        return f"{name}: {_clause(message)}。{told}"
    return f"{name}: {_clause(why)}"


def _clause(text: str) -> str:
    part, colon, rest = text.partition(": ")
    if colon and part in PARTS:
        return f"{tr(part)}: {_clause(rest)}"
    if _PARTS_AND_STEPS.fullmatch(text):
        pairs = (each.rpartition(" ") for each in text.split(", "))
        return ", ".join(f"{tr(name)} {step}" for name, _, step in pairs)
    small = text[:1].lower() + text[1:]
    for pattern, saying in _patterns(language()):
        if found := pattern.fullmatch(text) or pattern.fullmatch(small):
            said = saying.format(*map(_clause, found.groups()), **_named(found))
            return said if text == small else said[:1].upper() + said[1:]
    return text


def _named(found: re.Match[str]) -> dict[str, str]:
    return {name: _clause(value) for name, value in found.groupdict().items()}


@cache
def _patterns(_language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return what may be said, the more definite first, each with its translation."""
    core = sorted(core_texts().items(), key=lambda pair: -len(_PLACE.sub("", pair[0])))
    known = [(saying, tr(saying)) for saying in SAYINGS] + core
    return [(_pattern(text), translation) for text, translation in known if translation]


def _pattern(text: str) -> re.Pattern[str]:
    pieces = _PLACE.split(text)
    places = (f"(?P<{name}>.+)" if name.isalpha() else "(.*)" for name in pieces[1::2])
    literal = map(re.escape, pieces[::2])
    return re.compile("".join(chain.from_iterable(zip_longest(literal, places, fillvalue=""))))


_PLACE = re.compile(r"{(\w+)}")
_PARTS_AND_STEPS = re.compile(r"({0}) \d+(, ({0}) \d+)*".format("|".join(PARTS)))
