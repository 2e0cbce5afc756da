"""People of neighbouring frames joined by box overlap.

Frame by frame, the boxes are given to the tracks so that the sum of intersections over unions is
largest (the Hungarian method; SORT, Bewley et al., ICIP 2016, without its motion model). A pair
that overlaps by less than `OVERLAP` is none. A track that is not seen for `GAP` seconds has ended.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from core.evidence import Box, overlap

OVERLAP = 0.3
"""Least intersection over union of one person's boxes."""
GAP = 1.0
"""Seconds that a track outlives its last box."""


@dataclass(frozen=True)
class Sighting:
    """A person in a frame.

    Parameters
    ----------
    person_id : int
        Key in the project.
    frame : int
        Number of the frame in its sequence.
    time : float
        Seconds.
    box : Box
        Pixels.
    track : str or None
        Where somebody or a file put the person: it stays; empty for off any track. None asks.
    """

    person_id: int
    frame: int
    time: float
    box: Box
    track: str | None = None


def follow(sightings: Iterable[Sighting], names: Iterator[str]) -> dict[int, str]:
    """Return a track for every person who has none.

    Parameters
    ----------
    sightings : iterable of Sighting
        Of one sequence, in the order of its frames.
    names : iterator of str
        Free names for new tracks, without end.

    Returns
    -------
    dict of int to str
        By person.
    """
    found: dict[int, str] = {}
    last: dict[str, Sighting] = {}
    for _, group in groupby(sightings, key=lambda one: one.frame):
        frame = list(group)
        known = {one.track: one for one in frame if one.track}
        asking = [one for one in frame if one.track is None]
        now = frame[0].time
        alive = {
            name: one for name, one in last.items() if now - one.time <= GAP and name not in known
        }
        last = alive | known
        taken = _matched(asking, list(alive.values()))
        tracks = list(alive)
        for place, one in enumerate(asking):
            name = tracks[taken[place]] if place in taken else next(names)
            found[one.person_id] = name
            last[name] = one
    return found


def _matched(asking: list[Sighting], tracks: list[Sighting]) -> dict[int, int]:
    """Return which track, by its place, each of those who ask is on."""
    if not asking or not tracks:
        return {}
    from scipy.optimize import linear_sum_assignment  # slow to import, and a project needs none

    overlaps = np.array([[overlap(one.box, two.box) for two in tracks] for one in asking])
    # what overlaps too little must not draw others away from their own
    overlaps[overlaps < OVERLAP] = 0
    pairs = zip(*linear_sum_assignment(overlaps, maximize=True), strict=True)
    return {int(row): int(column) for row, column in pairs if overlaps[row, column] > 0}
