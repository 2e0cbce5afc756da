"""What a decision changes: one journal entry, what it brings, and the state that follows."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import ProjectError
from core.evidence import Box, Keypoints2D
from core.project import journal
from core.project.adding import same_person
from core.project.blobs import pack_known, pack_parameters, unpack_known
from core.project.checking import check, image_of, person_of
from core.project.decisions import AddPerson, Decision, MoveKeypoint, Place, Single, singles
from core.project.journal import Act, JournalEntry, Turns
from core.project.schema import JournalTable, KeypointsTable, PersonTable, Theta1Table
from core.project.standing import refresh
from core.project.values import HAND


def decide(session: Session, decision: Decision, time: str, who: str) -> JournalEntry:
    """Append a decision and bring its persons up to date."""
    each = singles(decision)
    check(session, each)
    new = [one for one in each if isinstance(one, AddPerson)]
    session.add_all(_person(one) for one in new)
    session.flush()
    row = journal.append(session, decision, time, who)
    for added in new:
        session.get_one(PersonTable, added.person_id).journal_id = row.id
    for one in each:
        _bring(session, one, row)
    refresh(session, [one.person_id for one in each])
    return JournalEntry(row.id, time, who, Act.DECIDE, decision, None)


def turn(session: Session, turns: Turns, act: Act, time: str, who: str) -> JournalEntry | None:
    """Undo or redo what is next in turn, and bring its persons up to date."""
    turns.follow(session)
    candidates = turns.done if act is Act.UNDO else turns.undone
    if not candidates:
        return None
    last = _turn(session, candidates[-1], act, time, who)
    refresh(session, _persons(last.decision))
    return last


def jump(session: Session, turns: Turns, to: int, time: str, who: str) -> list[JournalEntry]:
    """Undo or redo until decision `to` is the last one that is on; 0 undoes everything.

    Raises
    ------
    ProjectError
        The decision is undone, and what was decided since stands in the way.
    """
    turns.follow(session)
    if to and to not in turns.done and to not in turns.undone:
        raise ProjectError(
            f"Decision {to} cannot be brought back: other decisions were made since",
            "Decide on the person anew",
        )
    if to in turns.undone:
        act, targets = Act.REDO, [key for key in reversed(turns.undone) if key <= to]
    else:
        act, targets = Act.UNDO, [key for key in reversed(turns.done) if key > to]
    made = [_turn(session, target, act, time, who) for target in targets]
    refresh(session, sorted({key for entry in made for key in _persons(entry.decision)}))
    return made


def replay(session: Session, turns: Turns, entry: JournalEntry) -> None:
    """Append an entry of another journal, with its own time and name."""
    if entry.act is Act.DECIDE:
        decide(session, entry.decision, entry.time, entry.who)
        return
    turned = turn(session, turns, entry.act, entry.time, entry.who)
    if turned is None or turned.target != entry.target:
        raise ProjectError(f"Entry {entry.id} of the journal has nothing to {entry.act}")


def replay_all(session: Session, turns: Turns, entries: list[JournalEntry]) -> int:
    """Append the entries that the journal does not hold yet: see `Project.replay`."""
    known = [entry.to_json_line() for entry in journal.entries(session)]
    for own, other in zip(known, entries, strict=False):
        if own != other.to_json_line():
            raise ProjectError(
                f"The journals differ from entry {other.id} on",
                "Replay onto a project without decisions of its own",
            )
    new = entries[len(known) :]
    for entry in new:
        replay(session, turns, entry)
    return len(new)


def draw_person(
    session: Session, image_id: int, box: Box, time: str, who: str
) -> tuple[int, JournalEntry | None]:
    """Decide that there is a human in a box, or find them: see `Project.draw_person`."""
    image_of(session, image_id)
    known = same_person(session, image_id, box)
    if known is not None and not person_of(session, known).removed:
        return known, None
    person_id, number = _next_person(session, image_id)
    return person_id, decide(session, AddPerson(person_id, image_id, number, box), time, who)


def _next_person(session: Session, image_id: int) -> tuple[int, int]:
    """Return the id and the number within the picture that the next person added will have."""
    highest = session.scalar(select(func.max(PersonTable.id)))
    last = session.scalar(
        select(func.max(PersonTable.number)).where(PersonTable.image_id == image_id)
    )
    return (highest or 0) + 1, (last or 0) + 1


def _turn(session: Session, target: int, act: Act, time: str, who: str) -> JournalEntry:
    decided = journal.entry(session, target)
    row = JournalTable(
        time=time,
        who=who,
        act=act.value,
        target=target,
        person_id=decided.decision.person_id,
        decision="",
    )
    session.add(row)
    session.flush()
    return JournalEntry(row.id, time, who, act, decided.decision, target)


def _persons(decision: Decision) -> list[int]:
    return [one.person_id for one in singles(decision)]


def _person(decision: AddPerson) -> PersonTable:
    return PersonTable(
        id=decision.person_id,
        image_id=decision.image_id,
        number=decision.number,
        **vars(decision.box),
    )


def _bring(session: Session, decision: Single, row: JournalTable) -> None:
    """Add the annotation or evidence that a decision brings."""
    match decision:
        case Place():
            session.add(
                Theta1Table(
                    person_id=decision.person_id,
                    frontend=HAND,
                    weights_sha256="",
                    detail=f"placed by {row.who}",
                    journal_id=row.id,
                    arrays=pack_parameters(decision.parameters),
                )
            )
        case MoveKeypoint():
            base = session.get_one(KeypointsTable, decision.keypoints_id)
            what = f"person {decision.person_id}"
            moved = unpack_known(Keypoints2D, base.convention, base.table, what)
            moved = moved.with_point(decision.index, decision.x, decision.y)
            session.add(
                KeypointsTable(
                    person_id=decision.person_id,
                    source=HAND,
                    convention=base.convention,
                    journal_id=row.id,
                    table=pack_known(moved),
                )
            )
