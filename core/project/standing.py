"""Where persons stand, as it follows from their decisions and from what machines made."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.evidence import Box
from core.project import journal
from core.project.decisions import (
    STANDINGS,
    VERDICTS,
    Accept,
    AcceptTheta1,
    AskSecond,
    Flag,
    MoveBox,
    Pick,
    PutOnTrack,
    Reject,
    Remark,
    Remove,
    Single,
    Tag,
)
from core.project.journal import Active
from core.project.many import AT_ONCE
from core.project.schema import KeypointsTable, PersonTable, RunTable, Theta1Table
from core.project.values import HAND, STEADIED, State
from core.project.wire import box_from_json, box_to_json


def refresh(session: Session, person_ids: Sequence[int]) -> None:
    """Derive all of a person's state from journal, rough annotations, keypoints and runs."""
    session.flush()
    for start in range(0, len(person_ids), AT_ONCE):
        some = person_ids[start : start + AT_ONCE]
        made = _Made(session, some)
        active = journal.active_decisions(session, some)
        columns = (PersonTable.id, PersonTable.journal_id, *_GIVEN, *_BOX)
        persons = session.execute(select(*columns).where(PersonTable.id.in_(some)))
        values = []
        for person_id, drawn_by, given_box, given_track, track, *box in persons:
            decisions = active[person_id]
            value = _standing(decisions, made, person_id) | _marks(decisions)
            value |= _box(decisions, given_box, Box(*box))
            value |= _track(decisions, given_track, track)
            value["removed"] |= drawn_by is not None and drawn_by not in {e.id for e in decisions}
            values.append({"key": person_id, **value})
        session.connection().execute(_UPDATE, values)  # the objects of the session expire below
    session.expire_all()


_GIVEN = (PersonTable.given_box, PersonTable.given_track, PersonTable.track)
_BOX = (PersonTable.x, PersonTable.y, PersonTable.width, PersonTable.height)
_UPDATE = update(PersonTable).where(PersonTable.id == bindparam("key"))


class _Made:
    """Rough annotations, keypoints and runs of some persons, newest first, without their arrays."""

    def __init__(self, session: Session, person_ids: Sequence[int]) -> None:
        self.theta1s = _by_person(session, Theta1Table, Theta1Table.frontend, person_ids)
        self.keypoints = _by_person(session, KeypointsTable, KeypointsTable.source, person_ids)
        steadied = RunTable.refiner == STEADIED
        run = select(RunTable.id, RunTable.theta1_id, RunTable.keypoints_id, steadied)
        runs = session.execute(run.where(RunTable.person_id.in_(person_ids)).order_by(RunTable.id))
        self.theta1_of_run: dict[int, int] = {}
        self._newest: dict[int, int] = {}
        self._newest_with: dict[tuple[int, int | None], int] = {}
        self._steadied: set[int] = set()
        for run_id, theta1_id, keypoints_id, is_steadied in runs:
            self.theta1_of_run[run_id] = theta1_id
            if is_steadied:
                self._steadied.add(run_id)
            else:
                self._newest[theta1_id] = self._newest_with[theta1_id, keypoints_id] = run_id

    def newest_run(self, theta1_id: int | None, keypoints_id: int | None) -> int | None:
        """Return the newest run on a Θ1: one by the keypoints that count, else by any."""
        if theta1_id is None:
            return None
        by_these = self._newest_with.get((theta1_id, keypoints_id))
        return self._newest.get(theta1_id) if by_these is None else by_these

    def may_be_picked(self, run_id: int, theta1_id: int | None, keypoints_id: int | None) -> bool:
        """Whether a run is the newest, or has steadied the newest."""
        newest = self.newest_run(theta1_id, keypoints_id) or 0
        steadied = run_id in self._steadied and self.theta1_of_run[run_id] == theta1_id
        return run_id == newest or (steadied and run_id > newest)


def _by_person(
    session: Session,
    table: type[Theta1Table] | type[KeypointsTable],
    source: InstrumentedAttribute[str],
    person_ids: Sequence[int],
) -> dict[int, list[tuple[int, int | None, bool]]]:
    query = select(table.person_id, table.id, table.journal_id, source == HAND)
    of_them = query.where(table.person_id.in_(person_ids)).order_by(table.id.desc())
    found = defaultdict(list)
    for person_id, key, journal_id, by_hand in session.execute(of_them):
        found[person_id].append((key, journal_id, by_hand))
    return found


def _counting(rows: list[tuple[int, int | None, bool]], active: set[int]) -> int | None:
    """Find the newest made by hand and not undone, else the newest of any other source.

    What was found in a box that was moved by hand is gone where that is undone.
    """
    there = [(key, by_hand) for key, entry, by_hand in rows if entry is None or entry in active]
    by_hand = [key for key, by_hand in there if by_hand]
    return next(iter(by_hand or [key for key, _ in there]), None)


def _standing(active: list[Active], made: _Made, person_id: int) -> dict[str, Any]:
    """Return state, Θ1, keypoints, run and steps."""
    on = {entry.id for entry in active}
    last = next((e for e in reversed(active) if isinstance(e.decision, STANDINGS)), None)
    decision = last.decision if last else None
    theta1 = _counting(made.theta1s[person_id], on)
    keypoints = _counting(made.keypoints[person_id], on)
    run: int | None = None
    step: int | None = None
    parts = ""
    match decision:
        case Accept():
            run, step, parts = decision.run_id, decision.step, _parts_text(decision)
            theta1 = made.theta1_of_run[run]
        case AcceptTheta1():
            theta1, step = decision.theta1_id, 0
            run = made.newest_run(theta1, keypoints)
        case Pick() if made.may_be_picked(decision.run_id, theta1, keypoints):
            run, step, parts = decision.run_id, decision.step, _parts_text(decision)
        case _:
            run = made.newest_run(theta1, keypoints)
    verdict = last if last and isinstance(decision, VERDICTS) else None
    return {
        "state": _state(decision).value,
        "theta1_id": theta1,
        "keypoints_id": keypoints,
        "run_id": run,
        "chosen_step": step,
        "chosen_parts": parts or None,
        "decided_by": verdict.who if verdict else None,
        "decided_at": verdict.time if verdict else None,
    }


def _parts_text(decision: Accept | Pick) -> str:
    return json.dumps(dict(decision.parts)) if decision.parts else ""


def _marks(active: list[Active]) -> dict[str, Any]:
    """Return tags, remark, whether the person is removed, and whether reviewers differ."""
    tags: tuple[str, ...] = ()
    remark, removed = "", False
    verdicts: dict[str, State] = {}
    for entry in active:
        match entry.decision:
            case Tag():
                tags = entry.decision.tags
            case Remark():
                remark = entry.decision.text
            case Remove():
                removed = True
            case Accept() | AcceptTheta1() | Reject():
                verdicts[entry.who] = _state(entry.decision)
    disputed = len(set(verdicts.values())) > 1
    return {"tags": " ".join(tags), "remark": remark, "removed": removed, "disputed": disputed}


def _box(active: list[Active], given: str | None, now: Box) -> dict[str, Any]:
    """Return the box that counts, and keep the one that was given."""
    moved = next(
        (e.decision.box for e in reversed(active) if isinstance(e.decision, MoveBox)), None
    )
    first = now if given is None else box_from_json(json.loads(given))
    kept = None if moved is None else json.dumps(box_to_json(first))
    return {**vars(moved or first), "given_box": kept}


def _track(active: list[Active], given: str | None, now: str | None) -> dict[str, Any]:
    """Return the track that counts, and keep the one that was given."""
    moved = [e.decision.track for e in active if isinstance(e.decision, PutOnTrack)]
    first = (now or "") if given is None else given
    return {
        "track": (moved[-1] if moved else first) or None,
        "given_track": first if moved else None,
    }


def _state(decision: Single | None) -> State:
    match decision:
        case Accept() | AcceptTheta1():
            return State.ACCEPTED
        case Reject():
            return State.REJECTED
        case Flag():
            return State.FLAGGED
        case AskSecond():
            return State.SECOND_OPINION
        case _:
            return State.UNDECIDED
