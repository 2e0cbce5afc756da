"""A report on a project: one page of HTML that needs nothing else, and the same figures as JSON."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from core.formats.files import replacing
from core.progress import CancelToken, Progress
from core.project import Project

if TYPE_CHECKING:
    from core.body import BodyModel
    from core.report.gathering import Facts

SUFFIX = ".report.html"


def write_report(
    project: Project,
    out: Path,
    body: "BodyModel",
    truth: Path | None = None,
    cancel: CancelToken | None = None,
) -> Generator[Progress, None, "Facts"]:
    """Write the page and return what it says.

    Parameters
    ----------
    project : Project
        Nothing of it is changed.
    out : Path
        The page; what was there stays until the new one is whole.
    body : BodyModel
        Poses the annotations.
    truth : Path or None
        Npz with `joints` (P, 24, 3) of every person in the project's order, metres, camera frame.
    cancel : CancelToken or None
        Looked at between persons.

    Raises
    ------
    UnreadableInput, InvalidAnnotation
        The truth cannot be read, or is not of these persons.
    UnwritableOutput
        The page cannot be written.
    """
    from core.report.gathering import gather  # torch comes with it
    from core.report.page import page

    facts = yield from gather(project, body, truth, cancel or CancelToken())
    with replacing(out) as file:
        file.write(page(facts).encode())
    return facts
