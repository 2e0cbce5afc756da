"""Whatever a person points at, into a project that is there or is made for it."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Cancelled, DiffAnnotError, UnknownFormat
from core.images import is_picture
from core.jobs.importing import import_any, import_pictures
from core.jobs.report import Job, Report, Tally
from core.progress import CancelToken, Progress
from core.project import SUFFIX, Project

if TYPE_CHECKING:
    from core.body import BodyModel


@dataclass(frozen=True)
class Arrived:
    """What has come into a project.

    Parameters
    ----------
    project : Path
        Which.
    pictures, persons : int
        How many are new.
    failures : tuple of str
        One line for each item that failed: its name and why.
    unknown : tuple of str
        Names of files and folders that hold nothing to import.
    stopped : bool
        Whether somebody called it off; what came by then is kept.
    is_there : bool
        Whether there is such a project; none is made for nothing.
    """

    project: Path
    pictures: int
    persons: int
    failures: tuple[str, ...]
    unknown: tuple[str, ...]
    stopped: bool
    is_there: bool


Arriving = Generator[Progress, None, Arrived]
"""The job: iterate it for progress; its return value is what has come."""


def project_for(sources: Sequence[Path]) -> Path:
    """Return where the project of some files goes: beside a folder or a dataset, among pictures."""
    one = sources[0]
    if len(sources) == 1 and one.is_dir():
        return one.with_name(one.name + SUFFIX)
    if len(sources) == 1 and not is_picture(one):
        return one.with_suffix(SUFFIX)
    return one.parent / f"{one.parent.name or 'pictures'}{SUFFIX}"


def arrive(
    sources: Sequence[Path],
    path: Path,
    body: "BodyModel | None" = None,
    cancel: CancelToken | None = None,
) -> Arriving:
    """Import pictures, folders and dataset files; a project that is missing is made.

    Being called off is no error here, so that what came by then can be told.

    Parameters
    ----------
    sources : sequence of Path
        What `import_any` takes, and single pictures.
    path : Path
        The project; never replaced.
    body : BodyModel or None
        As `import_any` takes it.
    cancel : CancelToken or None
        Looked at between pictures and persons.

    Raises
    ------
    ProjectError
        The project cannot be made, opened or written.
    """
    made, stopped = not path.exists(), False
    tally, unknown = Tally(), list[str]()
    with Project.create(path) if made else Project.open(path) as project:
        before = _size(project)
        try:
            for name, job in _jobs(project, sources, body, cancel):
                try:
                    report = yield from job
                    tally.add(report)
                    if report == Report():
                        unknown.append(name)
                except UnknownFormat:
                    unknown.append(name)
        except Cancelled:
            stopped = True
        pictures, persons = (now - then for now, then in zip(_size(project), before, strict=True))
    empty = made and not pictures
    if empty:
        path.unlink()
    left_out = tuple(tally.failures), tuple(unknown)
    return Arrived(path, pictures, persons, *left_out, stopped, not empty)


def _jobs(
    project: Project,
    sources: Sequence[Path],
    body: "BodyModel | None",
    cancel: CancelToken | None,
) -> Generator[tuple[str, Job], None, None]:
    pictures = [each for each in sources if is_picture(each) and not each.is_dir()]
    if pictures:
        yield pictures[0].name, import_pictures(project, pictures, cancel=cancel)
    for each in sources:
        if each not in pictures:
            yield each.name, _import(project, each, body, cancel)


def _import(
    project: Project, source: Path, body: "BodyModel | None", cancel: CancelToken | None
) -> Job:
    """Import one source; where that fails as a whole, the others are imported all the same."""
    tally = Tally()
    try:
        # in here, because to look what it is may fail
        return (yield from import_any(project, source, body=body, cancel=cancel))
    except (Cancelled, UnknownFormat):
        raise
    except DiffAnnotError as error:
        tally.fail(source.name, error)
    return tally.report()


def _size(project: Project) -> tuple[int, int]:
    return len(project.images()), len(project.rows())
