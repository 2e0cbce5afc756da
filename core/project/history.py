"""Pages of the journal's decisions, for a list that may be 100,000 long."""

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.project.decisions import KINDS, bulk_in_words
from core.project.journal import Turns
from core.project.schema import ImageTable, JournalTable, PersonTable
from core.project.wire import BULK, single_from_json

PAGE = 200


@dataclass(frozen=True)
class Deed:
    """A decision as a list shows it.

    Parameters
    ----------
    id : int
        Of its entry in the journal.
    time, who : str
        When (UTC, ISO 8601) and by whom.
    words : str
        What was decided, as `describe` says it.
    person_id : int
        On whom; of a bulk decision the first.
    person : str
        Picture and number, empty where it was on many.
    on : bool
        Whether it is on; else it was undone.
    """

    id: int
    time: str
    who: str
    words: str
    person_id: int
    person: str
    on: bool


@dataclass(frozen=True)
class History:
    """A page of decisions, newest first.

    Parameters
    ----------
    deeds : tuple of Deed
        The page.
    total : int
        How many decisions the journal holds.
    now : int
        The last decision that is on; 0 where none is.
    can_redo : frozenset of int
        Decisions that are undone, and that a redo may turn on again.
    """

    deeds: tuple[Deed, ...]
    total: int
    now: int
    can_redo: frozenset[int]


def read_page(session: Session, turns: Turns, below: int | None = None) -> History:
    """Read the newest decisions, or those before entry `below`."""
    turns.follow(session)
    columns = (
        JournalTable.id, JournalTable.time, JournalTable.who, JournalTable.decision,
        JournalTable.person_id, ImageTable.path, PersonTable.number,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(PersonTable, PersonTable.id == JournalTable.person_id)
        .join(ImageTable, ImageTable.id == PersonTable.image_id)
        .where(JournalTable.target.is_(None))
    )
    if below is not None:
        query = query.where(JournalTable.id < below)
    rows = session.execute(query.order_by(JournalTable.id.desc()).limit(PAGE)).all()
    deeds = []
    for key, time, who, text, person_id, path, number in rows:
        data = json.loads(text)
        many = data["kind"] == BULK
        deed = KINDS[data["of"]].deed if many and data["of"] else ""
        words = bulk_in_words(deed, data["count"]) if many else single_from_json(data).describe()
        person = "" if many else f"{path} person {number}"
        deeds.append(Deed(key, time, who, words, person_id, person, turns.is_on(key)))
    now = turns.done[-1] if turns.done else 0
    return History(tuple(deeds), turns.decided, now, frozenset(turns.undone))
