"""Rows of the file as the values that a project hands out."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from core.errors import ProjectError
from core.evidence import Box, Evidence, Joints3D, Keypoints2D
from core.parts import compose
from core.pose import Parameters
from core.project import journal
from core.project.blobs import Seen, unpack_known, unpack_parameters, unpack_parts
from core.project.checking import person_of
from core.project.decisions import Accept, AcceptTheta1, MoveBox, Reject
from core.project.many import AT_ONCE
from core.project.schema import (
    Base,
    ImageTable,
    JointsTable,
    KeypointsTable,
    PersonTable,
    RunTable,
    Theta1Table,
)
from core.project.values import HAND, ImageRow, Person, PersonRow, Run, Source, State
from core.trajectory import Suggestion, Trajectory


@dataclass(frozen=True)
class RunKey:
    """What makes a run, besides Θ1 and evidence: the same again would make the same run."""

    refiner: str
    weights_sha256: str
    seed: int
    steps: int
    body_sha256: str
    recommender: str = ""


ROW = (
    PersonTable.id,
    ImageTable.id,
    ImageTable.path,
    PersonTable.number,
    PersonTable.state,
    RunTable.suggested_step,
    RunTable.expected_gain,
    RunTable.score,
    PersonTable.theta1_id.is_not(None),
    PersonTable.note,
    PersonTable.chosen_step,
    PersonTable.chosen_parts,
    PersonTable.decided_by,
    PersonTable.decided_at,
    PersonTable.tags,
    PersonTable.remark,
    PersonTable.disputed,
    RunTable.disagreement,
    PersonTable.run_id,
    PersonTable.track,
    ImageTable.sequence_id,
    ImageTable.frame,
    ImageTable.time,
)
"""What `row_of` takes, in the order of `PersonRow`; no blob."""

STATE, OWN_PARTS, TAGS = 4, 11, 14
"""Columns that are stored as text."""


def row_of(values: Sequence[Any]) -> PersonRow:
    """Make a row of the columns `ROW`."""
    fields: list[Any] = list(values)
    fields[STATE], fields[TAGS] = State(fields[STATE]), tuple(fields[TAGS].split())
    fields[OWN_PARTS] = tuple(json.loads(fields[OWN_PARTS] or "{}"))
    return PersonRow(*fields)


def rows(session: Session) -> list[PersonRow]:
    """Return a light row per person, in the order of the images; reads no blob."""
    query = _rows().where(PersonTable.removed.is_(False))
    ordered = query.order_by(ImageTable.id, PersonTable.number)
    return [row_of(values) for values in session.execute(ordered)]


def _rows(person_ids: Sequence[int] | None = None) -> "Select[*tuple[Any, ...]]":
    joined = select(*ROW).join(ImageTable, ImageTable.id == PersonTable.image_id)
    query = joined.outerjoin(RunTable, RunTable.id == PersonTable.run_id)
    return query if person_ids is None else query.where(PersonTable.id.in_(person_ids))


def images(session: Session) -> list[ImageRow]:
    """Return the pictures in the order in which they were added."""
    found = session.execute(_IMAGES.order_by(ImageTable.id))
    return [ImageRow(*values) for values in found]


def empty_images(session: Session) -> list[ImageRow]:
    """Return those without persons, in the order in which they were added."""
    empty = _IMAGES.where(ImageTable.id.not_in(select(PersonTable.image_id)))
    return [ImageRow(*values) for values in session.execute(empty.order_by(ImageTable.id))]


_IMAGES = select(ImageTable.id, ImageTable.path, ImageTable.sha256)


def people(
    session: Session, person_ids: Sequence[int], folder: Path
) -> Iterator[tuple[Person, journal.JournalEntry | None]]:
    """Yield all that is known of persons, and the decision on each that counts, if any.

    Parameters
    ----------
    session : Session
        Some persons are asked for at a time, with a question for each table.
    person_ids : sequence of int
        Keys, in the order of what is yielded.
    folder : Path
        Where the project file lies.

    Raises
    ------
    ProjectError
        There is no such person.
    """
    for start in range(0, len(person_ids), AT_ONCE):
        some = person_ids[start : start + AT_ONCE]
        heads = {each[0]: row_of(each) for each in session.execute(_rows(some))}
        rows = _by_key(session, PersonTable, some)
        images = _by_key(session, ImageTable, [row.image_id for row in rows.values()])
        theta1s = _by_key(session, Theta1Table, [row.theta1_id for row in rows.values()])
        keypoints = _by_key(session, KeypointsTable, [row.keypoints_id for row in rows.values()])
        newest = joints_of(session, some)
        joints = _by_key(session, JointsTable, list(newest.values()))
        runs = _by_key(session, RunTable, [row.run_id for row in rows.values()])
        active = journal.active_decisions(session, some)
        for key in some:
            if key not in heads:
                raise ProjectError(f"The project has no person {key}")
            row = rows[key]
            made = _person(
                row,
                heads[key],
                theta1s.get(row.theta1_id),
                keypoints.get(row.keypoints_id),
                joints.get(newest.get(key)),
                images[row.image_id],
                runs.get(row.run_id),
                active[key],
                folder,
            )
            yield made, journal.last_standing(active[key])


def _by_key(
    session: Session, table: type[Base], keys: Sequence[int | None]
) -> "dict[int | None, Row[Any]]":
    """Return rows by their keys, as columns: to make objects of them takes far longer."""
    columns = [getattr(table, name) for name in table.__table__.columns.keys()]  # noqa: SIM118
    key = table.__table__.c.id
    return {row.id: row for row in session.execute(select(*columns).where(key.in_(set(keys))))}


def person(session: Session, person_id: int, folder: Path) -> Person:
    """Return all that is known of a person; `folder` is where the project file lies."""
    return next(people(session, [person_id], folder))[0]


def _person(
    row: "Row[Any]",
    head: PersonRow,
    theta1: "Row[Any] | None",
    keypoints: "Row[Any] | None",
    joints: "Row[Any] | None",
    image: "Row[Any]",
    run: "Row[Any] | None",
    active: list[journal.Active],
    folder: Path,
) -> Person:
    what = f"person {row.id}"
    return Person(
        row=head,
        image_path=folder / image.path,
        image_sha256=image.sha256,
        width=image.width,
        height=image.height,
        evidence=Evidence(
            Box(row.x, row.y, row.width, row.height),
            _known(Keypoints2D, keypoints, what),
            _known(Joints3D, joints, what),
        ),
        theta1=unpack_parameters(theta1.arrays, what)[0] if theta1 else None,
        theta1_id=row.theta1_id,
        source=Source(theta1.frontend, theta1.weights_sha256, theta1.detail) if theta1 else None,
        run=_run(run) if run else None,
        chosen_step=row.chosen_step,
        chosen_parts=_parts(row),
        keypoints_id=row.keypoints_id,
        joints_id=joints.id if joints else None,
        keypoints_source=keypoints.source if keypoints else "",
        track=row.track,
        looked_elsewhere=_elsewhere(theta1, active),
        accepts=_accepts(active, row),
    )


def _known(kind: type[Seen], row: "Row[Any] | None", what: str) -> Seen | None:
    return unpack_known(kind, row.convention, row.table, what) if row else None


def run(session: Session, run_id: int) -> Run:
    """Return a stored run.

    Raises
    ------
    ProjectError
        There is none.
    """
    rows = _by_key(session, RunTable, [run_id])
    if run_id not in rows:
        raise ProjectError(f"The project has no run {run_id}")
    return _run(rows[run_id])


def curated(person: Person) -> Parameters | None:
    """Return the accepted step of the accepted run, its parts from their steps, or Θ1."""
    if person.row.state is not State.ACCEPTED or person.chosen_step is None:
        return None
    if person.run is None:
        return person.theta1
    return compose(person.run.trajectory, person.chosen_parts, person.chosen_step)


def find_run(session: Session, theta1_id: int, key: RunKey) -> int | None:
    """Return the newest run of this make on this Θ1 with the evidence that counts now."""
    person_id = session.get_one(Theta1Table, theta1_id).person_id
    keypoints = keypoints_of(session, person_id)
    query = select(RunTable.id).filter_by(
        theta1_id=theta1_id,
        keypoints_id=keypoints.id if keypoints else None,
        joints_id=joints_of(session, [person_id]).get(person_id),
        **vars(key),
    )
    return session.scalar(query.order_by(RunTable.id.desc()).limit(1))


def keypoints_of(session: Session, person_id: int) -> KeypointsTable | None:
    """Return the 2D evidence that counts."""
    key = person_of(session, person_id).keypoints_id
    return None if key is None else session.get_one(KeypointsTable, key)


def joints_of(session: Session, person_ids: Sequence[int]) -> dict[int, int]:
    """Return the keys of the joints in space that count, of the persons who have any."""
    query = select(JointsTable.person_id, func.max(JointsTable.id))
    of_them = query.where(JointsTable.person_id.in_(person_ids)).group_by(JointsTable.person_id)
    return {row[0]: row[1] for row in session.execute(of_them)}


def box_mover(session: Session, person_id: int) -> int | None:
    """Return the entry of the journal that put the box where it is; None where it was given."""
    return _mover(journal.active_decisions(session, [person_id])[person_id])


def _mover(active: list[journal.Active]) -> int | None:
    return next((e.id for e in reversed(active) if isinstance(e.decision, MoveBox)), None)


def _elsewhere(theta1: "Row[Any] | None", active: list[journal.Active]) -> bool:
    if theta1 is None or theta1.frontend == HAND:
        return False
    return (theta1.journal_id or 0) < (_mover(active) or 0)


def _accepts(active: list[journal.Active], row: "Row[Any]") -> dict[str, Accept]:
    judged = (Accept, AcceptTheta1, Reject)
    last = {entry.who: entry.decision for entry in active if isinstance(entry.decision, judged)}
    found: dict[str, Accept] = {}
    for who, decision in last.items():
        match decision:
            case Accept():
                found[who] = decision
            case AcceptTheta1() if decision.theta1_id == row.theta1_id and row.run_id is not None:
                found[who] = Accept(row.id, row.run_id, 0)  # the same body
    return found


def _parts(row: "Row[Any]") -> dict[str, int]:
    parts: dict[str, int] = json.loads(row.chosen_parts) if row.chosen_parts else {}
    return parts


def _run(row: "Row[Any]") -> Run:
    steps, extra = unpack_parameters(row.arrays, f"run {row.id}")
    return Run(
        id=row.id,
        trajectory=Trajectory(steps, extra["levels"], row.refiner),
        scores=extra["scores"],
        suggestion=Suggestion(
            row.suggested_step,
            row.expected_gain,
            row.reason,
            row.uncertainty,
            unpack_parts(row.parts, f"run {row.id}"),
            row.recommender,
        ),
        weights_sha256=row.weights_sha256,
        seed=row.seed,
        body_sha256=row.body_sha256,
    )
