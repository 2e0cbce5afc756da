"""Tracks: who is who over the frames of a sequence, and decisions that change it or use it.

A track is a name that persons share. Everything here makes decisions out of rows; `Project.decide`
takes them, and they are undone like any other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from core.errors import ProjectError
from core.project.decisions import Accept, Bulk, Decision, PutOnTrack, Single
from core.project.values import PersonRow


def tracks_of(rows: Iterable[PersonRow]) -> dict[str, list[PersonRow]]:
    """Return the persons of each track in the order of its frames; who has no track is left out."""
    found: dict[str, list[PersonRow]] = defaultdict(list)
    for row in rows:
        if row.track is not None:
            found[row.track].append(row)
    return {track: sorted(some, key=_place) for track, some in found.items()}


def between(rows: Iterable[PersonRow], first: int, last: int) -> list[PersonRow]:
    """Return the persons of a range of frames, both ends in it."""
    return [row for row in rows if row.frame is not None and first <= row.frame <= last]


def put(rows: Iterable[PersonRow], persons: Sequence[PersonRow], track: str) -> Decision:
    """Put persons on a track, or off any with an empty name; `rows` are all of the project.

    Raises
    ------
    ProjectError
        They are there already, or the track would have two persons in one picture.
    """
    moved = [row for row in persons if (row.track or "") != track]
    staying = {row.image_id for row in rows if row.track == track}
    for row in moved if track else ():
        if row.image_id in staying:
            raise ProjectError(
                f"Track {track} has a person in {row.image} already",
                "Put that one on another track first",
            )
        staying.add(row.image_id)
    return together([PutOnTrack(row.id, track) for row in moved], "put on that track")


def join(rows: Iterable[PersonRow], kept: str, other: str) -> Decision:
    """Make one track of two, under the name of the first.

    Raises
    ------
    ProjectError
        There is no such track, or both have a person in the same picture.
    """
    rows = list(rows)
    tracks = tracks_of(rows)
    _track(tracks, kept)
    return put(rows, _track(tracks, other), kept)


def split(rows: Iterable[PersonRow], track: str, at: PersonRow) -> Decision:
    """Make two tracks of one: from a person's frame on it is another one, under a new name.

    Raises
    ------
    ProjectError
        There is no such track, or nobody of it is in that frame or later, or in none before.
    """
    rows = list(rows)
    tracks = tracks_of(rows)
    own = _track(tracks, track)
    later = [row for row in own if _place(row) >= _place(at)]
    if len(later) in (0, len(own)):
        raise ProjectError(f"Track {track} does not go on on both sides of {at.image}")
    return put(rows, later, new_name(tracks, track))


def new_name(tracks: Iterable[str], beside: str) -> str:
    """Return a free name of the sequence of another track: `clip/1`, `clip/2`."""
    taken, stem = set(tracks), beside.rpartition("/")[0]
    number = 1
    while (name := f"{stem}/{number}" if stem else str(number)) in taken:
        number += 1
    return name


def accept_step(
    rows: Iterable[PersonRow], step: int, parts: Mapping[str, int] = MappingProxyType({})
) -> Decision:
    """Accept the same step, and the same steps of parts, of everybody who has a trajectory.

    Raises
    ------
    ProjectError
        Nobody has one.
    """
    there = [(row.id, row.run_id) for row in rows if row.run_id is not None]
    accepted = [Accept(person_id, run_id, step, parts) for person_id, run_id in there]
    return together(accepted, f"accept step {step} of")


def track_of(rows: Iterable[PersonRow], name: str) -> list[PersonRow]:
    """Return the persons of one track in the order of its frames.

    Raises
    ------
    ProjectError
        There is no such track.
    """
    return _track(tracks_of(rows), name)


def _track(tracks: dict[str, list[PersonRow]], name: str) -> list[PersonRow]:
    if name not in tracks:
        raise ProjectError(f"There is no track {name}", f"Tracks: {', '.join(tracks) or 'none'}")
    return tracks[name]


def together(decisions: Sequence[Single], what: str) -> Decision:
    """Bind decisions into one.

    Raises
    ------
    ProjectError
        There is none; `what` says what was to be done.
    """
    if not decisions:
        raise ProjectError(f"There is nobody to {what}", "Select others")
    return decisions[0] if len(decisions) == 1 else Bulk(tuple(decisions))


def _place(row: PersonRow) -> tuple[int, int, int]:
    return row.sequence_id or 0, row.frame or 0, row.image_id
