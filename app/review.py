"""The review under way: which person and step are shown, and what happens on a decision.

Panels mirror this state and never change it themselves. Nothing here waits: reading, deciding,
posing and annotating are asked of the threads, and what comes back for a person who is no longer
shown is kept or dropped, never shown.
"""

from dataclasses import replace
from enum import Enum, auto
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.ahead import Ahead
from app.background import Background
from app.decider import Decider
from app.i18n import tr
from app.loading import Loader
from app.mixer import Mixer
from app.model_thread import URGENT, ModelThread
from app.outcome import Outcome
from app.pictures import Photograph
from app.poses import Poses
from app.preferences import Preferences
from app.rows import EmptyPicture, Rows, View
from app.store_thread import Opened, StoreThread
from app.walk import Walk
from app.worker import explain
from core.project import Person, Pick, State


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
    opened = Signal()
    rows_changed = Signal()
    person_changed = Signal()
    """Another person, or more is known of the one that is shown."""

    step_changed = Signal()
    leaving = Signal()
    """Somebody else is about to be shown."""

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
        self.background.found.connect(self.look_again)
        self.decider = Decider(store, model, self)
        self.loader = Loader(store, model, self)
        self.loader.loaded.connect(self._loaded)
        self.loader.pictured.connect(self._pictured)
        self.loader.problem.connect(self._problem)
        self.preferences = Preferences()
        self.mixer = Mixer(self.loader, self)
        self.mixer.moved.connect(self.step_changed)
        self.mixer.posed.connect(self._posed)
        self.mixer.leaving.connect(self.keep_mix)
        self.stage = Stage.NONE
        self.failure = ""
        self.opening = Path()
        self.path: Path | None = None
        self.rows = Rows()
        self.current: int | None = None
        """Row of the list that is shown: a person's, or an empty picture's."""
        self.selected: list[int] = []
        """Persons who are marked in the list, where they are several."""
        self.filters: dict[str, str] = {}
        """Filters of the list that were kept, by name."""
        self.person: Person | None = None
        self.photograph: Photograph | None = None
        self.trouble = ""
        self._tried: set[tuple[int, int | None]] = set()  # person and Θ1, since last shown
        self._outcome = Outcome(self)
        self.walk = Walk(self)
        self.ahead = Ahead(self)

    @property
    def poses(self) -> Poses | None:
        """What the slider moves through."""
        return self.mixer.poses

    @property
    def step(self) -> int:
        """Where the slider is."""
        return self.mixer.mix.step

    # opening

    def open(self, path: Path, person_id: int | None = None) -> None:
        """Open a project, on a person or the first undecided; till then the present one stays."""
        self.leave()
        self.opening, self.failure = path, ""
        self._set_stage(Stage.OPENING)
        self._store.open(path, partial(self._opened, person_id), self._not_opened)

    def _opened(self, wanted: int | None, opened: Opened) -> None:
        self.background.stop()
        self.loader.clear()
        self.path = opened.path
        self._tried.clear()
        self.filters = opened.filters
        self.current = self.person = None
        self.take(opened.rows)
        self.opened.emit()
        self._model.load(lambda _: None, self._say_failure)
        if not self.rows.persons:
            self._set_stage(Stage.EMPTY)
            return
        undecided = self.rows.undecided_after(None)
        if wanted is not None and self.rows.row(wanted) is not None:
            self.select(wanted)
            return
        self.select(self.rows.all[0].id if undecided is None else undecided)
        if undecided is None:
            self._set_stage(Stage.FINISHED)

    def _not_opened(self, error: Exception) -> None:
        self.failure = explain(error)
        self._set_stage(Stage.FAILED)

    # the list

    def arrange(self, view: View) -> None:
        """Order and filter the list; whoever is shown stays."""
        self._store.arrange(view, self.take, self._say_failure)

    def keep_filter(self, name: str, text: str) -> None:
        """Keep a filter of the list under a name, or forget it where it is empty."""

        def kept(filters: dict[str, str]) -> None:
            self.filters = filters
            self.rows_changed.emit()

        self._store.keep_filter(name, text, kept, self._say_failure)

    # going from person to person

    @property
    def picture(self) -> EmptyPicture | None:
        """The picture without persons that is shown."""
        row = self.rows.row(self.current)
        return row if isinstance(row, EmptyPicture) else None

    def select(self, row_id: int) -> None:
        """Show a person, or a picture in which nobody is marked."""
        was = self.stage
        self._set_stage(Stage.REVIEW)
        if row_id == self.current:
            if was is Stage.FINISHED:  # the last decision has put the bodies away
                self.reload()
            return
        self.leave()
        if self.current is not None:
            self.background.drop(self.current)
        self.current = row_id
        self._tried = {attempt for attempt in self._tried if attempt[0] != row_id}
        self.mixer.clear()
        self.person, self.photograph, self.trouble = None, None, ""
        self.person_changed.emit()
        if self.picture is not None:
            self.loader.want_picture(row_id, self.picture.image_id)
        else:
            self.loader.want(row_id)

    def show_step(self, step: int) -> None:
        """Show a step of the person's trajectory, or of the part that is chosen."""
        self.mixer.move(step)

    def choose_part(self, part: str) -> None:
        """Let the slider move a part of the body, or the whole (empty)."""
        self.mixer.choose(part)

    def leave(self) -> None:
        """Have everything written down that is under way on the person who is shown."""
        self.ahead.stop()
        self.keep_mix()
        self.leaving.emit()

    def keep_mix(self) -> None:
        """Write down what was picked by part and is not decided yet."""
        person, mix = self.person, self.mixer.mix
        if person is None or person.run is None or self.mixer.base is None or _decided(person):
            return
        if mix.own == person.chosen_parts and (mix.rest == person.chosen_step or not mix.own):
            return
        self.person = replace(person, chosen_step=mix.rest, chosen_parts=mix.own)
        self.decider.pick(Pick(person.row.id, person.run.id, mix.rest, mix.own))

    # background work

    def annotate_all(self) -> None:
        """Annotate who is selected, else everyone who needs it, and look into empty pictures."""
        if self.path is None:
            return
        needy = self.selected or self.rows.unrefined()
        if self.rows.has_empty and not self.selected:
            self.background.find_people(self.path, self.look_again, self._say_failure)
        elif needy:
            self.background.annotate_all(self.path, needy)
        else:
            self.said.emit(tr("Everyone is annotated"))

    def annotate_once(self, person_id: int, theta1_id: int | None, priority: int = URGENT) -> None:
        """Annotate a person, unless that was tried with this Θ1 since they were last shown."""
        attempt = (person_id, theta1_id)
        if self.path is not None and attempt not in self._tried:
            self._tried.add(attempt)
            self.background.annotate(self.path, person_id, priority)

    def use(self, now: Preferences) -> None:
        """Work by other preferences from now on, beginning with the shown person if undecided.

        Runs that others made stay as they are; undecided persons show the newest.
        """
        was, self.preferences = self.preferences, now
        self.background.use(now)
        if self.path is None:
            return
        if _refining(now) != _refining(was):
            self.trouble = ""  # what went wrong need not go wrong again
        if now.body != was.body:
            self.loader.clear()
            self.reload()
        if _refining(now) != _refining(was):
            self.said.emit(tr("Refining by {refiner}", refiner=now.refiner))
            if self.person and not _decided(self.person):
                self.background.annotate(self.path, self.person.row.id)

    def stop(self) -> None:
        """Call off what is computed in the background; what is made by then stays."""
        self.background.stop()
        if self.path is not None:
            self.look_again()

    def look_again(self) -> None:
        """Read the list anew: others have written to the project."""
        self._store.rows(self.refresh, self._say_failure)

    def refresh(self, rows: Rows) -> None:
        """Show the list as it is by now."""
        self.take(rows)
        gone = self.current is not None and rows.row(self.current) is None
        if gone or (self.stage is Stage.EMPTY and rows.persons):
            undecided = rows.undecided_after(None)
            if undecided is not None:
                self.select(undecided)

    def _annotated(self, person_id: int) -> None:
        self._store.reread([person_id], self.refresh, self._say_failure)
        if person_id == self.current:
            self.reload()

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
        self.person, self.photograph = person, photograph
        self.mixer.show(person, poses)
        if person.row != self.rows.row(person.row.id):  # another program has decided
            self.look_again()
        self.person_changed.emit()
        if _needs_run(person):
            self.annotate_once(person.row.id, person.theta1_id)
        if poses is not None:
            self.ahead.begin(person.row.id)

    def _posed(self) -> None:
        if self.person is not None:
            self.person_changed.emit()

    def _pictured(self, row_id: int, photograph: Photograph) -> None:
        if row_id == self.current:
            self.photograph = photograph
            self.person_changed.emit()

    def _problem(self, row_id: int, text: str) -> None:
        if row_id == self.current:
            self.trouble = text
            self.person_changed.emit()

    def reload(self) -> None:
        """Read who is shown anew, with other bodies."""
        if self.current is not None:
            self.mixer.forget_bodies()
            self.loader.want(self.current)

    def _say_failure(self, error: Exception) -> None:
        self.failed.emit(explain(error))

    def take(self, rows: Rows) -> None:
        """Show this list; who is shown stays."""
        self.rows = rows
        self.rows_changed.emit()

    def _set_stage(self, stage: Stage) -> None:
        self.stage = stage
        self.stage_changed.emit()

    def go_on(self, undecided: int | None) -> None:
        """Show the next person to decide on; where nobody is left, say so."""
        if undecided is not None:
            self.select(undecided)
        elif self.rows.count(State.UNDECIDED):
            self.said.emit(tr("Nobody undecided is left in this list; clear the filter to go on"))
            self.reload()
        else:
            self._set_stage(Stage.FINISHED)


def _refining(preferences: Preferences) -> tuple[str, str, str]:
    return preferences.refiner, preferences.recommender, preferences.body


def _needs_run(person: Person) -> bool:
    looked_in_vain = person.theta1_id is None and person.row.note
    return person.run is None and not _decided(person) and not looked_in_vain


def _decided(person: Person) -> bool:
    return person.row.state in (State.ACCEPTED, State.REJECTED)
