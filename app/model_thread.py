"""The model thread: what the window asks of the models, in the order it is wanted.

Jobs are served newest first, so that what the person looks at now goes before what was asked
earlier; results of called-off jobs are dropped. The models themselves are in a process of their
own (`app.model_process`), for which the thread only waits.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.mix import PLAIN, Axis
from app.model_process import ModelProcess
from app.models import Models
from app.pieces import Pieces
from app.poses import Poses, Still
from app.preferences import MOST_AHEAD, Preferences
from app.worker import Ticket, Worker
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Person, PersonRow

if TYPE_CHECKING:
    from app import exports
    from app.figures import Wish
    from core.jobs import Report
    from core.jobs.arriving import Arrived
    from core.jobs.motion import Motion
    from core.jobs.steadying import Steadied
    from core.report.gathering import Facts

Failed = Callable[[Exception], None]

URGENT, AHEAD, BULK = 0, 1, 1 + MOST_AHEAD
"""What is waited for; what is looked at next (one more for each person between); all else."""


class ModelThread(QObject):
    """What the window may ask of the models; every method returns at once."""

    def __init__(self, models: Models | ModelProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("model", newest_first=True, parent=self)
        self._models = models

    def load(self, done: Callable[[None], None], failed: Failed) -> Ticket:
        """Load torch and the body, and when there is time, frontend and refiner."""
        self._worker.submit(lambda _: self._models.warm_up(), priority=AHEAD)
        return self._worker.submit(lambda _: self._models.load(), done, failed)

    def pose(
        self,
        person: Person,
        done: Callable[[Poses], None],
        failed: Failed,
        priority: int = URGENT,
        axis: Axis = PLAIN,
    ) -> Ticket:
        """Pose all places of a slider in one go; the person must have a Θ1."""
        return self._worker.submit(
            lambda _: self._models.pose(person, axis), done, failed, priority=priority
        )

    def refine(
        self,
        person: Person,
        refiner: str,
        seed: int,
        done: Callable[[Poses], None],
        failed: Failed,
    ) -> Ticket:
        """Refine a person and pose the steps, and store nothing."""
        return self._worker.submit(
            lambda _: self._models.refine(person, refiner, seed), done, failed
        )

    def pose_track(
        self, project: Path, ids: Sequence[int], done: Callable[[list[Still]], None],
        failed: Failed, priority: int = URGENT,
    ) -> Ticket:  # fmt: skip
        """Pose some persons, each as decided or suggested, in one go."""
        return self._worker.submit(
            lambda token: self._models.pose_track(project, ids, token),
            done, failed, priority=priority,
        )  # fmt: skip

    def annotate(
        self,
        project: Path,
        person_id: int,
        done: Callable[[None], None],
        failed: Failed,
        progress: Callable[[Progress], None],
        priority: int = URGENT,
    ) -> Ticket:
        """Find Θ1 of a person where it is missing, and refine it; the project gets the result."""
        return self._worker.submit(
            lambda token: self._models.annotate(project, person_id, token),
            done,
            failed,
            progress,
            priority,
        )

    def annotate_all(
        self,
        project: Path,
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Pieces:
        """Find the people of a project's images and annotate everyone, one after the other."""
        make = partial(self._models.annotate_all, project)
        return Pieces(self._worker, make, done, failed, BULK, progress)

    def export(
        self,
        project: Path,
        wish: "exports.Wish",
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Write persons of a project as a data set."""
        return self._worker.submit(
            lambda token: self._models.export(project, wish, token), done, failed, progress
        )

    def report(
        self,
        project: Path,
        out: Path,
        done: Callable[["Facts"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Write a report on a project."""
        return self._worker.submit(
            lambda token: self._models.report(project, out, token), done, failed, progress
        )

    def illustrate(
        self,
        project: Path,
        wish: "Wish",
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Draw a figure or a movie."""
        return self._worker.submit(
            lambda _: self._models.illustrate(project, wish), done, failed, progress
        )

    def bring(
        self,
        sources: Sequence[Path],
        project: Path | None,
        cancel: CancelToken,
        done: Callable[["Arrived"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Import files and folders into a project, or into one of their own; see `arrive`."""
        return self._worker.submit(
            lambda _: self._models.bring(sources, project, cancel), done, failed, progress
        )

    def find_pictures(
        self,
        project: Path,
        folder: Path,
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Look in a folder for pictures that a project misses."""
        return self._worker.submit(
            lambda token: self._models.find_pictures(project, folder, token),
            done,
            failed,
            progress,
        )

    def motion(
        self,
        project: Path,
        rows: Sequence[PersonRow],
        done: Callable[["Motion"], None],
        failed: Failed,
    ) -> Pieces:
        """Measure how a track moves, behind everything else."""
        make = lambda _: self._models.motion(project, rows)  # noqa: E731
        return Pieces(self._worker, make, done, failed, BULK + 1)

    def steady(
        self,
        project: Path,
        rows: Sequence[PersonRow],
        chosen: Sequence[int],
        done: Callable[["Steadied"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Make steadier bodies of who is chosen of a track; nothing counts before it is decided."""
        return self._worker.submit(
            lambda token: self._models.steady(project, rows, chosen, token), done, failed, progress
        )

    def stand(self, person: Person, done: Callable[[Parameters], None], failed: Failed) -> Ticket:
        """Put an upright body into a person's box."""
        return self._worker.submit(lambda _: self._models.stand(person), done, failed)

    def use(self, preferences: Preferences) -> None:
        """Work by other preferences from the next job on."""
        self._models.preferences = preferences

    def try_out(
        self, preferences: Preferences, done: Callable[[str], None], failed: Failed
    ) -> Ticket:
        """Load the body and, where it takes a checkpoint, the frontend; tell what they are."""
        return self._worker.submit(lambda _: self._models.try_out(preferences), done, failed)

    def close(self) -> None:
        """Call off what runs, end the models' process, and join the thread."""
        self._models.close()
        self._worker.close()
