"""A track along time: what the time axis shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.project.queue import Columns, Order

UNCHOSEN = -1


@dataclass(frozen=True, eq=False)
class Line:
    """The persons of one track in the order of its frames.

    Parameters
    ----------
    track : str
        Its name; empty where the only person is on none.
    ids : NDArray, shape (F,), int64
        Persons.
    frames : NDArray, shape (F,), int64
        Number of each frame in its sequence.
    times : NDArray, shape (F,)
        Seconds, rising.
    states : NDArray, shape (F,), int8
        Places in `core.project.queue.STATES`.
    scores : NDArray, shape (F,)
        Of Θ1, share of the box side; NaN where not known.
    steps : NDArray, shape (F,), int64
        Accepted or picked step; `UNCHOSEN` where there is none.
    suggested : NDArray, shape (F,), int64
        Suggested step; `UNCHOSEN` where there is none.
    rows : NDArray, shape (F,), int64
        Where they are in the columns.
    runs : tuple of int or None
        Run that is shown of each.
    parts : tuple of str or None
        Steps of parts of each, as stored.
    """

    track: str
    ids: NDArray[np.int64]
    frames: NDArray[np.int64]
    times: NDArray[np.float64]
    states: NDArray[np.int8]
    scores: NDArray[np.float64]
    steps: NDArray[np.int64]
    suggested: NDArray[np.int64]
    rows: NDArray[np.int64]
    runs: tuple[int | None, ...] = ()
    parts: tuple[str | None, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def spacing(self) -> float:
        """Seconds from frame to frame, where none is missing."""
        return float(np.median(np.diff(self.times))) if len(self) > 1 else 1.0

    @property
    def now(self) -> NDArray[np.int64]:
        """Step (F,) that counts by now: chosen, else suggested, else Θ1."""
        return np.maximum(np.where(self.steps != UNCHOSEN, self.steps, self.suggested), 0)

    def is_as(self, other: "Line") -> bool:
        """Whether the same bodies count in both."""
        same = np.array_equal(self.ids, other.ids) and np.array_equal(self.now, other.now)
        return same and (self.runs, self.parts) == (other.runs, other.parts)

    def place(self, person_id: int | None) -> int:
        """Return where a person is, or -1."""
        found = np.flatnonzero(self.ids == (person_id or 0))
        return int(found[0]) if len(found) else -1

    def nearest(self, time: float) -> int:
        """Return the frame nearest to a time."""
        return int(np.abs(self.times - time).argmin())

    def at(self, time: float) -> int:
        """Return the frame that is on screen at a time."""
        return max(int(np.searchsorted(self.times, time, side="right")) - 1, 0)


def line_of(columns: Columns, rows: NDArray[np.int64]) -> Line:
    """Make a line of rows of a project's columns, at least one, in the order of the frames."""
    some = columns.some
    return Line(
        some("track", rows[:1])[0] or "",
        columns.ids[rows],
        np.array(some("frame", rows), dtype=np.int64),
        np.array(some("time", rows), dtype=np.float64),
        columns.states[rows],
        columns.numbers[Order.SCORE][rows],
        _steps(some("chosen_step", rows)),
        _steps(some("suggested_step", rows)),
        rows,
        tuple(some("run_id", rows)),
        tuple(some("own_parts", rows)),
    )


def _steps(stored: list[int | None]) -> NDArray[np.int64]:
    return np.array([UNCHOSEN if step is None else step for step in stored], dtype=np.int64)
