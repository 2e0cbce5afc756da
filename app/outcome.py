"""What follows from a decision: which rows there are, and who is shown next."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.store_thread import Added, Decided
from app.worker import explain
from core.project import Decision, MoveBox, MoveKeypoint

if TYPE_CHECKING:
    from app.review import Review


class Outcome(QObject):
    """Listens to the `Decider` of a `Review`."""

    def __init__(self, review: "Review") -> None:
        super().__init__(review)
        self._review, decider = review, review.decider
        decider.decided.connect(self._decided)
        decider.picked.connect(lambda decided: review.take(decided.rows))
        decider.placed.connect(self._placed)
        decider.marked.connect(self._marked)
        decider.turned.connect(self._turned)
        decider.added.connect(self._added)
        decider.refused.connect(self._refused)

    def _decided(self, decided: Decided) -> None:
        review, before = self._review, self._review.rows
        review.take(decided.rows)
        if review.current in decided.persons:  # else many others were decided on
            review.mixer.clear()
            review.go_on(review.rows.undecided_after(review.current, before))

    def _placed(self, decided: Decided) -> None:
        self._review.take(decided.rows)
        self._review.reload()

    def _marked(self, decided: Decided) -> None:
        review, current = self._review, self._review.current
        beside = review.rows.beside(current, 1) or review.rows.beside(current, -1)
        review.take(decided.rows)
        if current is None or current not in decided.persons:
            return
        if review.rows.row(current) is not None:
            review.loader.want(current)
            if review.path is not None and isinstance(_single(decided), MoveBox | MoveKeypoint):
                review.background.annotate_again(review.path, current)
        elif beside is not None:  # the person was removed
            review.select(beside)

    def _turned(self, decided: Decided) -> None:
        review = self._review
        review.mixer.clear()
        review.take(decided.rows)
        of_many = sorted(decided.persons, key=lambda key: key != review.current)  # who is shown
        review.current = None
        shown = next((key for key in of_many if review.rows.row(key) is not None), None)
        if shown is not None:
            review.select(shown)
        else:  # the person was drawn, and is no more
            review.go_on(review.rows.undecided_after(None))

    def _added(self, added: Added) -> None:
        self._review.take(added.rows)
        self._review.select(added.person_id)

    def _refused(self, error: Exception) -> None:
        self._review.failed.emit(explain(error))
        self._review.person_changed.emit()  # a body that was moved goes back


def _single(decided: Decided) -> Decision | None:
    return decided.entry.decision if decided.entry is not None else None
