"""Θ1 where it is missing, then a trajectory, its scores and a suggestion for every person."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.errors import DiffAnnotError, NoPersonFound, ProjectError
from core.frontends import Frontend
from core.images import read_image
from core.jobs.filming import track_people
from core.jobs.making import DEFAULTS, Engine, Made, Options, make, one_by_one
from core.jobs.report import Job, Report, Tally
from core.progress import CancelToken, Progress
from core.project import Person, PersonRow, Project, RunKey, Source, State
from core.refiners import Refiner

if TYPE_CHECKING:
    from core.body import BodyModel

NOBODY = "nobody found in the box"
"""Note of a person that the frontend could not see; the person can be placed by hand."""


def annotate(
    project: Project,
    frontend: Frontend,
    refiner: Refiner,
    body: "BodyModel",
    options: Options = DEFAULTS,
    cancel: CancelToken | None = None,
    engine: Engine | None = None,
) -> Job:
    """Annotate who is neither accepted nor rejected, finding people in images that have none.

    Work is kept person by person, and what was made by the same models and settings is not made
    again: a job that was stopped goes on where it was. What fails is named in the report.

    Parameters
    ----------
    project, frontend, refiner, body, options
        Where, and with what.
    cancel : CancelToken or None
        Looked at between pieces of work.
    engine : Engine or None
        Who computes; None means this process.

    Raises
    ------
    Cancelled
        Someone asked for a stop.
    ProjectError
        The project file cannot be read or written.
    """
    cancel = cancel or CancelToken()
    engine = engine or partial(one_by_one, frontend, refiner, body, options, cancel)
    tally = Tally()
    yield from _find_people(project, frontend, cancel, tally)
    track_people(project)
    undecided = (State.UNDECIDED, State.FLAGGED, State.SECOND_OPINION)
    rows = [row for row in project.rows() if row.state in undecided]
    key = _key(refiner, body, options)
    before = len(tally.failures)
    yield Progress(0, len(rows), "starting")
    for person, outcome in engine(_unmade(project, rows, frontend, key, tally)):
        cancel.check()
        if isinstance(outcome, Made):
            _keep(project, person, outcome, frontend, key)
            tally.done += 1
        else:
            _note(project, person, outcome)
            tally.fail(person.row.name, outcome)
        through = tally.done + tally.skipped + len(tally.failures) - before
        yield Progress(through, len(rows), person.row.name)
    return tally.report()


def annotate_person(
    project: Project,
    person_id: int,
    frontend: Frontend,
    refiner: Refiner,
    body: "BodyModel",
    options: Options = DEFAULTS,
    cancel: CancelToken | None = None,
) -> Job:
    """Annotate one person; skipped where the same was done before.

    Raises
    ------
    Cancelled
        Someone asked for a stop.
    NoPersonFound
        The frontend saw nobody; the person's note says so.
    UnreadableInput
        The picture is missing or torn.
    """
    person = _fresh(project.person(person_id), frontend)
    key = _key(refiner, body, options)
    if person.theta1_id is not None and project.find_run(person.theta1_id, key) is not None:
        return Report(skipped=1)
    try:
        made = yield from make(person, frontend, refiner, body, options, cancel or CancelToken())
    except NoPersonFound as error:
        _note(project, person, error)
        raise
    _keep(project, person, made, frontend, key)
    return Report(done=1)


def _key(refiner: Refiner, body: "BodyModel", options: Options) -> RunKey:
    made_by = options.load_recommender(body).made_by
    return RunKey(
        refiner.name, refiner.weights_sha256, options.seed, options.steps, body.sha256, made_by
    )


def _unmade(
    project: Project, rows: list[PersonRow], frontend: Frontend, key: RunKey, tally: Tally
) -> Iterator[Person]:
    """Yield the persons that lack this run; the others are counted as skipped."""
    for row in rows:
        person = _fresh(project.person(row.id), frontend)
        if person.theta1_id is not None and project.find_run(person.theta1_id, key) is not None:
            tally.skipped += 1
        else:
            yield person


def _fresh(person: Person, frontend: Frontend) -> Person:
    """Forget what this frontend found in another box than the one that counts."""
    by_it = person.source is not None and person.source.frontend == frontend.name
    if not (person.looked_elsewhere and by_it):
        return person
    kept = None if person.keypoints_source == frontend.name else person.evidence.keypoints
    evidence = replace(person.evidence, keypoints=kept)
    return replace(person, theta1=None, theta1_id=None, evidence=evidence)


def _find_people(project: Project, frontend: Frontend, cancel: CancelToken, tally: Tally) -> Job:
    """Add the people of images that have none."""
    empty = project.empty_images()
    for number, image in enumerate(empty):
        cancel.check()
        path = project.path.parent / image.path
        yield Progress(number, len(empty), f"looking for people in {path.name}")
        try:
            boxes = frontend.detect(read_image(path, image.sha256))
        except DiffAnnotError as error:
            tally.fail(path.name, error)
            continue
        if not boxes:
            tally.fail(path.name, "nobody found; draw a box in the window")
        with project.batch():
            for box in boxes:
                project.add_person(image.id, box)
    return Report()


def _keep(project: Project, person: Person, made: Made, frontend: Frontend, key: RunKey) -> None:
    """Put what was made into the project, all of it or nothing.

    Nothing where box, keypoints or joints are others meanwhile: it was not made for them.
    """
    theta1_id = person.theta1_id
    with project.batch():
        now = project.person(person.row.id)
        before, after = (
            (one.evidence.box, one.keypoints_id, one.joints_id) for one in (person, now)
        )
        if before != after:
            return
        if made.rough is not None:
            if person.evidence.keypoints is None and made.rough.keypoints is not None:
                found = made.rough.keypoints
                project.add_keypoints(person.row.id, found, frontend.name, in_box=True)
            source = Source(frontend.name, frontend.weights_sha256)
            theta1_id = project.add_theta1(person.row.id, made.rough.theta1, source, in_box=True)
            if person.row.note == NOBODY:
                project.set_note(person.row.id, "")
        if theta1_id is None:
            raise ProjectError(f"{person.row.name} has a trajectory and no rough annotation")
        if project.find_run(theta1_id, key) is not None:  # another program was sooner
            return
        project.add_run(
            person.row.id,
            theta1_id,
            made.trajectory,
            made.scores,
            made.suggestion,
            key.weights_sha256,
            key.seed,
            key.body_sha256,
        )


def _note(project: Project, person: Person, error: DiffAnnotError) -> None:
    if isinstance(error, NoPersonFound):
        project.set_note(person.row.id, NOBODY)
