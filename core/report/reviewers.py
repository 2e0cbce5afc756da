"""How fast reviewers are, and their verdicts, from the journal alone.

A verdict took as long as its reviewer's entries since their verdict before; a pause in between
makes that unknown. Verdicts that nobody can have looked at (one decision on many persons, or
entries that follow each other faster than a hand) are counted apart, and not for agreement.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from core.project.decisions import KINDS, VERDICTS
from core.project.journal import Act
from core.project.surveying import Line
from core.report.agreement import GOOD, Verdict

PAUSE = 120.0
"""Seconds: whoever writes nothing for longer has gone away."""

HAND = 0.25
"""Seconds: no hand decides on one person after another in less."""

FEW_TIMES = 5
"""From so many verdicts on a median is said."""

_VERDICTS = frozenset(name for name, kind in KINDS.items() if kind in VERDICTS)


@dataclass(frozen=True)
class Reviewer:
    """What one reviewer did.

    Parameters
    ----------
    who : str
        User name.
    verdicts, unseen : int
        Verdicts that were looked at, and those in bulk or by a script, undone ones too.
    persons : int
        How many different persons were looked at and decided on.
    accepted, rejected, put_aside : int
        Of the verdicts that were looked at.
    undone : int
        How many decisions were undone.
    timed : int
        Verdicts of which the seconds are known.
    quartiles : tuple of float or None
        Seconds a verdict: a quarter took less, half, three quarters; None where few are timed.
    hours : float
        That the timed verdicts took.
    persons_an_hour : float or None
        Different persons among the timed verdicts, by `hours`; None where few are timed.
    first, last : str
        UTC, ISO 8601.
    """

    who: str
    verdicts: int
    unseen: int
    persons: int
    accepted: int
    rejected: int
    put_aside: int
    undone: int
    timed: int
    quartiles: tuple[float, float, float] | None
    hours: float
    persons_an_hour: float | None
    first: str
    last: str


@dataclass(frozen=True)
class Opinions:
    """Second opinions: how many persons were asked for one, and got another reviewer's verdict."""

    asked: int
    answered: int


def reviewers(lines: Sequence[Line]) -> list[Reviewer]:
    """Return what each reviewer did, the busiest first."""
    told = (_reviewer(own) for own in _by_who(lines))
    return sorted(told, key=lambda each: (-each.verdicts, -each.unseen, each.who))


def standing_verdicts(lines: Sequence[Line]) -> list[Verdict]:
    """Return the last verdict of every reviewer on every person that is not undone, oldest first.

    Verdicts to flag a person or to ask for a second opinion are among them.
    """
    off = _undone(lines)
    unseen = {entry for own in _by_who(lines) for entry in _unseen(own)}
    last: dict[tuple[str, int], Verdict] = {}
    for line in lines:
        if line.kind in _VERDICTS and line.entry not in off:
            key = line.who, line.person_id
            last.pop(key, None)
            seen = line.entry not in unseen
            last[key] = Verdict(*key, str(line.kind), line.step, line.time, seen)
    return list(last.values())


def opinions(lines: Sequence[Line]) -> Opinions:
    """Count the second opinions that were asked for, and those that came."""
    off = _undone(lines)
    asked: dict[int, set[str]] = defaultdict(set)
    answered = set()
    for line in lines:
        if line.entry in off:
            continue
        if line.kind == "ask_second":
            asked[line.person_id].add(line.who)
        elif line.kind in GOOD and asked.get(line.person_id, set()) - {line.who}:
            answered.add(line.person_id)
    return Opinions(len(asked), len(answered))


def _reviewer(own: list[Line]) -> Reviewer:
    unseen = _unseen(own)
    made = [line for line in own if line.kind in _VERDICTS]
    looked = [line for line in made if line.entry not in unseen]
    times = list(_times(own, unseen))
    seconds = np.array([taken for _, taken in times])
    hours = float(seconds.sum()) / 3600
    told = len(times) >= FEW_TIMES
    quartiles = None
    if told:
        quarter, half, most = np.percentile(seconds, (25, 50, 75)).tolist()
        quartiles = quarter, half, most
    kinds = [line.kind for line in looked]
    return Reviewer(
        own[0].who,
        len(looked),
        len(made) - len(looked),
        len({line.person_id for line in looked}),
        kinds.count("accept") + kinds.count("accept_theta1"),
        kinds.count("reject"),
        kinds.count("flag") + kinds.count("ask_second"),
        sum(line.act == Act.UNDO for line in own),
        len(times),
        quartiles,
        hours,
        len({person_id for person_id, _ in times}) / hours if told else None,
        own[0].time,
        own[-1].time,
    )


def _times(own: list[Line], unseen: set[int]) -> Iterator[tuple[int, float]]:
    """Yield person and seconds of the verdicts of which it is known how long they took."""
    begun: float | None = None  # when the verdict before was made, unless a pause followed
    before = -np.inf
    for line in own:
        now = _seconds(line.time)
        if now - before > PAUSE:
            begun = None
        before = now
        if line.kind in _VERDICTS:
            if begun is not None and line.entry not in unseen:
                yield line.person_id, now - begun
            begun = now


def _unseen(own: list[Line]) -> set[int]:
    """Return a reviewer's verdicts in bulk, and those too near to their neighbours in time."""
    verdicts = [line for line in own if line.kind in _VERDICTS]
    found = {line.entry for line in verdicts if line.bulk}
    single = [line for line in verdicts if not line.bulk]
    for one, two in pairwise(single):
        if _seconds(two.time) - _seconds(one.time) < HAND:
            found |= {one.entry, two.entry}
    return found


def _by_who(lines: Sequence[Line]) -> Iterable[list[Line]]:
    by: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by[line.who].append(line)
    return by.values()


def _undone(lines: Sequence[Line]) -> set[int]:
    """Return the entries whose last turn is an undo."""
    off: set[int] = set()
    for line in lines:
        if line.target is not None:
            (off.add if line.act == Act.UNDO else off.discard)(line.target)
    return off


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
