"""What is dropped on the window, or chosen in a dialog, on its way into a project."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.i18n import tr
from app.review import Review, Stage
from app.rows import Rows
from app.said import failed
from app.sample import sample_folder
from app.store_thread import StoreThread
from app.worker import explain
from core.jobs.arriving import Arrived
from core.project import SUFFIX, PersonRow, State

NAMED = 3
"""How many that were left out are named; the line shall stay one."""


class Arrivals(QObject):
    """Opens projects and imports everything else, into the open project or a new one.

    The sample is left as it is: what is dropped on it gets a project of its own. Nothing here
    looks at the disk; that is done where the import runs.
    """

    def __init__(self, review: Review, store: StoreThread, window: QWidget) -> None:
        super().__init__(window)
        self._review, self._store, self._window = review, store, window

    def welcome(self, event: QDropEvent) -> None:
        """Say whether something that is dragged over the window may be dropped."""
        if files_of(event):
            # a file manager that is told of a move would delete the files
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def take(self, event: QDropEvent) -> None:
        """Take in what was dropped."""
        if files := files_of(event):
            self.welcome(event)
            self.bring(files)

    def ask_for_folder(self) -> None:
        """Ask for a folder of pictures, and make a project beside it."""
        name = QFileDialog.getExistingDirectory(self._window, tr("New project from pictures"))
        if name:
            self._bring([Path(name)], None)

    def ask_for_files(self) -> None:
        """Ask for pictures and data sets, and import them."""
        names, _ = QFileDialog.getOpenFileNames(self._window, tr("Import pictures or data sets"))
        if names:
            self.bring([Path(name) for name in names])

    def bring(self, files: Sequence[Path]) -> None:
        """Import files and folders; a project among them is opened, and takes in the others."""
        projects = [each for each in files if each.suffix == SUFFIX]
        others = [each for each in files if each.suffix != SUFFIX]
        if not others:
            self._review.open(projects[0])
        else:
            here = self._review.path
            own = None if here is None or here.parent == sample_folder() else here
            self._bring(others, projects[0] if projects else own)

    def _bring(self, sources: Sequence[Path], project: Path | None) -> None:
        review = self._review
        review.leave()
        review.background.bring(
            sources, project, self._arrived(review.path), lambda error: _fail(review, error)
        )

    def _arrived(self, shown: Path | None) -> Callable[[Arrived], None]:
        """Return what is done with what has come; `shown` is the project that was open then."""

        def arrived(arrived: Arrived) -> None:
            review = self._review
            if arrived.is_there:
                review.said.emit(_told(arrived))
            if trouble := _left_out(arrived):
                review.failed.emit(trouble)
            if review.path == arrived.project:
                self._store.rows(self._listed, lambda error: _fail(review, error))
            elif review.path == shown and arrived.is_there:
                review.open(arrived.project)

        return arrived

    def _listed(self, rows: Rows) -> None:
        """Show somebody undecided, unless one is shown."""
        review = self._review
        review.refresh(rows)
        shown, first = rows.row(review.current), rows.undecided_after(None)
        undecided = isinstance(shown, PersonRow) and shown.state is State.UNDECIDED
        if first is not None and not (undecided and review.stage is Stage.REVIEW):
            review.select(first)


def files_of(event: QDropEvent) -> list[Path]:
    """Return the files and folders of this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _fail(review: Review, error: Exception) -> None:
    review.failed.emit(explain(error))


def _told(arrived: Arrived) -> str:
    """Say what has come."""
    places = {
        "pictures": arrived.pictures,
        "persons": arrived.persons,
        "project": arrived.project.name,
    }
    if arrived.stopped:
        return tr("Stopped; new in {project}: {pictures} pictures, {persons} persons", **places)
    if not (arrived.pictures or arrived.persons):
        return tr("Nothing new for {project}", **places)
    return tr("New in {project}: {pictures} pictures, {persons} persons", **places)


def _left_out(arrived: Arrived) -> str:
    """Say in one line what has not come."""
    if arrived.unknown and not arrived.failures:
        return tr(
            "Nothing to import in {names}: no pictures, and no data set of a known format",
            names=_some(arrived.unknown),
        )
    left = tuple(map(failed, arrived.failures)) + arrived.unknown
    return tr("Left out: {who}", who=_some(left)) if left else ""


def _some(names: Sequence[str]) -> str:
    """Name the first few, and count the others."""
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    return tr("{shown} and {count} more", shown=shown, count=more) if more > 0 else shown
