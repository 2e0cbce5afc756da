"""The store thread: owns the open project; reads persons and writes decisions in order."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from app.rows import Rows
from app.worker import Ticket, Worker
from core.errors import ProjectError
from core.evidence import Box
from core.progress import CancelToken
from core.project import Decision, JournalEntry, Person, Project

Failed = Callable[[Exception], None]


@dataclass(frozen=True)
class Opened:
    """A project as it is when opened."""

    path: Path
    rows: Rows


@dataclass(frozen=True)
class Decided:
    """What a decision, an undo or a redo has left; on disk already."""

    entry: JournalEntry | None
    rows: Rows


@dataclass(frozen=True)
class Added:
    """A person who was added, or was there already."""

    person_id: int
    rows: Rows


class StoreThread(QObject):
    """What the window may ask of the project; every method returns at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("store", newest_first=False, parent=self)
        self._project: Project | None = None

    def open(self, path: Path, done: Callable[[Opened], None], failed: Failed) -> Ticket:
        """Open a project; the one before is closed only if that works."""
        return self._worker.submit(lambda _: self._open(path), done, failed)

    def rows(self, done: Callable[[Rows], None], failed: Failed) -> Ticket:
        """Read the list."""
        return self._ask(Rows.of, done, failed)

    def person(
        self, person_id: int, done: Callable[[Person], None], failed: Failed, priority: int = 0
    ) -> Ticket:
        """Read one person."""
        return self._ask(lambda project: project.person(person_id), done, failed, priority)

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
        return self._ask(
            lambda project: Added(project.draw_person(image_id, box), Rows.of(project)),
            done,
            failed,
        )

    def decide(self, decision: Decision, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Write a decision; it is on disk when `done` is called."""
        return self._ask(
            lambda project: Decided(project.decide(decision), Rows.of(project)), done, failed
        )

    def undo(self, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Undo the newest decision."""
        return self._ask(lambda project: Decided(project.undo(), Rows.of(project)), done, failed)

    def redo(self, done: Callable[[Decided], None], failed: Failed) -> Ticket:
        """Redo what was undone last."""
        return self._ask(lambda project: Decided(project.redo(), Rows.of(project)), done, failed)

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
            opened = Opened(path, Rows.of(project))
        except ProjectError:
            project.close()
            raise
        self._shut()
        self._project = project
        return opened

    def _shut(self) -> None:
        if self._project is not None:
            self._project.close()
            self._project = None
