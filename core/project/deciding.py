"""What a decision changes: one journal entry, and the person's state that follows from it."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import ProjectError
from core.project import journal
from core.project.blobs import pack_parameters
from core.project.decisions import (
    Accept,
    AcceptTheta1,
    Decision,
    Flag,
    Place,
    Reject,
    decision_from_json,
    decision_to_json,
)
from core.project.journal import Act, JournalEntry
from core.project.schema import JournalTable, PersonTable, RunTable, Theta1Table
from core.project.values import HAND, State


def decide(session: Session, decision: Decision, time: str, who: str) -> JournalEntry:
    """Append a decision and bring its person up to date."""
    person = person_of(session, decision.person_id)
    _check(session, decision)
    row = JournalTable(
        time=time,
        who=who,
        act=Act.DECIDE.value,
        person_id=person.id,
        decision=json.dumps(decision_to_json(decision)),
    )
    session.add(row)
    session.flush()
    if isinstance(decision, Place):
        session.add(
            Theta1Table(
                person_id=person.id,
                frontend=HAND,
                weights_sha256="",
                detail=f"placed by {who}",
                journal_id=row.id,
                arrays=pack_parameters(decision.parameters),
            )
        )
    refresh(session, person)
    return JournalEntry(row.id, time, who, Act.DECIDE, decision, None)


def turn(session: Session, act: Act, time: str, who: str) -> JournalEntry | None:
    """Undo or redo what is next in turn, and bring its person up to date."""
    done, undone = journal.history(journal.marks(session))
    candidates = done if act is Act.UNDO else undone
    if not candidates:
        return None
    target = session.get_one(JournalTable, candidates[-1])
    row = JournalTable(
        time=time,
        who=who,
        act=act.value,
        target=target.id,
        person_id=target.person_id,
        decision="",
    )
    session.add(row)
    session.flush()
    refresh(session, person_of(session, target.person_id))
    decision = decision_from_json(json.loads(target.decision))
    return JournalEntry(row.id, time, who, act, decision, target.id)


def replay(session: Session, entry: JournalEntry) -> None:
    """Append an entry of another journal, with its own time and name."""
    if entry.act is Act.DECIDE:
        decide(session, entry.decision, entry.time, entry.who)
        return
    turned = turn(session, entry.act, entry.time, entry.who)
    if turned is None or turned.target != entry.target:
        raise ProjectError(f"Entry {entry.id} of the journal has nothing to {entry.act}")


def refresh(session: Session, person: PersonTable) -> None:
    """Derive a person's state, Θ1, run and step from journal and runs."""
    session.flush()
    active = journal.active_decisions(session, person.id)
    last = active[-1][1] if active else None
    person.state = _state(last).value
    person.run_id = person.chosen_step = None
    match last:
        case Accept():
            person.run_id, person.chosen_step = last.run_id, last.step
            person.theta1_id = session.get_one(RunTable, last.run_id).theta1_id
            return
        case AcceptTheta1():
            person.theta1_id, person.chosen_step = last.theta1_id, 0
        case _:
            person.theta1_id = _newest_theta1(session, person.id, [key for key, _ in active])
    person.run_id = session.scalar(
        select(RunTable.id)
        .where(RunTable.theta1_id == person.theta1_id)
        .order_by(RunTable.id.desc())
        .limit(1)
    )


def person_of(session: Session, person_id: int) -> PersonTable:
    """Return a person's row, or say that there is none."""
    person = session.get(PersonTable, person_id)
    if person is None:
        raise ProjectError(f"The project has no person {person_id}")
    return person


def theta1_of(session: Session, person_id: int, theta1_id: int) -> Theta1Table:
    """Return a rough annotation of this very person."""
    theta1 = session.get(Theta1Table, theta1_id)
    if theta1 is None or theta1.person_id != person_id:
        raise ProjectError(f"Person {person_id} has no rough annotation {theta1_id}")
    return theta1


def _check(session: Session, decision: Decision) -> None:
    match decision:
        case Accept():
            run = session.get(RunTable, decision.run_id)
            if run is None or run.person_id != decision.person_id:
                raise ProjectError(f"Person {decision.person_id} has no run {decision.run_id}")
            if not 0 <= decision.step <= run.steps:
                raise ProjectError(f"Step {decision.step} is outside 0..{run.steps}")
        case AcceptTheta1():
            theta1_of(session, decision.person_id, decision.theta1_id)
        case Place():
            if decision.parameters.batch:
                raise ProjectError("Only one annotation can be placed at a time")


def _state(decision: Decision | None) -> State:
    match decision:
        case Accept() | AcceptTheta1():
            return State.ACCEPTED
        case Reject():
            return State.REJECTED
        case Flag():
            return State.FLAGGED
        case _:
            return State.UNDECIDED


def _newest_theta1(session: Session, person_id: int, active: list[int]) -> int | None:
    """Find the newest placed by hand and not undone, else the newest of any other source."""
    query = select(Theta1Table.id, Theta1Table.journal_id)
    rows = session.execute(
        query.where(Theta1Table.person_id == person_id).order_by(Theta1Table.id.desc())
    ).all()
    placed = [row.id for row in rows if row.journal_id in active]
    machine = [row.id for row in rows if row.journal_id is None]
    return next(iter(placed + machine), None)
