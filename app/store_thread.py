"""The store thread: owns the open project; reads persons and writes decisions in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.rows import Rows, View
from app.worker import Ticket, Worker
from core.errors import ProjectError
from core.evidence import Box
from core.jobs.exporting import Outlook, foresee
from core.progress import CancelToken
from core.project import Decision, JournalEntry, MoveKeypoint, Person, PersonRow, Project, Run
from core.project.bulk import Verb, on_many
from core.project.decisions import singles
from core.project.history import History
from core.project.queue import Columns

if TYPE_CHECKING:
    from app.exports import Wish

Failed = Callable[[Exception], None]


@dataclass(frozen=True)
class Opened:
    """A project as it is when opened."""

    path: Path
    rows: Rows
    filters: dict[str, str]


@dataclass(frozen=True)
class Decided:
    """What a decision, an undo or a redo has left; on disk already.

    Parameters
    ----------
    entries : tuple of JournalEntry
        What was written, in order; empty where there was nothing to undo.
    rows : Rows
        The list as it is now.
    """

    entries: tuple[JournalEntry, ...]
    rows: Rows

    @property
    def entry(self) -> JournalEntry | None:
        """The last one written."""
        return self.entries[-1] if self.entries else None

    @property
    def persons(self) -> list[int]:
        """Whom it was on, each once."""
        each = (one for entry in self.entries for one in singles(entry.decision))
        return list(dict.fromkeys(one.person_id for one in each))


@dataclass(frozen=True)
class Added:
    """A person who was added, or was there already."""

    person_id: int
    rows: Rows
    entries: tuple[JournalEntry, ...]


class StoreThread(QObject):
    """What the window may ask of the project; every method returns at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("store", newest_first=False, parent=self)
        self._project: Project | None = None
        self._columns = Columns.of([])
        self._view = View()
        self._arranging: Ticket | None = None

    def open(self, path: Path, done: Callable[[Opened], None], failed: Failed) -> Ticket:
        """Open a project; the one before is closed only if that works."""
        return self._worker.submit(lambda _: self._open(path), done, failed)

    def rows(self, done: Callable[[Rows], None], failed: Failed) -> Ticket:
        """Read the list anew."""
        return self._ask(lambda project: self._all(project), done, failed)

    def reread(self, ids: list[int], done: Callable[[Rows], None], failed: Failed) -> Ticket:
        """Read some persons of the list anew."""
        return self._ask(lambda project: self._some(project, ids), done, failed)

    def arrange(self, view: View, done: Callable[[Rows], None], failed: Failed) -> None:
        """Order and filter the list; what was asked for before is no longer wanted."""

        def arrange(_: Project) -> Rows:
            self._view = view
            return Rows(self._columns, view)

        if self._arranging is not None:
            self._arranging.cancel()
        self._arranging = self._ask(arrange, done, failed)

    def keep_filter(
        self, name: str, text: str, done: Callable[[dict[str, str]], None], failed: Failed
    ) -> Ticket:
        """Keep a filter under a name, or forget it where it is empty."""

        def keep(project: Project) -> dict[str, str]:
            project.keep_filter(name, text)
            return project.filters()

        return self._ask(keep, done, failed)

    def person(
        self, person_id: int, done: Callable[[Person], None], failed: Failed, priority: int = 0
    ) -> Ticket:
        """Read one person."""
        return self._ask(lambda project: project.person(person_id), done, failed, priority)

    def run(self, run_id: int, done: Callable[[Run], None], failed: Failed) -> Ticket:
        """Read a run, whether it counts or not."""
        return self._ask(lambda project: project.run(run_id), done, failed)

    def boxes(
        self, ids: list[int], done: Callable[[dict[int, Box]], None], failed: Failed
    ) -> Ticket:
        """Read the boxes of some persons."""
        return self._ask(
            lambda project: {each: project.person(each).evidence.box for each in ids}, done, failed
        )

    def image_path(self, image_id: int, done: Callable[[Path], None], failed: Failed) -> Ticket:
        """Read where a picture is."""
        return self._ask(lambda project: project.image_path(image_id), done, failed)

    def add_person(
        self, image_id: int, box: Box, done: Callable[[Added], None], failed: Failed
    ) -> Ticket:
        """Add a person by a box in a picture."""

        def add(project: Project) -> Added:
            person_id, entry = project.draw_person(image_id, box)
            return Added(person_id, self._all(project), () if entry is None else (entry,))

        return self._ask(add, done, failed)

    def decide(self, decision: Decision, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Write a decision; it is on disk when `done` is called."""
        return self._ask(
            lambda project: self._decided(project, [project.decide(decision)]), done, failed
        )

    def decide_by(
        self,
        person_id: int,
        make: Callable[[list[PersonRow]], Decision],
        done: Callable[[Decided], None],
        failed: Failed,
    ) -> Ticket:
        """Write a decision that is made out of everybody of a person's sequence."""

        def decide(project: Project) -> Decided:
            everyone = self._columns.of_sequence(self._columns.row(person_id))
            return self._decided(project, [project.decide(make(everyone))])

        return self._ask(decide, done, failed)

    def move_keypoint(
        self,
        person_id: int,
        index: int,
        at: tuple[float, float],
        done: Callable[[Decided], None],
        failed: Failed,
    ) -> Ticket:
        """Put a keypoint at a pixel, among those that count by then."""

        def move(project: Project) -> Decided:
            keypoints = project.person(person_id).keypoints_id
            if keypoints is None:
                raise ProjectError("The person has no keypoints")
            decision = MoveKeypoint(person_id, keypoints, index, *at)
            return self._decided(project, [project.decide(decision)])

        return self._ask(move, done, failed)

    def decide_on(
        self,
        ids: list[int],
        verb: Verb,
        tag: str,
        done: Callable[[Decided], None],
        failed: Failed,
    ) -> Ticket:
        """Decide the same on many persons, as one entry of the journal."""

        def decide(project: Project) -> Decided:
            decision = on_many([self._columns.person(self._columns.row(i)) for i in ids], verb, tag)
            return self._decided(project, [project.decide(decision)])

        return self._ask(decide, done, failed)

    def undo(self, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Undo the newest decision."""
        return self._ask(lambda project: self._decided(project, [project.undo()]), done, failed)

    def redo(self, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Redo what was undone last."""
        return self._ask(lambda project: self._decided(project, [project.redo()]), done, failed)

    def jump(self, to: int, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Undo or redo until a decision is the last that is on."""
        return self._ask(lambda project: self._decided(project, project.jump(to)), done, failed)

    def history(self, below: int | None, done: Callable[[History], None], failed: Failed) -> Ticket:
        """Read a page of the decisions, newest first."""
        return self._ask(lambda project: project.history(below), done, failed)

    def foresee(
        self, path: Path, wish: "Wish", done: Callable[[Outlook], None], failed: Failed
    ) -> Ticket:
        """Find out what an export will take and replace, or what is wrong with it."""

        def look(_: Project) -> Outlook:
            return foresee(path, self._columns, wish.path(path), wish.format, wish.chosen)

        return self._ask(look, done, failed)

    def close(self) -> None:
        """Write what was asked for, close the project, join the thread."""
        self._worker.submit(lambda _: self._shut())
        self._worker.finish()

    def _ask(
        self,
        question: Callable[[Project], Any],
        done: Callable[[Any], None],
        failed: Failed,
        priority: int = 0,
    ) -> Ticket:
        def job(_: CancelToken) -> Any:
            if self._project is None:
                raise ProjectError("No project is open")
            return question(self._project)

        return self._worker.submit(job, done, failed, priority=priority)

    def _open(self, path: Path) -> Opened:
        project = Project.open(path)
        try:
            columns = project.columns()
            opened = Opened(path, Rows(columns), project.filters())
        except ProjectError:
            project.close()
            raise
        self._shut()
        self._project, self._columns, self._view = project, columns, View()
        return opened

    def _all(self, project: Project) -> Rows:
        self._columns = project.columns()
        return Rows(self._columns, self._view)

    def _some(self, project: Project, ids: list[int]) -> Rows:
        self._columns = project.reread(self._columns, ids)
        return Rows(self._columns, self._view)

    def _decided(self, project: Project, entries: Sequence[JournalEntry | None]) -> Decided:
        made = Decided(tuple(entry for entry in entries if entry is not None), Rows())
        return replace(made, rows=self._some(project, made.persons))

    def _shut(self) -> None:
        if self._project is not None:
            self._project.close()
            self._project = None
