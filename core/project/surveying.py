"""A project at a glance: a line for each person and each decision, no arrays; by the 100,000."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.project.schema import (
    ImageTable,
    JournalTable,
    PartTable,
    PersonTable,
    RunTable,
    Theta1Table,
)
from core.project.wire import BULK


class Surveyed(NamedTuple):
    """A person; what is of a run or a decision is None where there is none.

    `state` to `disputed` and `score`, `suggested_step`, `expected_gain`, `disagreement` are as of
    `PersonRow`; `chosen_parts` and `parts` are JSON; `steps` is N.
    """

    id: int
    image: str
    number: int
    note: str
    state: str
    chosen_step: int | None
    chosen_parts: str | None
    tags: str
    remark: str
    disputed: bool
    frontend: str | None
    run_id: int | None
    refiner: str | None
    recommender: str | None
    steps: int | None
    suggested_step: int | None
    expected_gain: float | None
    score: float | None
    disagreement: float | None
    parts: str | None


class Line(NamedTuple):
    """A decision on one person, or a turn (undo, redo); those of a bulk share their `entry`.

    `time` is UTC in ISO 8601; `kind` is a key of `KINDS`, None of turns; `step` is that of an
    accepted or picked one; `target` is the entry that is turned.
    """

    entry: int
    time: str
    who: str
    target: int | None
    act: str
    kind: str | None
    step: int | None
    person_id: int
    bulk: bool


@dataclass(frozen=True)
class Survey:
    """Persons in the order of the pictures, decisions in that of time, and how many pictures."""

    persons: list[Surveyed]
    lines: list[Line]
    images: int
    empty_images: int


def survey(session: Session) -> Survey:
    """Read it; no blob is looked at."""
    images = session.scalar(select(func.count()).select_from(ImageTable)) or 0
    taken = select(PersonTable.image_id).where(PersonTable.removed.is_(False))
    empty = session.scalar(select(func.count()).where(ImageTable.id.not_in(taken))) or 0
    return Survey(_persons(session), _lines(session), images, empty)


def _persons(session: Session) -> list[Surveyed]:
    person, run = PersonTable, RunTable
    query = (
        select(
            person.id, ImageTable.path, person.number, person.note, person.state,
            person.chosen_step, person.chosen_parts, person.tags, person.remark, person.disputed,
            Theta1Table.frontend, run.id, run.refiner,
            run.recommender, run.steps, run.suggested_step, run.expected_gain, run.score,
            run.disagreement, run.parts,
        )
        .join(ImageTable, ImageTable.id == person.image_id)
        .outerjoin(run, run.id == person.run_id)
        .outerjoin(Theta1Table, Theta1Table.id == person.theta1_id)
        .where(person.removed.is_(False))
        .order_by(ImageTable.id, person.number)
    )  # fmt: skip
    # past the ORM, which would take as long as SQLite does
    return [Surveyed._make(row) for row in session.connection().execute(query)]


def _lines(session: Session) -> list[Line]:
    entry, part = JournalTable, PartTable
    heads = select(
        entry.id, entry.time, entry.who, entry.target, entry.act,
        *_what(entry.decision), entry.person_id,
    )  # fmt: skip
    shared: dict[int, list[tuple[str, int | None, int]]] = {}
    rows = select(part.journal_id, *_what(part.decision), part.person_id).order_by(part.id)
    for key, kind, step, person_id in session.connection().execute(rows):
        shared.setdefault(key, []).append((kind, step, person_id))
    lines = []
    for row in session.connection().execute(heads.order_by(entry.id)):
        line = Line(*row, bulk=False)
        if line.target is not None:
            lines.append(line._replace(kind=None, step=None))
        elif line.kind == BULK:
            lines += [Line(*line[:5], *each, bulk=True) for each in shared[line.entry]]
        else:
            lines.append(line)
    return lines


def _what(decision: InstrumentedAttribute[str]) -> tuple[ColumnElement[str], ColumnElement[int]]:
    stored = func.nullif(decision, "")  # of turns
    return func.json_extract(stored, "$.kind"), func.json_extract(stored, "$.step")
