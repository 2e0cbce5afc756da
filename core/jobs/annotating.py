"""Θ1 where it is missing, then a trajectory, its scores and a suggestion for every person."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import Cancelled, DiffAnnotError, NoPersonFound
from core.frontends import Frontend
from core.images import read_image
from core.jobs.report import Job, Report, Tally, finish
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Person, Project, RunKey, Source, State
from core.refiners import DEFAULT_STEPS, Refiner

if TYPE_CHECKING:
    from core.body import BodyModel

NOBODY = "nobody found in the box"
"""Note of a person that the frontend could not see; the person can be placed by hand."""


@dataclass(frozen=True)
class Options:
    """Settings of a run.

    Parameters
    ----------
    steps : int
        N; a trajectory has N+1 steps.
    seed : int
        Of every random draw.
    """

    steps: int = DEFAULT_STEPS
    seed: int = 0


DEFAULTS = Options()


def annotate(
    project: Project,
    frontend: Frontend,
    refiner: Refiner,
    body: "BodyModel",
    options: Options = DEFAULTS,
    cancel: CancelToken | None = None,
) -> Job:
    """Annotate every undecided or flagged person, finding people in images that have none.

    Work is kept person by person, and what was made by the same models and settings is not made
    again: a job that was stopped goes on where it was. What fails is named in the report.

    Raises
    ------
    Cancelled
        Someone asked for a stop.
    ProjectError
        The project file cannot be read.
    """
    cancel = cancel or CancelToken()
    tally = Tally()
    yield from _find_people(project, frontend, cancel, tally)
    rows = [row for row in project.rows() if row.state in (State.UNDECIDED, State.FLAGGED)]
    for number, row in enumerate(rows):
        yield Progress(number, len(rows), row.name)
        try:
            job = annotate_person(project, row.id, frontend, refiner, body, options, cancel)
            tally.add(finish(job))
        except Cancelled:
            raise
        except DiffAnnotError as error:
            tally.fail(row.name, error)
    yield Progress(len(rows), len(rows), "done")
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
    from core.suggest import score, suggest  # torch comes with it

    cancel = cancel or CancelToken()
    cancel.check()
    person = project.person(person_id)
    theta1, theta1_id = person.theta1, person.theta1_id
    if theta1 is None or theta1_id is None:
        yield Progress(0, 3, f"looking at {person.row.name}")
        theta1, theta1_id = _look(project, person, frontend)
        person = project.person(person_id)
    key = RunKey(refiner.name, refiner.weights_sha256, options.seed, options.steps, body.sha256)
    if project.find_run(theta1_id, key) is not None:
        return Report(skipped=1)
    cancel.check()
    yield Progress(1, 3, f"refining {person.row.name}")
    trajectory = refiner.trajectory(theta1, person.evidence, options.steps, options.seed)
    cancel.check()
    yield Progress(2, 3, f"scoring {person.row.name}")
    scores = score(trajectory, person.evidence, body)
    project.add_run(
        person_id,
        theta1_id,
        trajectory,
        scores,
        suggest(scores),
        refiner.weights_sha256,
        options.seed,
        body.sha256,
    )
    return Report(done=1)


def _find_people(project: Project, frontend: Frontend, cancel: CancelToken, tally: Tally) -> Job:
    """Add the people of images that have none."""
    empty = [image_id for image_id in project.image_ids() if not project.person_ids(image_id)]
    for number, image_id in enumerate(empty):
        cancel.check()
        path = project.image_path(image_id)
        yield Progress(number, len(empty), f"looking for people in {path.name}")
        try:
            boxes = frontend.detect(read_image(path))
        except DiffAnnotError as error:
            tally.fail(path.name, error)
            continue
        if not boxes:
            tally.fail(path.name, "nobody found; draw a box in the window")
        with project.batch():
            for box in boxes:
                project.add_person(image_id, box)
    return Report()


def _look(project: Project, person: Person, frontend: Frontend) -> tuple[Parameters, int]:
    """Let the frontend say Θ1, and keep its keypoints where there are none yet."""
    image = read_image(person.image_path)
    given = person.evidence.keypoints
    try:
        rough = frontend.annotate(image, person.evidence.box, given)
    except NoPersonFound:
        project.set_note(person.row.id, NOBODY)
        raise
    with project.batch():
        if given is None and rough.keypoints is not None:
            project.add_keypoints(person.row.id, rough.keypoints, frontend.name)
        source = Source(frontend.name, frontend.weights_sha256)
        theta1_id = project.add_theta1(person.row.id, rough.theta1, source)
        if person.row.note == NOBODY:
            project.set_note(person.row.id, "")
    return rough.theta1, theta1_id
