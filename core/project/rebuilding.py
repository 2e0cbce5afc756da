"""A project made anew: what machines found is copied, what people did is replayed from the journal.

Θ1 and keypoints that were set by hand get the keys they had, since runs and later decisions name
them; foreign keys are therefore looked at when all is written.
"""

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.project import deciding, journal
from core.project.decisions import singles
from core.project.journal import Act, Turns
from core.project.schema import (
    FilterTable,
    ImageTable,
    JointsTable,
    KeypointsTable,
    PersonTable,
    RunTable,
    SequenceTable,
    Theta1Table,
)
from core.project.standing import refresh
from core.project.store import Store
from core.project.values import HAND

AT_ONCE = 100
"""Rows in memory at a time; those of runs are large."""

_BROUGHT: dict[type[Theta1Table] | type[KeypointsTable], InstrumentedAttribute[str]] = {
    Theta1Table: Theta1Table.frontend,
    KeypointsTable: KeypointsTable.source,
}
"""Tables of what decisions bring, and the column that says what was brought by hand."""


def rebuild(source: Path, out: Path) -> int:
    """Write a project that is what its journal says; return how many entries were replayed.

    Raises
    ------
    ProjectError
        `out` is there already, or the journal does not fit what the machines found.
    """
    old = Store.open(source.absolute())
    try:
        new = Store.create(out.absolute())
        try:
            with old.read() as given, new.write() as session:
                session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                _copy(given, session, source.absolute().parent, out.absolute().parent)
                count = _replay(given, session)
                _finish(given, session)
        except BaseException:
            new.close()
            out.unlink()
            raise
        new.close()
    finally:
        old.close()
    return count


def _copy(given: Session, session: Session, old: Path, new: Path) -> None:
    """Copy what machines made; pictures are found from the new folder."""
    for placed in (SequenceTable, ImageTable):
        for row in given.execute(select(placed.__table__)).mappings():
            path = Path(os.path.relpath(old / row["path"], new)).as_posix()
            session.execute(insert(placed), [{**row, "path": path}])
    people = select(PersonTable.__table__).where(PersonTable.journal_id.is_(None))
    for person in given.execute(people).mappings():
        session.execute(insert(PersonTable), [_as_given(dict(person))])
    for table, source in _BROUGHT.items():
        _copy_rows(given, session, table, source != HAND)
    _copy_rows(given, session, JointsTable, JointsTable.id > 0)
    _copy_rows(given, session, RunTable, RunTable.id > 0)
    _copy_rows(given, session, FilterTable, FilterTable.text != "")


def _copy_rows(given: Session, session: Session, table: type[Any], which: Any) -> None:
    rows = given.execute(select(table.__table__).where(which)).mappings()
    for some in rows.partitions(AT_ONCE):
        session.execute(insert(table), [dict(row) for row in some])


_GIVEN = ("id", "image_id", "number", "x", "y", "width", "height", "track", "note")


def _as_given(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person as before the first decision."""
    kept = {name: person[name] for name in _GIVEN}
    if person["given_box"] is not None:
        box = json.loads(person["given_box"])
        kept.update(zip(("x", "y", "width", "height"), box, strict=True))
    if person["given_track"] is not None:
        kept["track"] = person["given_track"] or None
    return kept


def _replay(given: Session, session: Session) -> int:
    brought = {table: _keys(given, table) for table in _BROUGHT}
    turns, entries = Turns(), journal.entries(given)
    for entry in entries:
        deciding.replay(session, turns, entry)
        if entry.act is not Act.DECIDE:
            continue
        named = False
        for table, keys in brought.items():
            if entry.id in keys:
                _name(session, table, entry.id, keys[entry.id])
                named = True
        if named:
            refresh(session, [one.person_id for one in singles(entry.decision)])
    return len(entries)


def _keys(given: Session, table: type[Theta1Table] | type[KeypointsTable]) -> dict[int, list[int]]:
    """Return the keys of what each entry of the journal has brought by hand."""
    found: dict[int, list[int]] = defaultdict(list)
    query = select(table.journal_id, table.id).where(_BROUGHT[table] == HAND)
    for entry, key in given.execute(query.order_by(table.id)):
        found[entry or 0].append(key)
    return found


def _name(
    session: Session,
    table: type[Theta1Table] | type[KeypointsTable],
    entry: int,
    keys: list[int],
) -> None:
    """Give what an entry has just brought the keys it had."""
    by_hand = table.journal_id == entry, _BROUGHT[table] == HAND
    query = select(table.id).where(*by_hand).order_by(table.id)
    made = list(session.scalars(query))
    # from the last on: keys that are still to be given may be taken by what was just made
    for own, key in sorted(zip(made, keys, strict=True), key=lambda pair: -pair[1]):
        session.execute(update(table).where(table.id == own).values(id=key))


def _finish(given: Session, session: Session) -> None:
    """Copy what machines noted on persons who were drawn, and derive where everyone stands."""
    drawn = select(PersonTable).where(PersonTable.journal_id.is_not(None))
    for person in given.scalars(drawn):
        values = {name: getattr(person, name) for name in ("note", "track", "given_track")}
        session.execute(update(PersonTable).where(PersonTable.id == person.id).values(**values))
    refresh(session, list(session.scalars(select(PersonTable.id))))
