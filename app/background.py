"""Long work behind the review: annotating one person, everyone, or writing the export."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from app.i18n import tr
from app.model_thread import BULK, URGENT, ModelThread
from app.pieces import Pieces
from app.preferences import Preferences
from app.worker import Ticket
from core.errors import MissingModel
from core.jobs import Report
from core.jobs.arriving import Arrived
from core.jobs.steadying import Steadied
from core.progress import CancelToken, Progress
from core.project import PersonRow

if TYPE_CHECKING:
    from app import exports
    from app.figures import Wish

Value = TypeVar("Value")

FOUND_EVERY = 3000
"""Milliseconds after which those who were found meanwhile are shown."""


class Background(QObject):
    """What the model thread is asked to do besides posing, and how far it is."""

    working = Signal(object)
    """`Progress`, or None when nothing is under way any more."""

    found = Signal()
    """There may be more people in the project; now and then while they are looked for."""

    annotated = Signal(int)
    """Person whose job is over; what it found is in the project."""

    not_annotated = Signal(int, object)
    """Person and error; `annotated` follows."""

    def __init__(self, model: ModelThread, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._persons: dict[int, Ticket] = {}
        self._long: set[Ticket | Pieces] = set()
        self._finding: Ticket | Pieces | None = None
        self._arriving = CancelToken()
        self._queue: list[int] = []
        self._queue_length = 0

    def is_annotating(self, person_id: int) -> bool:
        """Return whether a person is being annotated, or soon will be."""
        return person_id in self._persons

    def annotate(self, project: Path, person_id: int, priority: int = URGENT) -> None:
        """Annotate a person, unless that is under way."""
        if person_id in self._persons:
            return
        self._persons[person_id] = self._model.annotate(
            project,
            person_id,
            lambda _: self._over(project, person_id),
            lambda error: self._failed(project, person_id, error),
            self._tell,
            priority,
        )

    def annotate_again(self, project: Path, person_id: int) -> None:
        """Annotate a person of whom other things are known now; what is under way is too late."""
        if ticket := self._persons.pop(person_id, None):
            ticket.cancel()
        self.annotate(project, person_id)

    def use(self, preferences: Preferences) -> None:
        """Work by other preferences from now on."""
        self._model.use(preferences)

    def annotate_all(self, project: Path, person_ids: list[int]) -> None:
        """Annotate persons one after another, behind whatever else is asked meanwhile."""
        self._queue, self._queue_length = list(person_ids), len(person_ids)
        self._tell(Progress(0, 0, tr("loading the models")))
        self._next(project)

    def find_people(
        self, project: Path, done: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        """Find the people of a project's pictures, and annotate them, unless that is under way."""
        if self._finding in self._long:
            return
        clock = QElapsedTimer()
        clock.start()

        def tell(progress: Progress) -> None:
            self.working.emit(progress)
            if clock.hasExpired(FOUND_EVERY):
                clock.start()
                self.found.emit()

        def ended(_: Report) -> None:
            done()

        self._finding = self._begin(
            tr("Looking for people…"),
            lambda end, fail: self._model.annotate_all(project, end, fail, tell),
            ended,
            failed,
        )

    def export(
        self,
        project: Path,
        wish: "exports.Wish",
        done: Callable[[Report], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Write a data set."""
        self._begin(
            tr("Writing {name}…", name=wish.path(project).name),
            lambda end, fail: self._model.export(project, wish, end, fail, self.working.emit),
            done,
            failed,
        )

    def report(
        self,
        project: Path,
        out: Path,
        done: Callable[[object], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Write a report on a project."""
        self._begin(
            tr("Writing {name}…", name=out.name),
            lambda end, fail: self._model.report(project, out, end, fail, self.working.emit),
            done,
            failed,
        )

    def illustrate(
        self,
        project: Path,
        wish: "Wish",
        done: Callable[[Report], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Draw a figure or a movie."""
        self._begin(
            tr("Drawing {name}…", name=wish.out.name),
            lambda end, fail: self._model.illustrate(project, wish, end, fail, self.working.emit),
            done,
            failed,
        )

    def bring(
        self,
        sources: Sequence[Path],
        project: Path | None,
        done: Callable[[Arrived], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Import files and folders; called off, it still tells what came by then."""
        token = self._arriving

        def tell(progress: Progress) -> None:
            if not token.cancelled:
                self.working.emit(progress)

        tell(Progress(0, 0, tr("Reading {name}…", name=sources[0].name)))
        self._model.bring(sources, project, token, self._ending(done), self._ending(failed), tell)

    def steady(
        self,
        project: Path,
        rows: Sequence[PersonRow],
        chosen: Sequence[int],
        done: Callable[[Steadied], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Make steadier bodies of who is chosen of a track."""
        self._begin(
            tr("Steadying the track…"),
            lambda end, fail: self._model.steady(
                project, rows, chosen, end, fail, self.working.emit
            ),
            done,
            failed,
        )

    def find_pictures(
        self,
        project: Path,
        folder: Path,
        done: Callable[[Report], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Look in a folder for pictures that a project misses."""
        self._begin(
            tr("Looking for pictures in {name}…", name=folder.name),
            lambda end, fail: self._model.find_pictures(
                project, folder, end, fail, self.working.emit
            ),
            done,
            failed,
        )

    def drop(self, person_id: int) -> None:
        """Call off a person's job, unless everyone is being annotated."""
        if not self._queue and (ticket := self._persons.pop(person_id, None)):
            ticket.cancel()
            self.working.emit(None)

    def stop(self) -> None:
        """Call everything off."""
        self._queue.clear()
        for ticket in (*self._persons.values(), *self._long):
            ticket.cancel()
        self._persons.clear()
        self._long.clear()
        self._arriving.cancel()
        self._arriving = CancelToken()
        self.working.emit(None)

    def _next(self, project: Path) -> None:
        while self._queue:
            person_id = self._queue.pop(0)
            if person_id not in self._persons:
                self.annotate(project, person_id, BULK)
                return

    def _over(self, project: Path, person_id: int) -> None:
        self._persons.pop(person_id, None)
        self.working.emit(None)
        self.annotated.emit(person_id)
        self._next(project)

    def _failed(self, project: Path, person_id: int, error: Exception) -> None:
        if isinstance(error, MissingModel):
            self._queue.clear()  # the others would fail for the same reason
        self.not_annotated.emit(person_id, error)
        self._over(project, person_id)

    def _tell(self, progress: Progress) -> None:
        if self._queue:
            done = self._queue_length - len(self._queue)
            progress = Progress(done, self._queue_length, progress.message)
        self.working.emit(progress)

    def _begin(
        self,
        what: str,
        ask: Callable[[Callable[[Value], None], Callable[[Exception], None]], Ticket | Pieces],
        done: Callable[[Value], None],
        failed: Callable[[Exception], None],
    ) -> Ticket | Pieces:
        """Ask for a long job, and say so at once: the thread may have something to finish first."""
        self.working.emit(Progress(0, 0, what))

        def over(then: Callable[[Any], None]) -> Callable[[Any], None]:
            def end(value: object) -> None:
                self._long.discard(ticket)
                then(value)

            return end

        ticket = ask(over(self._ending(done)), over(self._ending(failed)))
        self._long.add(ticket)
        return ticket

    def _ending(self, callback: Callable[[Value], None]) -> Callable[[Value], None]:
        def ended(value: Value) -> None:
            self.working.emit(None)
            callback(value)

        return ended
