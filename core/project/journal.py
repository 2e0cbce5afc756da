"""The append-only journal: undo, crash recovery and provenance in one.

Undo and redo append entries that point at the decision they turn off or on again. What a person's
state is follows from the decisions that are on; nothing is ever changed or removed.
"""

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, aliased

from core.errors import UnreadableInput
from core.project.decisions import STANDINGS, Bulk, Decision, Single
from core.project.schema import JournalTable, PartTable
from core.project.wire import BULK, decision_from_json, decision_to_json, kind_of, single_from_json


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


class Mark(NamedTuple):
    """The part of an entry that undo and redo look at."""

    id: int
    act: Act
    target: int | None


class Turns:
    """Which decisions are on, and which a redo may turn on again; follows the journal as it grows.

    Attributes
    ----------
    done, undone : lists of int
        Ids of decisions; the next one to undo or redo is the last of its list. `done` ascends.
    decided : int
        How many decisions there are, on or not.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: what was read last may have been rolled back."""
        self.done: list[int] = []
        self.undone: list[int] = []
        self.decided = 0
        self._read = 0

    def follow(self, session: Session) -> None:
        """Read what the journal has gained."""
        query = select(JournalTable.id, JournalTable.act, JournalTable.target)
        rows = session.execute(query.where(JournalTable.id > self._read).order_by(JournalTable.id))
        self.apply(Mark(key, Act(act), target) for key, act, target in rows)

    def is_on(self, key: int) -> bool:
        """Whether a decision is on."""
        place = bisect_left(self.done, key)
        return place < len(self.done) and self.done[place] == key

    def apply(self, marks: Iterable[Mark]) -> None:
        """Take further entries, in order."""
        for mark in marks:
            match mark.act:
                case Act.DECIDE:
                    self.decided += 1
                    self.done.append(mark.id)
                    self.undone.clear()
                case Act.UNDO:
                    self.undone.append(self.done.pop())
                case Act.REDO:
                    self.done.append(self.undone.pop())
            self._read = mark.id


class Active(NamedTuple):
    """A decision that is on."""

    id: int
    time: str
    who: str
    decision: Single


def active_decisions(session: Session, person_ids: Sequence[int]) -> dict[int, list[Active]]:
    """Return the decisions on persons that are on, oldest first, by person."""
    entry, part, turn = JournalTable, PartTable, aliased(JournalTable)
    last_turn = select(turn.act).where(turn.target == entry.id).order_by(turn.id.desc()).limit(1)
    on = func.coalesce(last_turn.correlate(entry).scalar_subquery(), "") != Act.UNDO.value
    own = select(entry.id, entry.id * 0, entry.person_id, entry.time, entry.who, entry.decision)
    shared = select(entry.id, part.id, part.person_id, entry.time, entry.who, part.decision)
    rows = [
        *session.execute(own.where(entry.person_id.in_(person_ids), entry.target.is_(None), on)),
        *session.execute(
            shared.join(part, part.journal_id == entry.id).where(part.person_id.in_(person_ids), on)
        ),
    ]
    found: dict[int, list[Active]] = {person_id: [] for person_id in person_ids}
    for key, _, person_id, time, who, text in sorted(rows, key=lambda row: (row[0], row[1])):
        data = json.loads(text)
        if data["kind"] != BULK:  # its parts are there, too
            found[person_id].append(Active(key, time, who, single_from_json(data)))
    return found


def last_standing(active: Sequence[Active]) -> JournalEntry | None:
    """Return, of the decisions on a person that are on, the one that says where they stand.

    Tags, notes and boxes do not.
    """
    for last in reversed(active):
        if isinstance(last.decision, STANDINGS):
            return JournalEntry(last.id, last.time, last.who, Act.DECIDE, last.decision, None)
    return None


def head(session: Session) -> int:
    """Return the id of the newest entry; 0 where there is none."""
    return session.scalar(select(func.max(JournalTable.id))) or 0


def append(session: Session, decision: Decision, time: str, who: str) -> JournalTable:
    """Write a new decision, its parts with it."""
    row = JournalTable(
        time=time,
        who=who,
        act=Act.DECIDE.value,
        person_id=decision.person_id,
        decision=json.dumps(_head(decision)),
    )
    session.add(row)
    session.flush()
    if isinstance(decision, Bulk):
        parts = [
            {
                "journal_id": row.id,
                "person_id": one.person_id,
                "decision": json.dumps(decision_to_json(one)),
            }
            for one in decision.decisions
        ]
        session.execute(insert(PartTable), parts)
    return row


def entries(session: Session) -> list[JournalEntry]:
    """Return the whole journal, oldest first."""
    found: list[JournalEntry] = []
    decisions: dict[int, Decision] = {}
    parts: dict[int, list[Single]] = {}
    for part in session.execute(
        select(PartTable.journal_id, PartTable.decision).order_by(PartTable.id)
    ):
        parts.setdefault(part.journal_id, []).append(single_from_json(json.loads(part.decision)))
    for row in session.execute(select(JournalTable.__table__).order_by(JournalTable.id)):
        if row.target is not None:
            decision = decisions[row.target]
        elif row.id in parts:
            decision = Bulk(tuple(parts[row.id]))
        else:
            decision = decision_from_json(json.loads(row.decision))
        decisions[row.id] = decision
        found.append(JournalEntry(row.id, row.time, row.who, Act(row.act), decision, row.target))
    return found


def entry(session: Session, key: int) -> JournalEntry:
    """Return one decision of the journal, by its id."""
    row = session.get_one(JournalTable, key)
    parts = session.scalars(
        select(PartTable.decision).where(PartTable.journal_id == key).order_by(PartTable.id)
    )
    shared = tuple(single_from_json(json.loads(part)) for part in parts)
    decision = Bulk(shared) if shared else decision_from_json(json.loads(row.decision))
    return JournalEntry(row.id, row.time, row.who, Act.DECIDE, decision, None)


def _head(decision: Decision) -> dict[str, Any]:
    """Return what the entry itself holds: of a bulk, what was done to how many."""
    if not isinstance(decision, Bulk):
        return decision_to_json(decision)
    kinds = {kind_of(one) for one in decision.decisions}
    return {
        "kind": BULK,
        "of": kinds.pop() if len(kinds) == 1 else "",
        "count": len(decision.decisions),
    }
