"""The review under way: which person and step are shown, and what happens on a decision.

Panels mirror this state and never change it themselves. Nothing here waits: reading, deciding,
posing and annotating are asked of the threads, and what comes back for a person who is no longer
shown is kept or dropped, never shown.
"""

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.loading import Loader
from app.model_thread import AHEAD, BULK, URGENT, ModelThread
from app.pictures import Photograph
from app.poses import Poses
from app.store_thread import Decided, Opened, StoreThread
from app.worker import Ticket, explain
from core.errors import DiffAnnotError
from core.jobs import Report
from core.pose import Parameters
from core.progress import Progress
from core.project import (
    Accept,
    AcceptTheta1,
    Decision,
    Flag,
    Person,
    PersonRow,
    Place,
    Reject,
    State,
)


class Stage(Enum):
    """What the window is about."""

    NONE = auto()
    OPENING = auto()
    FAILED = auto()
    EMPTY = auto()
    REVIEW = auto()
    FINISHED = auto()


class Review(QObject):
    """State of the window and the commands that change it."""

    stage_changed = Signal()
    rows_changed = Signal()
    person_changed = Signal()
    """Another person, or more is known of the one that is shown."""

    step_changed = Signal()
    working = Signal(object)
    """`Progress` of background work, or None when there is none."""

    said = Signal(str)
    """What was done, for the status bar."""

    failed = Signal(str)
    """What could not be done, and what to do about it."""

    def __init__(self, store: StoreThread, model: ModelThread, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._model = store, model
        self.loader = Loader(store, model, self)
        self.loader.loaded.connect(self._loaded)
        self.loader.problem.connect(self._problem)
        self.stage = Stage.NONE
        self.failure = ""
        self.path: Path | None = None
        self.rows: list[PersonRow] = []
        self._places: dict[int, int] = {}
        self.current: int | None = None
        self.person: Person | None = None
        self.photograph: Photograph | None = None
        self.poses: Poses | None = None
        self.trouble = ""
        self.step = 0
        self.deciding = False
        self._tried: set[tuple[int, int | None]] = set()
        self._jobs: dict[int, Ticket] = {}
        self._bulk: list[int] = []
        self._bulk_total = 0

    # opening

    def open(self, path: Path) -> None:
        """Open a project; the present one stays until the new one is read."""
        self.failure = ""
        self._set_stage(Stage.OPENING)
        self._store.open(path, self._opened, self._not_opened)

    def _opened(self, opened: Opened) -> None:
        self.stop()
        self.loader.clear()
        self.path = opened.path
        self._tried.clear()
        self._set_rows(opened.rows)
        self.current = self.person = None
        self._model.load(lambda _: None, self._say_failure)
        if not self.rows:
            self._set_stage(Stage.EMPTY)
            return
        undecided = self._undecided_after(-1)
        self.select(self.rows[0].id if undecided is None else undecided)
        if undecided is None:
            self._set_stage(Stage.FINISHED)

    def _not_opened(self, error: Exception) -> None:
        self.failure = explain(error)
        self._set_stage(Stage.FAILED)

    # going from person to person

    def select(self, person_id: int) -> None:
        """Show a person."""
        self._set_stage(Stage.REVIEW)
        if person_id == self.current:
            return
        self._drop_job(self.current)
        self.current = person_id
        self.person, self.photograph, self.poses, self.trouble = None, None, None, ""
        self.step = 0
        self.person_changed.emit()
        self.loader.want(person_id)

    def next_person(self) -> None:
        """Show the next person of the list."""
        self._walk(1)

    def previous_person(self) -> None:
        """Show the person before."""
        self._walk(-1)

    def next_undecided(self) -> None:
        """Show the next person without a decision, from here on and then from the start."""
        found = self._undecided_after(self.place_in_list())
        if found is None:
            self._set_stage(Stage.FINISHED)
        else:
            self.select(found)

    def row(self, person_id: int | None) -> PersonRow | None:
        """Return a person's row."""
        place = self._places.get(person_id) if person_id is not None else None
        return None if place is None else self.rows[place]

    def counts(self) -> dict[State, int]:
        """Return how many persons are in each state."""
        return {state: sum(row.state == state for row in self.rows) for state in State}

    def show_step(self, step: int) -> None:
        """Show a step of the person's trajectory."""
        if self.poses is None:
            return
        step = min(max(step, 0), len(self.poses) - 1)
        if step != self.step:
            self.step = step
            self.step_changed.emit()

    # deciding

    def accept_shown(self) -> None:
        """Accept the step that is shown."""
        if self.person is None or self.poses is None:
            self.said.emit("Nothing to accept yet: the body is not there")
        elif self.person.run:
            self._decide(Accept(self.person.row.id, self.person.run.id, self.step))
        elif self.person.theta1_id is not None:
            self._decide(AcceptTheta1(self.person.row.id, self.person.theta1_id))

    def accept_suggested(self) -> None:
        """Accept the suggested step."""
        if self.person and self.person.run and self.poses:
            run = self.person.run
            self._decide(Accept(self.person.row.id, run.id, run.suggestion.step))
        else:
            self.said.emit("There is no suggestion yet")

    def reject(self) -> None:
        """Leave the person out."""
        if self.person:
            self._decide(Reject(self.person.row.id))

    def flag(self) -> None:
        """Put the person aside."""
        if self.person:
            self._decide(Flag(self.person.row.id))

    def undo(self) -> None:
        """Undo the last decision, and show whom it was on."""
        self._turn(self._store.undo, "Nothing to undo")

    def redo(self) -> None:
        """Redo what was undone last, and show whom it was on."""
        self._turn(self._store.redo, "Nothing to redo")

    def place(self) -> None:
        """Put an upright body into the person's box."""
        if self.person:
            person_id = self.person.row.id
            self.said.emit("Placing a body…")
            self._model.stand(
                self.person, lambda theta1: self.place_at(person_id, theta1), self._say_failure
            )

    def place_at(self, person_id: int, parameters: Parameters) -> None:
        """Make a body placed by hand the person's Θ1."""
        if not self.deciding:
            self.deciding = True
            self._store.decide(Place(person_id, parameters), self._placed, self._not_decided)

    def _placed(self, decided: Decided) -> None:
        self._after(decided)
        self._reload_current()

    def _decide(self, decision: Decision) -> None:
        if not self.deciding:
            self.deciding = True
            self._store.decide(decision, self._decided, self._not_decided)

    def _decided(self, decided: Decided) -> None:
        self._after(decided)
        self.next_undecided()

    def _turn(self, ask: object, nothing: str) -> None:
        if self.deciding:
            return
        self.deciding = True

        def turned(decided: Decided) -> None:
            self._after(decided)
            if decided.entry is None:
                self.said.emit(nothing)
            else:
                self._set_stage(Stage.REVIEW)
                self.current = None
                self.select(decided.entry.decision.person_id)

        ask(turned, self._not_decided)  # type: ignore[operator]

    def _after(self, decided: Decided) -> None:
        self.deciding = False
        self._set_rows(decided.rows)
        if decided.entry is not None:
            person_id = decided.entry.decision.person_id
            self.loader.forget(person_id)
            row = self.row(person_id)
            who = title(row) if row else f"person {person_id}"
            what = decided.entry.describe().replace(f"person {person_id}", who)
            self.said.emit(what[:1].upper() + what[1:])

    def _not_decided(self, error: Exception) -> None:
        self.deciding = False
        self._say_failure(error)

    # background work

    def is_annotating(self, person_id: int) -> bool:
        """Return whether a person is being annotated, or soon will be."""
        return person_id in self._jobs

    def annotate_all(self) -> None:
        """Annotate everyone who needs it, one after another, behind what the person looks at."""
        if not self.rows:
            self._find_people()
            return
        self._bulk = [row.id for row in self.rows if row.suggested_step is None]
        self._bulk_total = len(self._bulk)
        if self._bulk:
            self._next_of_bulk()
        else:
            self.said.emit("Everyone is annotated")

    def export(self, out: Path) -> None:
        """Write the accepted annotations as a HumanData file."""
        if self.path is None:
            return

        def failed(error: Exception) -> None:
            self.working.emit(None)
            self._say_failure(error)

        def done(report: Report) -> None:
            self.working.emit(None)
            self.said.emit(f"{report.done} accepted annotations written to {out}")
            if report.failures:
                self.failed.emit("Left out: " + "; ".join(report.failures))

        self._jobs[-1] = self._model.export(self.path, out, done, failed, self.working.emit)

    def stop(self) -> None:
        """Call off what is computed in the background."""
        self._bulk = []
        for ticket in self._jobs.values():
            ticket.cancel()
        self._jobs.clear()
        self.working.emit(None)

    def _find_people(self) -> None:
        if self.path is None:
            return
        path = self.path

        def failed(error: Exception) -> None:
            self.working.emit(None)
            self._say_failure(error)

        def done(_: object) -> None:
            self.working.emit(None)
            self.open(path)

        self._jobs[0] = self._model.annotate_all(path, done, failed, self.working.emit)

    def _next_of_bulk(self) -> None:
        while self._bulk:
            row = self.row(self._bulk.pop(0))
            if row and row.suggested_step is None and row.id not in self._jobs:
                self._annotate(row.id, BULK)
                return

    def _annotate(self, person_id: int, priority: int) -> None:
        if self.path is None or person_id in self._jobs:
            return
        self._jobs[person_id] = self._model.annotate(
            self.path,
            person_id,
            lambda _: self._annotated(person_id),
            lambda error: self._not_annotated(person_id, error),
            lambda progress: self._tell_progress(person_id, progress),
            priority,
        )

    def _annotated(self, person_id: int) -> None:
        self._jobs.pop(person_id, None)
        self.working.emit(None)
        self.loader.forget(person_id)
        self._store.rows(self._set_rows, self._say_failure)
        if person_id == self.current:
            self._reload_current()
        self._next_of_bulk()

    def _not_annotated(self, person_id: int, error: Exception) -> None:
        self._bulk = [] if isinstance(error, DiffAnnotError) else self._bulk
        if person_id == self.current:
            self.trouble = explain(error)
        else:
            self._say_failure(error)
        self._annotated(person_id)

    def _tell_progress(self, person_id: int, progress: Progress) -> None:
        row = self.row(person_id)
        name = title(row) if row else ""
        message = f"{name}: {progress.message}" if progress.message else f"Refining {name}"
        if self._bulk_total and self._bulk:
            done = self._bulk_total - len(self._bulk)
            self.working.emit(Progress(done, self._bulk_total, message))
        else:
            self.working.emit(Progress(progress.done, progress.total, message))

    def _drop_job(self, person_id: int | None) -> None:
        if person_id is not None and not self._bulk and (job := self._jobs.pop(person_id, None)):
            job.cancel()
            self.working.emit(None)

    # what comes back from the threads

    def _loaded(self, person: Person, photograph: Photograph | None, poses: Poses | None) -> None:
        """Take what is known of a person by now; called again as more is known."""
        if person.row.id != self.current:
            return
        first = self.poses is None and poses is not None
        self.person, self.photograph, self.poses = person, photograph, poses
        if first and poses is not None:
            self.step = min(_first_step(person), len(poses) - 1)
        self.person_changed.emit()
        attempt = (person.row.id, person.theta1_id)
        if person.run is None and attempt not in self._tried:
            self._tried.add(attempt)
            self._annotate(person.row.id, URGENT)
        if poses is not None:
            self._look_ahead()

    def _look_ahead(self) -> None:
        ahead = self._undecided_after(self.place_in_list())
        if ahead is None or ahead == self.current:
            return
        self.loader.prepare(ahead)
        row = self.row(ahead)
        if row and row.suggested_step is None and (ahead, None) not in self._tried:
            self._tried.add((ahead, None))
            self._annotate(ahead, AHEAD)

    def _problem(self, person_id: int, text: str) -> None:
        if person_id == self.current:
            self.trouble = text
            self.person_changed.emit()

    def _reload_current(self) -> None:
        if self.current is not None:
            self.poses = None
            self.loader.want(self.current)

    def _say_failure(self, error: Exception) -> None:
        self.failed.emit(explain(error))

    def _set_rows(self, rows: list[PersonRow]) -> None:
        self.rows = rows
        self._places = {row.id: place for place, row in enumerate(rows)}
        self.rows_changed.emit()

    def _set_stage(self, stage: Stage) -> None:
        self.stage = stage
        self.stage_changed.emit()

    def place_in_list(self) -> int:
        """Return the row number of the person that is shown, or -1."""
        return -1 if self.current is None else self._places.get(self.current, -1)

    def _walk(self, by: int) -> None:
        place = self.place_in_list() + by
        if 0 <= place < len(self.rows):
            self.select(self.rows[place].id)

    def _undecided_after(self, place: int) -> int | None:
        count = len(self.rows)
        for offset in range(1, count + 1):
            row = self.rows[(place + offset) % count]
            if row.state == State.UNDECIDED:
                return row.id
        return None


def title(row: PersonRow) -> str:
    """Return what a person is called: the picture's name and the number within it."""
    return f"{Path(row.image).stem} · {row.number}"


def _first_step(person: Person) -> int:
    if person.chosen_step is not None:
        return person.chosen_step
    return person.run.suggestion.step if person.run else 0
