"""The review under way: which person and step are shown, and what happens on a decision.

Panels mirror this state and never change it themselves. Nothing here waits: reading, deciding,
posing and annotating are asked of the threads, and what comes back for a person who is no longer
shown is kept or dropped, never shown.
"""

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.background import Background
from app.loading import Loader
from app.model_thread import AHEAD, ModelThread
from app.pictures import Photograph
from app.poses import Poses
from app.rows import Rows, title
from app.store_thread import Decided, Opened, StoreThread
from app.worker import explain
from core.jobs import Report
from core.pose import Parameters
from core.project import (
    Accept,
    AcceptTheta1,
    Decision,
    Flag,
    Person,
    PersonRow,
    Place,
    Reject,
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
    said = Signal(str)
    """What was done, for the status bar."""

    failed = Signal(str)
    """What could not be done, and what to do about it."""

    def __init__(self, store: StoreThread, model: ModelThread, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._model = store, model
        self.background = Background(model, self)
        self.background.annotated.connect(self._annotated)
        self.background.not_annotated.connect(self._not_annotated)
        self.loader = Loader(store, model, self)
        self.loader.loaded.connect(self._loaded)
        self.loader.problem.connect(self._problem)
        self.stage = Stage.NONE
        self.failure = ""
        self.path: Path | None = None
        self.rows = Rows([])
        self.current: int | None = None
        self.person: Person | None = None
        self.photograph: Photograph | None = None
        self.poses: Poses | None = None
        self.trouble = ""
        self.step = 0
        self.deciding = False
        self._tried: set[tuple[int, int | None]] = set()

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
        if not len(self.rows):
            self._set_stage(Stage.EMPTY)
            return
        undecided = self.rows.undecided_after(None)
        self.select(self.rows.all[0].id if undecided is None else undecided)
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
        if self.current is not None:
            self.background.drop(self.current)
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
        found = self.rows.undecided_after(self.current)
        if found is None:
            self._set_stage(Stage.FINISHED)
        else:
            self.select(found)

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
            row = self.rows.row(person_id)
            who = title(row) if row else f"person {person_id}"
            what = decided.entry.describe().replace(f"person {person_id}", who)
            self.said.emit(what[:1].upper() + what[1:])

    def _not_decided(self, error: Exception) -> None:
        self.deciding = False
        self._say_failure(error)

    # background work

    def annotate_all(self) -> None:
        """Annotate everyone who needs it; where there is nobody yet, look for people first."""
        if self.path is None:
            return
        needy = [row.id for row in self.rows.all if row.suggested_step is None]
        if not len(self.rows):
            path = self.path
            self.background.find_people(path, lambda: self.open(path), self._say_failure)
        elif needy:
            self.background.annotate_all(self.path, needy)
        else:
            self.said.emit("Everyone is annotated")

    def export(self, out: Path) -> None:
        """Write the accepted annotations as a HumanData file."""

        def done(report: Report) -> None:
            self.said.emit(f"{report.done} accepted annotations written to {out}")
            if report.failures:
                self.failed.emit("Left out: " + "; ".join(report.failures))

        if self.path is not None:
            self.background.export(self.path, out, done, self._say_failure)

    def stop(self) -> None:
        """Call off what is computed in the background."""
        self.background.stop()

    def _annotated(self, person_id: int) -> None:
        self.loader.forget(person_id)
        self._store.rows(self._set_rows, self._say_failure)
        if person_id == self.current:
            self._reload_current()

    def _not_annotated(self, person_id: int, error: Exception) -> None:
        if person_id == self.current:
            self.trouble = explain(error)
        else:
            self._say_failure(error)

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
        if self.path and person.run is None and attempt not in self._tried:
            self._tried.add(attempt)
            self.background.annotate(self.path, person.row.id)
        if poses is not None:
            self._look_ahead()

    def _look_ahead(self) -> None:
        ahead = self.rows.undecided_after(self.current)
        if ahead is None or ahead == self.current:
            return
        self.loader.prepare(ahead)
        row = self.rows.row(ahead)
        if self.path and row and row.suggested_step is None and (ahead, None) not in self._tried:
            self._tried.add((ahead, None))
            self.background.annotate(self.path, ahead, AHEAD)

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
        self.rows = Rows(rows)
        self.rows_changed.emit()

    def _set_stage(self, stage: Stage) -> None:
        self.stage = stage
        self.stage_changed.emit()

    def _walk(self, by: int) -> None:
        beside = self.rows.beside(self.current, by)
        if beside is not None:
            self.select(beside)


def _first_step(person: Person) -> int:
    if person.chosen_step is not None:
        return person.chosen_step
    return person.run.suggestion.step if person.run else 0
