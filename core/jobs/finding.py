"""Pictures that are not where the project says: which, and where they are now."""

import os
from pathlib import Path

from core.errors import UnreadableInput
from core.images import file_sha256, find_images
from core.jobs.report import Job, Tally
from core.progress import CancelToken, Progress
from core.project import ImageRow, Project


def missing_pictures(project: Project, cancel: CancelToken | None = None) -> list[ImageRow]:
    """Return the pictures that are not where they should be."""
    cancel = cancel or CancelToken()
    missing = []
    for each in project.images():
        cancel.check()
        if not os.path.isfile(_place(project, each)):  # noqa: PTH113 - pathlib's may raise
            missing.append(each)
    return missing


def find_pictures(project: Project, folder: Path, cancel: CancelToken | None = None) -> Job:
    """Find missing pictures in a folder and below, by their content; write down where they are.

    Files with the names that are looked for come first, so that a folder which has only moved is
    not read to its end. Another picture of the same name is not taken for the one that is missing.

    Raises
    ------
    UnreadableInput
        There is no such folder.
    """
    cancel = cancel or CancelToken()
    lost = missing_pictures(project, cancel)
    known = {_place(project, each) for each in project.images()}
    names = {Path(each.path).name for each in lost}
    files = [each for each in find_images(folder) if os.path.abspath(each) not in known]  # noqa: PTH100
    files.sort(key=lambda file: file.name not in names)
    tally = Tally()
    for number, file in enumerate(files):
        if not lost:
            break
        cancel.check()
        yield Progress(number, len(files), file.name)
        try:
            digest = file_sha256(file)
        except UnreadableInput:
            continue
        same = [each for each in lost if each.sha256 == digest]
        if same:
            found = next((each for each in same if Path(each.path).name == file.name), same[0])
            project.move_image(found.id, file)
            lost.remove(found)
            tally.done += 1
    for each in lost:
        tally.fail(Path(each.path).name, f"not in {folder}")
    return tally.report()


def _place(project: Project, image: ImageRow) -> str:
    return os.path.abspath(project.path.parent / image.path)  # noqa: PTH100 - resolve may raise
