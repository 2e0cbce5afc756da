"""Videos and folders of frames as a project keeps them, and who is on which track."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.project.checking import person_of
from core.project.schema import SequenceTable
from core.project.values import SequenceRow


def add(session: Session, path: str, sha256: str, rate: float) -> int:
    """Add a sequence, or find it: the same content at the same place is the same."""
    known = session.scalar(select(SequenceTable).filter_by(path=path, sha256=sha256))
    if known is not None:
        return known.id
    row = SequenceTable(path=path, sha256=sha256, rate=rate)
    session.add(row)
    session.flush()
    return row.id


def rows(session: Session) -> list[SequenceRow]:
    """Return the sequences in the order in which they were added."""
    found = session.scalars(select(SequenceTable).order_by(SequenceTable.id))
    return [SequenceRow(row.id, row.path, row.sha256, row.rate) for row in found]


def set_tracks(session: Session, tracks: Mapping[int, str]) -> None:
    """Put persons on the tracks a machine found, but not who was put on or off one already."""
    for person_id, track in tracks.items():
        person = person_of(session, person_id)
        if person.track is None and person.given_track is None:
            person.track = track
