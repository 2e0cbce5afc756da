"""Going from person to person of a review."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.i18n import tr
from core.project import State

if TYPE_CHECKING:
    from app.review import Review


class Walk(QObject):
    """Shows others than who is shown, in the order of the list."""

    def __init__(self, review: "Review") -> None:
        super().__init__(review)
        self._review = review

    def next_person(self) -> None:
        """Show the next person of the list."""
        self._step(1)

    def previous_person(self) -> None:
        """Show the person before."""
        self._step(-1)

    def next_undecided(self) -> None:
        """Show the next person without a decision, from here on and then from the start."""
        review = self._review
        review.go_on(review.rows.undecided_after(review.current))

    def previous_undecided(self) -> None:
        """Show the person before who has no decision."""
        self._show(self._review.rows.in_state(self._review.current, -1, State.UNDECIDED))

    def next_flagged(self) -> None:
        """Show the next person who was put aside."""
        self._show(self._review.rows.in_state(self._review.current, 1, State.FLAGGED))

    def next_disputed(self) -> None:
        """Show the next person on whom reviewers differ."""
        self._show(self._review.rows.disputed(self._review.current, 1))

    def previous_disputed(self) -> None:
        """Show the person before on whom reviewers differ."""
        self._show(self._review.rows.disputed(self._review.current, -1))

    def next_picture(self) -> None:
        """Show the same track in the next frame, or the first person of the next picture."""
        self._show(self._in_picture(1))

    def previous_picture(self) -> None:
        """Show the same track in the frame before, or the last person of the picture before."""
        self._show(self._in_picture(-1))

    def _in_picture(self, by: int) -> int | None:
        rows, current = self._review.rows, self._review.current
        along = rows.along(current, by)
        return rows.other_picture(current, by) if along is None else along

    def _step(self, by: int) -> None:
        beside = self._review.rows.beside(self._review.current, by)
        if beside is not None:
            self._review.select(beside)

    def _show(self, found: int | None) -> None:
        if found is None:
            self._review.said.emit(tr("There is no other"))
        else:
            self._review.select(found)
