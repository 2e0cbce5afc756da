"""Pictures, persons, keypoints and rough annotations from files into a project."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DiffAnnotError, UnknownFormat
from core.evidence import Box, Evidence
from core.formats import format_of, reader_for
from core.formats.boxes import box_around
from core.formats.records import Failure, Note, Record
from core.images import find_images, image_size
from core.jobs.report import Job, Tally
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
    return import_pictures(project, find_images(folder), cancel)


def import_pictures(
    project: Project, files: Sequence[Path], cancel: CancelToken | None = None
) -> Job:
    """Add pictures; what is there already changes nothing."""
    cancel = cancel or CancelToken()
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


def import_any(
    project: Project,
    path: Path,
    format_name: str | None = None,
    images: Path | None = None,
    body: "BodyModel | None" = None,
    cancel: CancelToken | None = None,
) -> Job:
    """Import a dataset file, a folder of dataset files, or a folder of pictures.

    Raises
    ------
    UnreadableInput
        As `import_file` and `import_images`.
    UnknownFormat
        The folder holds neither.
    """
    if path.is_dir() and format_name is None and format_of(path) is None:
        if not find_images(path):
            raise UnknownFormat(
                f"{path} holds no pictures, and is no data set that is read as a folder",
                "Import its files one by one",
            )
        return import_images(project, path, cancel)
    return import_file(project, path, format_name, images, body, cancel)


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
    items = list(read(images))
    intake = _Intake(project, Source(f"{name}:{path.name}"), body)
    tally = Tally(notes=[each.text for each in items if isinstance(each, Note)])
    rows = [each for each in items if not isinstance(each, Note)]
    for start in range(0, len(rows), BATCH):
        with project.batch():
            for number, row in enumerate(rows[start : start + BATCH], start):
                cancel.check()
                yield Progress(number, len(rows), row.name)
                if isinstance(row, Failure):
                    tally.fail(row.name, row.why)
                    continue
                try:
                    intake.add(row)
                    tally.done += 1
                except DiffAnnotError as error:
                    tally.fail(row.name, error)
    return tally.report()


class _Intake:
    """Puts records into a project; reads each picture once."""

    def __init__(self, project: Project, source: Source, body: "BodyModel | None") -> None:
        self._project = project
        self._source = source
        self._given = body
        self._images: dict[Path, int] = {}

    def add(self, record: Record) -> None:
        if record.image not in self._images:
            self._images[record.image] = self._project.add_image(record.image)
        theta1, box = record.theta1, record.box
        if box is None:
            box = self._box(record)
        if theta1 is not None and not record.placed:
            from core.formats.placing import placed  # torch comes with it

            theta1 = placed(theta1, Evidence(box, record.keypoints), self._body)
        person_id = self._project.add_person(
            self._images[record.image], box, record.keypoints, record.track
        )
        if theta1 is not None:
            self._project.add_theta1(person_id, theta1, self._source)

    def _box(self, record: Record) -> Box:
        """Draw a box around the body, else around the keypoints, else around the picture."""
        found = None
        if record.theta1 is not None and record.placed:
            vertices = self._body.pose(record.theta1)[0]
            found = box_around(record.theta1.camera.project(vertices), margin=1)
        elif record.keypoints is not None:
            found = box_around(record.keypoints.points[record.keypoints.confidence > 0])
        return found or Box(0, 0, *image_size(record.image))

    @cached_property
    def _body(self) -> "BodyModel":
        from core.body import load_body  # torch comes with it

        return self._given or load_body()
