"""What the list shows: the persons of a project, and its pictures in which nobody is marked yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from app.line import Line, line_of
from app.said import explained
from core.errors import UnreadableInput
from core.project import PersonRow, State
from core.project.filtering import matching
from core.project.queue import NOBODY, STATES, Columns, Order


@dataclass(frozen=True)
class EmptyPicture:
    """A picture in which nobody is marked yet.

    Parameters
    ----------
    id : int
        Minus the picture's key in the project, so that it is no person's.
    image_id : int
        Key in the project.
    image : str
        Path as stored.
    """

    id: int
    image_id: int
    image: str


Row = PersonRow | EmptyPicture


@dataclass(frozen=True)
class View:
    """How the list is to be shown.

    Parameters
    ----------
    order : Order
        What it is ordered by.
    filter : str
        As `core.project.filtering` reads it.
    """

    order: Order = Order.FILE
    filter: str = ""


class Rows:
    """The list as it is to be shown; made on the store thread, never changed afterwards.

    Parameters
    ----------
    columns : Columns
        Everyone of the project.
    view : View
        Order and filter.

    Attributes
    ----------
    trouble : str
        What is wrong with the filter; then it lets everyone through.
    """

    def __init__(self, columns: Columns | None = None, view: View = View()) -> None:
        self.columns = columns if columns is not None else _NONE
        self.view = view
        self.trouble = ""
        order = self.columns.order(view.order)
        try:
            mask = matching(self.columns, view.filter)
            self._shown = order[mask[order]]
        except UnreadableInput as error:
            self.trouble, self._shown = explained(error), order
        self._rank = np.empty(len(order), dtype=np.int64)
        self._rank[order] = np.arange(len(order))

    @property
    def all(self) -> "RowList":
        """The rows that are shown, in order."""
        return RowList(self.columns, self._shown)

    @cached_property
    def persons(self) -> "RowList":
        """All persons of the project, shown or not, in the order of the pictures."""
        return RowList(self.columns, np.flatnonzero(self.columns.states != NOBODY))

    @property
    def ids(self) -> NDArray[np.int64]:
        """Ids (M,) of the rows that are shown, in order."""
        return self.columns.ids[self._shown]

    @property
    def has_empty(self) -> bool:
        """Whether there are pictures in which nobody is marked."""
        return len(self.persons) < len(self.columns)

    def row(self, row_id: int | None) -> Row | None:
        """Return the row of a person or an empty picture, shown or not."""
        at = -1 if row_id is None else self.columns.row(row_id)
        return None if at < 0 else _row(self.columns, at)

    def place(self, row_id: int | None) -> int:
        """Return where a row is in the list, or -1."""
        at = -1 if row_id is None else self.columns.row(row_id)
        if at < 0:
            return -1
        place = self._place_from(at)
        return place if place < len(self._shown) and self._shown[place] == at else -1

    def beside(self, row_id: int | None, by: int) -> int | None:
        """Return the row so many places on, or None beyond the ends.

        From a row that the filter hides, the list goes on where that row would be.
        """
        at = -1 if row_id is None else self.columns.row(row_id)
        place = -1 if at < 0 else self._place_from(at)
        hidden = at >= 0 and self.place(row_id) < 0
        place += by - 1 if hidden and by > 0 else by
        return int(self.ids[place]) if 0 <= place < len(self._shown) else None

    def other_picture(self, row_id: int | None, by: int) -> int | None:
        """Return the next row of another picture, or with `by` -1 the one before."""
        here = self.row(row_id)
        images = self.columns.image_ids[self._shown]
        return self._find(row_id, by, images != (here.image_id if here else -1))

    def in_state(self, row_id: int | None, by: int, state: State) -> int | None:
        """Return the next person in a state, or with `by` -1 the one before, round the ends."""
        return self._find(row_id, by, self.columns.states[self._shown] == STATES.index(state))

    def disputed(self, row_id: int | None, by: int) -> int | None:
        """Return the next person on whom reviewers differ, or the one before, round the ends."""
        differ = np.array(self.columns.some("disputed", self._shown)) == True  # noqa: E712
        return self._find(row_id, by, differ)

    def undecided_after(self, row_id: int | None, before: "Rows | None" = None) -> int | None:
        """Return the next person without a decision: from here on, then from the start.

        Given the list from before a decision, it goes on from where the person was in that.
        """
        same = before is not None and before.columns.ids is self.columns.ids
        rank = before._rank if before is not None and same else self._rank
        undecided = STATES.index(State.UNDECIDED)
        rows = self._shown[self.columns.states[self._shown] == undecided]
        at = -1 if row_id is None else self.columns.row(row_id)
        if not len(rows):
            return None
        later = rows[rank[rows] > rank[at]] if at >= 0 else rows
        among = later if len(later) else rows
        return int(self.columns.ids[among[np.argmin(rank[among])]])

    def named(self, words: str) -> Iterator[Row]:
        """Find the rows, shown or not, in whose name, note or tags some small letters are."""
        texts = enumerate(self.columns.texts)
        return (_row(self.columns, at) for at, text in texts if words in text)

    def of_image(self, image_id: int) -> list[int]:
        """Return the persons of a picture."""
        mine = (self.columns.image_ids == image_id) & (self.columns.states != NOBODY)
        return [int(key) for key in self.columns.ids[mine]]

    def together_with(self, row_id: int | None) -> list[PersonRow]:
        """Return the persons of the picture that somebody is in."""
        here = self.row(row_id)
        found = [self.row(key) for key in self.of_image(here.image_id)] if here else []
        return [row for row in found if isinstance(row, PersonRow)]

    def number_in_picture(self, image_id: int) -> int:
        """Return how many rows a picture has."""
        first, last = np.searchsorted(self.columns.image_ids, [image_id, image_id + 1])
        return int(last - first)

    def unrefined(self) -> list[int]:
        """Return the persons who have no run yet."""
        lacking = zip(self.columns.field("id"), self.columns.field("run_id"), strict=True)
        return [key for key, run in lacking if key is not None and run is None]

    def line(self, row_id: int | None) -> Line | None:
        """Return the track that a person is on, along time; None where there is no sequence."""
        at = -1 if row_id is None else self.columns.row(row_id)
        rows = self.columns.track(at) if at >= 0 else np.zeros(0, np.int64)
        return line_of(self.columns, rows) if len(rows) else None

    def along_line(self, line: Line) -> list[PersonRow]:
        """Return the persons of a line of this list, in its order."""
        return [self.columns.person(row) for row in line.rows.tolist()]

    def other_tracks(self, row_id: int | None) -> list[str]:
        """Return the other tracks of the sequence that a row's picture is a frame of."""
        at = -1 if row_id is None else self.columns.row(row_id)
        everyone = self.columns.of_sequence(at) if at >= 0 else []
        mine = self.columns.person(at).track if everyone else None
        return sorted({one.track for one in everyone if one.track} - {mine or ""})

    def along(self, row_id: int | None, by: int) -> int | None:
        """Return the person so many frames on in the same track, or None beyond its ends."""
        at = -1 if row_id is None else self.columns.row(row_id)
        rows = self.columns.track(at) if at >= 0 else np.zeros(0, np.int64)
        place = int(np.flatnonzero(rows == at)[0]) + by if len(rows) else -1
        return int(self.columns.ids[rows[place]]) if 0 <= place < len(rows) else None

    def count(self, state: State) -> int:
        """Return how many persons of the project are in a state."""
        return int(np.count_nonzero(self.columns.states == STATES.index(state)))

    def tags(self) -> list[str]:
        """Return all tags of the project."""
        return sorted(
            {tag for text in set(self.columns.field("tags")) if text for tag in text.split()}
        )

    def _place_from(self, at: int) -> int:
        """Return where a row of the columns is in the list, or would be."""
        return int(np.searchsorted(self._rank[self._shown], self._rank[at]))

    def _find(self, row_id: int | None, by: int, suits: NDArray[np.bool_]) -> int | None:
        """Find the next place that suits, on from a row or back, and round the ends."""
        at = -1 if row_id is None else self.columns.row(row_id)
        places = np.flatnonzero(suits & (self._shown != at))
        if not len(places):
            return None
        start = -1 if at < 0 else self._place_from(at)
        behind = int(np.searchsorted(places, start))
        place = places[behind % len(places)] if by > 0 else places[behind - 1]
        return int(self.ids[place])


@dataclass(frozen=True, eq=False)
class RowList(Sequence[Row]):
    """Some rows of the columns, each made when it is asked for."""

    columns: Columns
    rows: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> "RowList": ...
    @override
    def __getitem__(self, place: int | slice) -> "Row | RowList":
        if isinstance(place, slice):
            return RowList(self.columns, self.rows[place])
        return _row(self.columns, int(self.rows[place]))

    @override
    def __iter__(self) -> Iterator[Row]:
        return (_row(self.columns, int(at)) for at in self.rows)


def _row(columns: Columns, at: int) -> Row:
    if columns.states[at] == NOBODY:
        return EmptyPicture(int(columns.ids[at]), int(columns.image_ids[at]), columns.path(at))
    return columns.person(at)


_NONE = Columns.of([])


def title(row: Row) -> str:
    """Return what a row is called: the picture's name, and the person's number within it."""
    name = Path(row.image).stem
    return f"{name} · {row.number}" if isinstance(row, PersonRow) else name
