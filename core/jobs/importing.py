"""Pictures, persons, keypoints and rough annotations from files into a project."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DiffAnnotError, InvalidAnnotation, UnknownFormat, UnreadableInput
from core.evidence import Box, Evidence, box_around
from core.formats import format_of, reader_for
from core.formats.mistaken import refuse_mistaken
from core.formats.records import Failure, Note, Record
from core.images import find_images, image_size
from core.jobs.filming import Pace, frames_folder, frames_of, import_video
from core.jobs.report import Job, Tally
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Found, Joining, Picture, Project, Source
from core.video import find_videos, is_video

if TYPE_CHECKING:
    from core.body import BodyModel

BATCH = 1000
"""Persons a write; a disk is slow at making sure, not at writing."""


def import_images(
    project: Project, source: Path, pace: Pace | None = None, cancel: CancelToken | None = None
) -> Job:
    """Add a video, or the pictures and videos of a folder; what is there already changes nothing.

    Raises
    ------
    UnreadableInput
        There is no such folder, or the video cannot be read.
    """
    if is_video(source) and not source.is_dir():
        return (yield from import_video(project, source, pace, cancel))
    own, tally = frames_folder(project), Tally()
    pictures = [file for file in find_images(source) if own not in file.absolute().parents]
    tally.add((yield from import_pictures(project, pictures, pace, cancel)))
    for video in find_videos(source):
        try:
            tally.add((yield from import_video(project, video, pace, cancel)))
        except UnreadableInput as error:
            tally.fail(video.name, error)
    return tally.report()


def import_pictures(
    project: Project,
    files: Sequence[Path],
    pace: Pace | None = None,
    cancel: CancelToken | None = None,
) -> Job:
    """Add pictures; what is there already changes nothing. Folders of frames become sequences."""
    cancel = cancel or CancelToken()
    tally = Tally()
    frames = frames_of(project, files, pace or Pace())
    for number, file in enumerate(files):
        cancel.check()
        yield Progress(number, len(files), file.name)
        try:
            project.add_image(file, frames.get(file))
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
    pace: Pace | None = None,
    cancel: CancelToken | None = None,
) -> Job:
    """Import a dataset file, a folder of such, a video, or a folder of pictures and videos.

    Raises
    ------
    UnreadableInput
        As `import_file` and `import_images`.
    UnknownFormat
        The folder holds neither.
    """
    if format_name is None and is_video(path) and not path.is_dir():
        return import_video(project, path, pace, cancel)
    if path.is_dir() and format_name is None and format_of(path) is None:
        if not find_images(path) and not find_videos(path):
            refuse_mistaken(path)
            raise UnknownFormat(
                f"{path} holds no pictures, and is no data set that is read as a folder",
                "Import its files one by one",
            )
        return import_images(project, path, pace, cancel)
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
    items = list(read(images))  # a file that is torn half way leaves nothing behind
    intake = _Intake(project, Source(f"{name}:{path.name}"), body)
    tally = Tally(notes=[each.text for each in items if isinstance(each, Note)])
    rows = [each for each in items if not isinstance(each, Note)]
    for start in range(0, len(rows), BATCH):
        some = []
        for number, row in enumerate(rows[start : start + BATCH], start):
            cancel.check()
            yield Progress(number, len(rows), row.name)
            try:
                if isinstance(row, Failure):
                    tally.fail(row.name, row.why)
                else:
                    intake.look(row.image)
                    some.append(row)
            except DiffAnnotError as error:
                tally.fail(row.name, error)
        intake.add(some, tally)
    return tally.report()


class _Intake:
    """Puts records into a project, many at a time; reads each picture once."""

    def __init__(self, project: Project, source: Source, body: "BodyModel | None") -> None:
        self._project = project
        self._source = source
        self._given = body
        self._images: dict[Path, int] = {}
        self._new: dict[Path, Picture] = {}
        self._joining = Joining()

    def look(self, image: Path) -> None:
        """Read a picture that was not read before.

        Raises
        ------
        UnreadableInput
            It is missing or none.
        """
        if image not in self._images and image not in self._new:
            self._new[image] = Picture.of(image)

    def add(self, records: Sequence[Record], tally: Tally) -> None:
        """Add the people of pictures that were looked at, in one write; name those who cannot."""
        boxed = [(record, box) for record in records if (box := self._try_box(record, tally))]
        thetas = self._thetas(boxed, tally)
        with self._project.batch():
            ids = self._project.add_pictures(list(self._new.values()))
            self._images.update(zip(self._new, ids, strict=True))
            self._new.clear()
            found = [
                Found(
                    self._images[one.image],
                    box,
                    one.keypoints,
                    one.track,
                    thetas.get(place),
                    one.joints,
                )
                for place, (one, box) in enumerate(boxed)
                if one.theta1 is None or place in thetas
            ]
            self._project.add_people(found, self._source, self._joining)
        tally.done += len(found)

    def _thetas(self, boxed: Sequence[tuple[Record, Box]], tally: Tally) -> dict[int, Parameters]:
        """Return the Θ1 of those who have one, moved to where they stand."""
        given = {n: one.theta1 for n, (one, _) in enumerate(boxed) if one.theta1 is not None}
        loose = {n: theta for n, theta in given.items() if not boxed[n][0].placed}
        if not loose:
            return given
        from core.formats.placing import places  # torch comes with it

        evidence = [Evidence(boxed[n][1], boxed[n][0].keypoints) for n in loose]
        found = places(list(loose.values()), evidence, self._body)
        for (n, theta), transl in zip(loose.items(), found, strict=True):
            try:
                given[n] = replace(theta, transl=transl)
            except InvalidAnnotation as error:
                tally.fail(boxed[n][0].name, error)
                del given[n]
        return given

    def _try_box(self, record: Record, tally: Tally) -> Box | None:
        try:
            return record.box or self._box(record)
        except DiffAnnotError as error:
            tally.fail(record.name, error)
            return None

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
