"""Videos and folders of frames as a project keeps them, and who is on which track."""

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.evidence import Box
from core.project.checking import person_of
from core.project.schema import ImageTable, PersonTable, SequenceTable
from core.project.values import SequenceRow
from core.tracking import Sighting

ASSUMED_RATE = 30.0
"""Frames a second where nobody says."""


def add(session: Session, path: str, sha256: str, rate: float | None) -> int:
    """Add a sequence, or find it: the same content at the same place is the same.

    A rate is kept until another one is said.
    """
    known = session.scalar(select(SequenceTable).filter_by(path=path, sha256=sha256))
    if known is not None:
        known.rate = rate or known.rate
        return known.id
    row = SequenceTable(path=path, sha256=sha256, rate=rate or ASSUMED_RATE)
    session.add(row)
    session.flush()
    return row.id


def rows(session: Session) -> list[SequenceRow]:
    """Return the sequences in the order in which they were added."""
    found, taken = [], Counter[str]()
    for row in session.scalars(select(SequenceTable).order_by(SequenceTable.id)):
        path = PurePosixPath(row.path)
        stem = path.stem if row.sha256 else path.name
        taken[stem] += 1
        name = stem if taken[stem] == 1 else f"{stem}_{row.id}"
        found.append(SequenceRow(row.id, name, row.path, row.sha256, row.rate))
    return found


def sightings(session: Session, sequence_id: int) -> list[Sighting]:
    """Return who is where in a sequence, in the order of its frames."""
    box = PersonTable.x, PersonTable.y, PersonTable.width, PersonTable.height
    query = (
        select(
            PersonTable.id, ImageTable.frame, ImageTable.time,
            PersonTable.track, PersonTable.given_track, *box,
        )
        .join(ImageTable, ImageTable.id == PersonTable.image_id)
        .where(ImageTable.sequence_id == sequence_id, PersonTable.removed.is_(False))
        .order_by(ImageTable.frame, PersonTable.number)
    )  # fmt: skip
    found = []
    for person_id, frame, time, track, given, *sides in session.execute(query):
        known = "" if track is None and given is not None else track
        found.append(Sighting(person_id, frame or 0, time or 0.0, Box(*sides), known))
    return found


def set_tracks(session: Session, tracks: Mapping[int, str]) -> None:
    """Put persons on the tracks a machine found, but not who was put on or off one already."""
    for person_id, track in tracks.items():
        person = person_of(session, person_id)
        if person.track is None and person.given_track is None:
            person.track = track
