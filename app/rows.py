"""What the list shows: the persons of a project, and its pictures in which nobody is marked yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.project import ImageRow, PersonRow, Project, State


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


class Rows:
    """Rows in the order of the pictures, found by their id without a search."""

    def __init__(self, persons: Sequence[PersonRow], empty: Sequence[ImageRow] = ()) -> None:
        self.persons = list(persons)
        pictures = [EmptyPicture(-image.id, image.id, image.path) for image in empty]
        self.all: list[Row] = sorted([*persons, *pictures], key=lambda row: row.image_id)
        self._places = {row.id: place for place, row in enumerate(self.all)}

    @classmethod
    def of(cls, project: Project) -> "Rows":
        """Read the rows of a project."""
        return cls(project.rows(), project.empty_images())

    @property
    def has_empty(self) -> bool:
        """Whether there are pictures in which nobody is marked."""
        return len(self.persons) < len(self.all)

    def row(self, row_id: int | None) -> Row | None:
        """Return the row of a person or an empty picture."""
        place = self.place(row_id)
        return None if place < 0 else self.all[place]

    def place(self, row_id: int | None) -> int:
        """Return where a row is in the list, or -1."""
        return -1 if row_id is None else self._places.get(row_id, -1)

    def beside(self, row_id: int | None, by: int) -> int | None:
        """Return the row so many places on, or None beyond the ends."""
        place = self.place(row_id) + by
        return self.all[place].id if 0 <= place < len(self.all) else None

    def find(self, row_id: int | None, by: int, suits: Callable[[Row], bool]) -> int | None:
        """Return the next row that suits, or with `by` -1 the one before, also round the ends."""
        start, count = self.place(row_id), len(self.all)
        for distance in range(1, count + 1):
            row = self.all[(start + by * distance) % count]
            if row.id != row_id and suits(row):
                return row.id
        return None

    def undecided_after(self, row_id: int | None) -> int | None:
        """Return the next person without a decision: from here on, then from the start."""
        start = self.place(row_id) + 1
        for row in (*self.all[start:], *self.all[:start]):
            if isinstance(row, PersonRow) and row.state == State.UNDECIDED:
                return row.id
        return None

    def count(self, state: State) -> int:
        """Return how many persons are in a state."""
        return sum(row.state == state for row in self.persons)


def title(row: Row) -> str:
    """Return what a row is called: the picture's name, and the person's number within it."""
    name = Path(row.image).stem
    return f"{name} · {row.number}" if isinstance(row, PersonRow) else name
