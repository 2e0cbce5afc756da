"""Who comes next in a review is made ready before they are asked for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.model_thread import AHEAD
from core.project import PersonRow

if TYPE_CHECKING:
    from app.review import Review

UNDISTURBED_MS = 100
"""In which a person who has just come is drawn, before the next ones are made ready."""


class Ahead(QObject):
    """Reads, poses and annotates those whom the reviewer is likely to see next."""

    def __init__(self, review: "Review") -> None:
        super().__init__(review)
        self._review = review
        self._soon = QTimer(self, singleShot=True, interval=UNDISTURBED_MS)
        self._soon.timeout.connect(self._look)

    @property
    def waits(self) -> bool:
        """Whether the next ones will be made ready."""
        return self._soon.isActive()

    def begin(self, shown: int) -> None:
        """Keep who is shown and who comes, and make the latter ready soon."""
        self._review.loader.keep_to([shown, *self._coming()])
        self._soon.start()

    def stop(self) -> None:
        """Make nobody ready."""
        self._soon.stop()

    def _coming(self) -> list[int]:
        rows, current = self._review.rows, self._review.current
        coming: list[int] = []
        for _ in range(self._review.preferences.ahead):
            ahead = rows.undecided_after(coming[-1] if coming else current)
            if ahead is None or ahead == current or ahead in coming:
                break
            coming.append(ahead)
        return coming

    def _look(self) -> None:
        for distance, ahead in enumerate(self._coming()):
            self._make_ready(ahead, AHEAD + distance)

    def _make_ready(self, ahead: int, priority: int) -> None:
        self._review.loader.prepare(ahead, priority)
        row = self._review.rows.row(ahead)
        if isinstance(row, PersonRow) and row.suggested_step is None and not row.note:
            self._review.annotate_once(ahead, None, priority)
