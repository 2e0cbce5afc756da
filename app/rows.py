"""The persons of a project in the order of the list, and who comes next."""

from pathlib import Path

from core.project import PersonRow, State


class Rows:
    """Rows as the store gave them, found by person without a search."""

    def __init__(self, rows: list[PersonRow]) -> None:
        self.all = rows
        self._places = {row.id: place for place, row in enumerate(rows)}

    def __len__(self) -> int:
        return len(self.all)

    def row(self, person_id: int | None) -> PersonRow | None:
        """Return a person's row."""
        place = self.place(person_id)
        return None if place < 0 else self.all[place]

    def place(self, person_id: int | None) -> int:
        """Return where a person is in the list, or -1."""
        return -1 if person_id is None else self._places.get(person_id, -1)

    def beside(self, person_id: int | None, by: int) -> int | None:
        """Return the person so many rows on, or None beyond the ends."""
        place = self.place(person_id) + by
        return self.all[place].id if 0 <= place < len(self.all) else None

    def undecided_after(self, person_id: int | None) -> int | None:
        """Return the next person without a decision: from here on, then from the start."""
        start = self.place(person_id) + 1
        for row in (*self.all[start:], *self.all[:start]):
            if row.state == State.UNDECIDED:
                return row.id
        return None

    def count(self, state: State) -> int:
        """Return how many persons are in a state."""
        return sum(row.state == state for row in self.all)


def title(row: PersonRow) -> str:
    """Return what a person is called: the picture's name and the number within it."""
    return f"{Path(row.image).stem} · {row.number}"
