"""The append-only journal: undo, crash recovery and provenance in one.

Undo and redo append entries that point at the decision they turn off or on again. What a person's
state is follows from the decisions that are on; nothing is ever changed or removed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import UnreadableInput
from core.project.decisions import Decision, decision_from_json, decision_to_json
from core.project.schema import JournalTable


class Act(StrEnum):
    """What an entry does with its decision."""

    DECIDE = "decide"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, eq=False)
class JournalEntry:
    """One line of the journal.

    Parameters
    ----------
    id : int
        1, 2, 3 ... in the order of time.
    time : str
        UTC, ISO 8601.
    who : str
        User name.
    act : Act
        Whether the decision was made, undone or redone.
    decision : Decision
        The decision that was made, undone or redone.
    target : int or None
        Id of the entry that is undone or redone.
    """

    id: int
    time: str
    who: str
    act: Act
    decision: Decision
    target: int | None

    def describe(self) -> str:
        """Say in words what was done."""
        prefix = {Act.DECIDE: "", Act.UNDO: "undid: ", Act.REDO: "did again: "}[self.act]
        return prefix + self.decision.describe()

    def to_json_line(self) -> str:
        """Return the entry as one line of a journal file."""
        fields = {"id": self.id, "time": self.time, "who": self.who, "act": self.act.value}
        return json.dumps(
            {**fields, "target": self.target, "decision": decision_to_json(self.decision)}
        )

    @classmethod
    def from_json_line(cls, line: str) -> "JournalEntry":
        """Rebuild an entry from `to_json_line`."""
        try:
            data = json.loads(line)
            target = None if data["target"] is None else int(data["target"])
            return cls(
                int(data["id"]),
                str(data["time"]),
                str(data["who"]),
                Act(data["act"]),
                decision_from_json(data["decision"]),
                target,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableInput(f"Not a line of a journal: {line[:80]}") from error


@dataclass(frozen=True)
class Mark:
    """The part of an entry that undo and redo look at."""

    id: int
    act: Act
    target: int | None


def history(marks: Iterable[Mark]) -> tuple[list[int], list[int]]:
    """Replay a journal.

    Returns
    -------
    done, undone : lists of int
        Ids of the decisions that are on, and of those that a redo may turn on again; the next
        one to undo or redo is the last of its list.
    """
    done: list[int] = []
    undone: list[int] = []
    for mark in marks:
        match mark.act:
            case Act.DECIDE:
                done.append(mark.id)
                undone.clear()
            case Act.UNDO:
                undone.append(done.pop())
            case Act.REDO:
                done.append(undone.pop())
    return done, undone


def marks(session: Session) -> list[Mark]:
    """Read what `history` needs, in order."""
    query = select(JournalTable.id, JournalTable.act, JournalTable.target)
    rows = session.execute(query.order_by(JournalTable.id))
    return [Mark(row.id, Act(row.act), row.target) for row in rows]


def active_decisions(session: Session, person_id: int) -> list[tuple[int, Decision]]:
    """Return the decisions on a person that are on, oldest first, with their entries' ids."""
    query = select(JournalTable).where(JournalTable.person_id == person_id)
    entries: dict[int, JournalTable] = {}
    for entry in session.scalars(query.order_by(JournalTable.id)):
        if entry.act == Act.UNDO:
            entries.pop(entry.target or 0, None)
        else:
            decided = (
                entry if entry.act == Act.DECIDE else session.get_one(JournalTable, entry.target)
            )
            entries[decided.id] = decided
    return [(key, decision_from_json(json.loads(entries[key].decision))) for key in sorted(entries)]


def last_decision(session: Session, person_id: int) -> JournalEntry | None:
    """Return the newest decision on a person that is on."""
    active = active_decisions(session, person_id)
    if not active:
        return None
    key, decision = active[-1]
    row = session.get_one(JournalTable, key)
    return JournalEntry(row.id, row.time, row.who, Act.DECIDE, decision, None)


def entries(session: Session) -> list[JournalEntry]:
    """Return the whole journal, oldest first."""
    found: list[JournalEntry] = []
    decisions: dict[int, Decision] = {}
    for row in session.scalars(select(JournalTable).order_by(JournalTable.id)):
        decision = (
            decision_from_json(json.loads(row.decision))
            if row.target is None
            else decisions[row.target]
        )
        decisions[row.id] = decision
        found.append(JournalEntry(row.id, row.time, row.who, Act(row.act), decision, row.target))
    return found
