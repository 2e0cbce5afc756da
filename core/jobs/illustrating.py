"""Figures and movies out of a project."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ProjectError, UnreadableInput, UnwritableOutput
from core.figures import DEFAULT_FIGURE, MOVIE, Style, kind_of, module_for
from core.figures.subject import Subject, subject_of
from core.formats.entries import Chosen
from core.jobs.report import Job, Report
from core.progress import Progress
from core.project import PersonRow, Project
from core.render import Renderer
from core.truth import read_joints

if TYPE_CHECKING:
    from core.body import BodyModel

UNLESS_NAMED = 5
"""Persons in a comparison for which none are named."""


def illustrate(
    project: Project,
    out: Path,
    figure: str = DEFAULT_FIGURE,
    persons: Sequence[int] = (),
    chosen: Chosen | None = None,
    style: Style | None = None,
    body: "BodyModel | None" = None,
    truth: Path | None = None,
) -> Job:
    """Write a figure (.png, .svg, .pdf), or a movie of the denoising (.gif, .mp4).

    Where it is from stands in the file's metadata: project, journal head, and for each person
    frontend, refiner and step. What was there stays until the new one is whole.

    Parameters
    ----------
    project : Project
        Where the persons are.
    out : Path
        File to write.
    figure : str
        Key of `core.figures.FIGURES`; a movie needs none.
    persons : sequence of int
        Who is shown, in this order; none takes the first who are `chosen` and have a trajectory.
    chosen : Chosen or None
        None takes those who are accepted.
    style : Style or None
        How it looks.
    body : BodyModel or None
        None takes the open body.
    truth : Path or None
        Where the joints truly are, for the curve; see `core.truth`.

    Raises
    ------
    UnreadableInput, InvalidAnnotation
        There is no such figure, the file's ending is none of a figure's, or these are too many.
    ProjectError
        Somebody who is named, or everybody, has no trajectory.
    UnwritableOutput
        The file cannot be written.
    """
    if not out.absolute().parent.is_dir():
        raise UnwritableOutput(f"{out} cannot be written: there is no folder {out.parent}")
    yield Progress(0, 0, "reading")
    module, style = module_for(out, figure), style or Style()  # matplotlib or PyAV comes with it
    from core.body import load_body  # and torch with these
    from core.figures.studio import Studio

    joints = {} if truth is None else _truth(project, truth)
    subjects = _subjects(project, persons, chosen or Chosen(), module.MOST, joints)
    is_movie = kind_of(out) == MOVIE
    made = _provenance(project, MOVIE if is_movie else figure, subjects)
    with Renderer() as renderer:
        studio = Studio(body or load_body(), renderer)
        if is_movie:
            yield from module.write(out, subjects[0], studio, style, made)
        else:
            from core.figures.page import look

            with look():
                page = yield from module.draw(subjects, studio, style)
                page.save(out, f"{figure}, {project.path.stem}", made, style.transparent)
    return Report(len(subjects))


def _subjects(
    project: Project,
    persons: Sequence[int],
    chosen: Chosen,
    most: int,
    truth: dict[int, NDArray[np.floating]],
) -> list[Subject]:
    if len(persons) > most:
        raise UnreadableInput(f"The figure holds {most} at most, not {len(persons)} persons")
    if persons:
        named = [project.person(person_id) for person_id in persons]
        return [subject_of(person, truth.get(person.row.id)) for person in named]
    few = most if most > MANY else min(most, UNLESS_NAMED)
    found = []
    for row in project.rows():
        if _is_chosen(row, chosen) and row.run_id is not None:
            found.append(subject_of(project.person(row.id), truth.get(row.id)))
            if len(found) == few:
                break
    if not found:
        tagged = f" and tagged {' '.join(chosen.tags)}" if chosen.tags else ""
        raise ProjectError(
            f"Nothing to draw: no person of {project.path.name} is {chosen.state}{tagged} "
            "and has a trajectory",
            "Accept somebody, or name persons or another status",
        )
    return found


def _truth(project: Project, path: Path) -> dict[int, NDArray[np.floating]]:
    ids = [row.id for row in project.rows()]
    return dict(zip(ids, read_joints(path, len(ids)), strict=True))


MANY = 100
"""A figure that holds more takes all."""


def _is_chosen(row: PersonRow, chosen: Chosen) -> bool:
    return row.state is chosen.state and set(chosen.tags) <= set(row.tags)


def _provenance(project: Project, figure: str, subjects: Sequence[Subject]) -> dict[str, Any]:
    journal = project.journal()
    return {
        "software": f"diffannot {version('diffannot')}",
        "project": project.path.name,
        "journal_head": journal[-1].id if journal else 0,
        "figure": figure,
        "persons": [subject.provenance() for subject in subjects],
    }
