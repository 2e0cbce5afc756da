"""Pictures, persons, keypoints and rough annotations from files into a project."""

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DiffAnnotError
from core.evidence import Evidence
from core.formats import reader_for
from core.formats.records import Failure, Record
from core.images import find_images
from core.jobs.report import Job, Tally
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Project, Source

if TYPE_CHECKING:
    from core.body import BodyModel

BATCH = 200
"""Persons a write; a disk is slow at making sure, not at writing."""


def import_images(project: Project, folder: Path, cancel: CancelToken | None = None) -> Job:
    """Add the pictures of a folder and below; what is there already changes nothing.

    Raises
    ------
    UnreadableInput
        There is no such folder.
    """
    cancel = cancel or CancelToken()
    files = find_images(folder)
    tally = Tally()
    for number, file in enumerate(files):
        cancel.check()
        yield Progress(number, len(files), file.name)
        try:
            project.add_image(file)
            tally.done += 1
        except DiffAnnotError as error:
            tally.fail(file.name, error)
    return tally.report()


def import_file(
    project: Project,
    path: Path,
    format_name: str | None = None,
    images: Path | None = None,
    body: "BodyModel | None" = None,
    cancel: CancelToken | None = None,
) -> Job:
    """Add the persons of a dataset file; importing it again changes nothing.

    Parameters
    ----------
    project : Project
        Where they go.
    path : Path
        The file.
    format_name : str or None
        Key of `core.formats.READERS`; None looks into the file.
    images : Path or None
        Folder that the file's picture names start from; None means the file's own.
    body : BodyModel or None
        Places rough annotations that come without a translation; None takes the open body.
    cancel : CancelToken or None
        Looked at between persons.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, or of no known format.
    """
    cancel = cancel or CancelToken()
    name, read = reader_for(path, format_name)
    records = list(read(path, images))
    intake = _Intake(project, Source(f"{name}:{path.name}"), body)
    tally = Tally()
    for start in range(0, len(records), BATCH):
        with project.batch():
            for number, record in enumerate(records[start : start + BATCH], start):
                cancel.check()
                yield Progress(number, len(records), record.name)
                if isinstance(record, Failure):
                    tally.fail(record.name, record.why)
                    continue
                try:
                    intake.add(record)
                    tally.done += 1
                except DiffAnnotError as error:
                    tally.fail(record.name, error)
    return tally.report()


class _Intake:
    """Puts records into a project; reads each picture once."""

    def __init__(self, project: Project, source: Source, body: "BodyModel | None") -> None:
        self._project = project
        self._source = source
        self._body = body
        self._images: dict[Path, int] = {}

    def add(self, record: Record) -> None:
        theta1 = record.theta1
        if theta1 is not None and not record.placed:
            theta1 = self._placed(theta1, record)
        if record.image not in self._images:
            self._images[record.image] = self._project.add_image(record.image)
        person_id = self._project.add_person(
            self._images[record.image], record.box, record.keypoints, record.track
        )
        if theta1 is not None:
            self._project.add_theta1(person_id, theta1, self._source)

    def _placed(self, theta1: Parameters, record: Record) -> Parameters:
        from core.body import load_body  # torch comes with these
        from core.formats.placing import placed

        self._body = self._body or load_body()
        return placed(theta1, Evidence(record.box, record.keypoints), self._body)
