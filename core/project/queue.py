"""The persons of a project as columns, for lists that are ordered and filtered by the 100,000."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from core.project.reading import ROW, STATE, row_of
from core.project.schema import ImageTable, PersonTable, RunTable
from core.project.values import PersonRow, State

STATES = tuple(State)
NOBODY = -1
"""Code in the column of states of a picture in which nobody is marked."""

_COLUMNS = (
    PersonTable.id,
    ImageTable.id,
    ImageTable.path,
    *ROW[3:],
)
_ID, _IMAGE, _PATH = 0, 1, 2
_FIELDS = tuple(PersonRow.__dataclass_fields__)
_AT = {name: place for place, name in enumerate(_FIELDS)}
_WORDS = tuple(_AT[name] for name in ("note", "remark", "tags"))


class Order(StrEnum):
    """What a queue is ordered by; the persons who need a look most come first."""

    FILE = "file"
    GAIN = "gain"
    DISAGREEMENT = "disagreement"
    SCORE = "score"
    TIME = "time"


@dataclass(frozen=True, eq=False)
class Columns:
    """The persons of a project, and its pictures without any, in the order of the pictures.

    Parameters
    ----------
    values : sequence of tuple
        The fields of a `PersonRow`, stored; of an empty picture its key and path only.
    ids : NDArray, shape (R,), int64
        Of persons; of empty pictures minus their own.
    image_ids : NDArray, shape (R,), int64
        Of the pictures.
    states : NDArray, shape (R,), int8
        Places in `STATES`, or `NOBODY`.
    numbers : mapping of Order to NDArray, shape (R,), float64
        What the rows are ordered by: mm, degrees, share of the box side, seconds since 1970; NaN
        where it is not known.
    """

    values: Sequence[tuple[Any, ...]]
    ids: NDArray[np.int64]
    image_ids: NDArray[np.int64]
    states: NDArray[np.int8]
    numbers: Mapping[Order, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, values: Sequence[tuple[Any, ...]]) -> "Columns":
        """Make columns of the stored fields of rows, in the order of the pictures."""
        if not values:
            none = np.zeros(0)
            ids = none.astype(np.int64)
            return cls([], ids, ids, none.astype(np.int8), dict.fromkeys(Order, none))
        fields = dict(zip(_FIELDS, zip(*values, strict=True), strict=True))
        codes: dict[str | None, int] = {state.value: code for code, state in enumerate(STATES)}
        codes[None] = NOBODY
        disputed = np.array(fields["disputed"]) == True  # noqa: E712 - None of empty pictures
        apart = _floats(fields["disagreement"])
        # reviewers who differ come before runs that do; no angle is larger than 180 degrees
        apart = np.where(disputed, np.nan_to_num(apart) + 1000, apart)
        times = [
            np.nan if at is None else datetime.fromisoformat(at).timestamp()
            for at in fields["decided_at"]
        ]
        images = np.array(fields["image_id"], dtype=np.int64)
        persons = np.array([key or 0 for key in fields["id"]], dtype=np.int64)
        return cls(
            values,
            np.where(persons > 0, persons, -images),
            images,
            np.array([codes[state] for state in fields["state"]], dtype=np.int8),
            {
                Order.FILE: np.zeros(len(values)),
                Order.GAIN: _floats(fields["expected_gain"]),
                Order.DISAGREEMENT: apart,
                Order.SCORE: _floats(fields["score"]),
                Order.TIME: np.array(times),
            },
        )

    @cached_property
    def texts(self) -> list[str]:
        """Name, note, remark and tags of each row, in small letters, to be searched."""
        texts = [value[_PATH].casefold() for value in self.values]
        note, remark, tags = _WORDS
        for row, value in enumerate(self.values):
            if value[note] or value[remark] or value[tags]:
                texts[row] = _text(value)
        return texts

    def person(self, row: int) -> PersonRow:
        """Return a row that is a person's."""
        return row_of(self.values[row])

    def path(self, row: int) -> str:
        """Return the picture of a row."""
        path: str = self.values[row][_PATH]
        return path

    def field(self, name: str) -> list[Any]:
        """Return a field of `PersonRow` of all rows, as stored; None of empty pictures."""
        place = _AT[name]
        return [value[place] for value in self.values]

    @cached_property
    def sequence_ids(self) -> NDArray[np.int64]:
        """Sequence (R,) that each row's picture is a frame of; 0 where it is none."""
        return np.array([each or 0 for each in self.field("sequence_id")], dtype=np.int64)

    def track(self, row: int) -> NDArray[np.int64]:
        """Return the rows of everybody on a row's track, in the order of the frames.

        Whoever is on no track is alone; without a sequence there is nobody.
        """
        sequence, track, frame = (_AT[name] for name in ("sequence_id", "track", "frame"))
        mine = self.values[row]
        if self.states[row] == NOBODY or mine[sequence] is None:
            return np.zeros(0, dtype=np.int64)
        if not mine[track]:
            return np.array([row])
        rows: list[int] = np.flatnonzero(self.sequence_ids == mine[sequence]).tolist()
        own = [each for each in rows if self.values[each][track] == mine[track]]
        return np.array(sorted(own, key=lambda each: self.values[each][frame] or 0))

    def of_sequence(self, row: int) -> list[PersonRow]:
        """Return everybody of the sequence that a row's picture is a frame of."""
        own = self.sequence_ids[row]
        among = (self.sequence_ids == own) & (own != 0) & (self.states != NOBODY)
        return [self.person(each) for each in np.flatnonzero(among).tolist()]

    def some(self, name: str, rows: NDArray[np.int64]) -> list[Any]:
        """Return a field of `PersonRow` of some rows, as stored."""
        place = _AT[name]
        return [self.values[row][place] for row in rows.tolist()]

    def row(self, row_id: int) -> int:
        """Return where a person, or an empty picture, is; -1 where it is not there."""
        place = int(np.searchsorted(self._sorted, row_id))
        if place == len(self) or self._sorted[place] != row_id:
            return -1
        return int(self._sorter[place])

    def changed(self, values: Mapping[int, tuple[Any, ...]]) -> "Columns":
        """Return the columns with some rows as they are now; `self` stays as it is."""
        rows = np.array([self.row(row_id) for row_id in values], dtype=np.int64)
        some = Columns.of(list(values.values()))
        states, own = self.states.copy(), list(self.values)
        states[rows] = some.states
        numbers = {order: column.copy() for order, column in self.numbers.items()}
        for order, column in numbers.items():
            column[rows] = some.numbers[order]
        for row, value in zip(rows, some.values, strict=True):
            own[row] = value
        made = Columns(own, self.ids, self.image_ids, states, numbers)
        kept = vars(self)
        if "texts" in kept:
            texts = list(self.texts)
            for row, value in zip(rows, some.values, strict=True):
                texts[row] = _text(value)
            vars(made)["texts"] = texts
        for name in ("_sorter", "_sorted", "sequence_ids"):
            if name in kept:
                vars(made)[name] = kept[name]
        return made

    def order(self, by: Order) -> NDArray[np.int64]:
        """Return the rows in an order: highest numbers first, unknown ones last, ties by file."""
        if by is Order.FILE:
            return np.arange(len(self), dtype=np.int64)
        return np.argsort(-self.numbers[by], kind="stable")  # NaN sorts last

    @cached_property
    def _sorter(self) -> NDArray[np.int64]:
        return np.argsort(self.ids)

    @cached_property
    def _sorted(self) -> NDArray[np.int64]:
        return self.ids[self._sorter]


def read_columns(session: Session) -> Columns:
    """Read all persons, and the pictures in which nobody is marked; reads no blob."""
    return Columns.of(_read(session, PersonTable.removed.is_(False)))


def reread(session: Session, columns: Columns, person_ids: Sequence[int]) -> Columns:
    """Return columns in which some persons are as they are now."""
    if not len(person_ids):
        return columns
    found = {}
    for start in range(0, len(person_ids), 500):
        some = PersonTable.id.in_(person_ids[start : start + 500])
        query = _read(session, and_(PersonTable.removed.is_(False), some), outer=False)
        found.update({values[_ID]: values for values in query})
    there = {person_id for person_id in person_ids if columns.row(person_id) >= 0}
    if there != found.keys():  # someone came or went, and with them perhaps an empty picture
        return read_columns(session)
    return columns.changed(found)


def _read(session: Session, which: ColumnElement[bool], outer: bool = True) -> Sequence[Any]:
    persons = and_(PersonTable.image_id == ImageTable.id, which)
    query = (
        select(*_COLUMNS)
        .select_from(ImageTable)
        .join(PersonTable, persons, isouter=outer)
        .join(RunTable, RunTable.id == PersonTable.run_id, isouter=True)
    )
    ordered = query.order_by(ImageTable.id, PersonTable.number)
    # past the ORM, which would take as long as SQLite does
    return session.connection().execute(ordered).all()


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)  # None becomes NaN


def _text(value: tuple[Any, ...]) -> str:
    parts = (value[place] for place in (_PATH, *_WORDS) if value[place])
    return "\n".join(parts).casefold()


assert _AT["state"] == STATE
