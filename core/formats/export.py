"""What a writer is given: persons, a place, and the body that gives vertices and joints."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.evidence import Keypoints2D
from core.formats.entries import Entry
from core.keypoints import CONVENTIONS
from core.pose import Parameters
from core.progress import CancelToken
from core.project import Project

if TYPE_CHECKING:
    from core.body import BodyModel


ASSUMED_RATE = 30.0
"""Frames a second where the pictures have no times."""


@dataclass(frozen=True, eq=False)
class Export:
    """One file, or one folder of files, in the making.

    Parameters
    ----------
    project : Project
        Where it is from.
    out : Path
        What is written.
    entries : list of Entry
        The persons.
    body : BodyModel
        Of which the parameters are.
    cancel : CancelToken
        A writer that takes long looks at it between pieces of its work.
    """

    project: Project
    out: Path
    entries: list[Entry]
    body: "BodyModel"
    cancel: CancelToken = field(default_factory=CancelToken)

    def pelvis(self, parameters: Parameters) -> NDArray[np.float64]:
        """Return where the pelvis of this shape is at rest (3,), metres: bodies turn about it."""
        here = replace(parameters, transl=np.zeros(3, dtype=np.float32))
        return np.asarray(self.body.pose(here)[1][0], dtype=np.float64)

    def tracks(self) -> dict[str, list[Entry]]:
        """Return the persons by track, in the order of their frames; who has none stands alone."""
        found: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            alone = entry.image, str(entry.row.number)
            found[(entry.track,) if entry.track else alone].append(entry)
        named: dict[str, list[Entry]] = {}
        for (first, *number), some in found.items():
            name = safe_name("_".join([Path(first).stem, *number]) if number else first)
            # of one safe name are `a/1.png` and `b/1.png`, `x/1` and `x_1`
            named[_free(name, named)] = sorted(some, key=_frame)
        return named

    def motions(self) -> dict[str, list[Entry]]:
        """Return the tracks for formats of one rate, which would close a gap in time.

        A track is cut where frames are left out; a piece is named after its first frame.
        """
        named: dict[str, list[Entry]] = {}
        for name, entries in self.tracks().items():
            for piece in (pieces := _unbroken(entries)):
                start = f"{name}_{piece[0].row.frame or 0:06}"
                named[_free(start if len(pieces) > 1 else name, named)] = piece
        return named


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _frame(entry: Entry) -> tuple[int, int]:
    return entry.row.sequence_id or 0, entry.row.frame or 0


def _unbroken(entries: list[Entry]) -> list[list[Entry]]:
    """Cut a track where more frames are left out than between its two nearest."""
    frames = np.array([_frame(entry) for entry in entries])
    other, between = np.diff(frames, axis=0).T
    steps = between[(other == 0) & (between > 0)]
    cut = (other > 0) | (between > steps.min(initial=np.iinfo(np.int64).max))
    cuts = [0, *(np.flatnonzero(cut) + 1), len(entries)]
    return [entries[start:end] for start, end in pairwise(cuts)]


def rate_of(entries: list[Entry]) -> float:
    """Return the frames a second of a track, by the median of the time between two of them."""
    times = [entry.row.time for entry in entries if entry.row.time is not None]
    if len(times) < len(entries) or len(times) < 2:
        return ASSUMED_RATE
    between = float(np.median(np.diff(times)))
    return round(1 / between, 3) if between > 0 else ASSUMED_RATE


def times_of(entries: list[Entry]) -> NDArray[np.float64]:
    """Return when the frames of a track are seen (F,), seconds from the first of them."""
    times = np.array([np.nan if e.row.time is None else e.row.time for e in entries])
    if (np.diff(times) > 0).all():  # false where one is missing
        return np.asarray(times - times[0])
    return np.arange(len(entries)) / rate_of(entries)


def safe_name(name: str) -> str:
    """Return a name that is one part of a path on every system."""
    kept = "".join(each if each.isalnum() or each in "-_." else "_" for each in name)
    return kept.strip(".") or "_"


def spread(keypoints: Keypoints2D | None, names: tuple[str, ...]) -> NDArray[np.float32]:
    """Put keypoints at the places of names: (K, 3), x, y in pixels and confidence, 0 if missing."""
    table = np.zeros((len(names), 3), dtype=np.float32)
    if keypoints is None:
        return table
    have = {name: place for place, name in enumerate(CONVENTIONS[keypoints.convention])}
    for place, name in enumerate(names):
        at = have.get(name)
        if at is not None and keypoints.confidence[at] > 0:
            table[place] = *keypoints.points[at], keypoints.confidence[at]
    return table
