"""Θ1 where it is missing, then a trajectory, its scores and a suggestion for every person."""

from dataclasses import dataclass, field

from core.body import BodyModel
from core.errors import DiffAnnotError, NoPersonFound
from core.frontends import Frontend
from core.images import read_image
from core.jobs.report import Job, Report
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Person, Project, RunKey, Source, State
from core.refiners import DEFAULT_STEPS, Refiner
from core.suggest import score, suggest

NOBODY = "nobody found in the box"
"""Note of a person that the frontend could not see; the person can be placed by hand."""


@dataclass(frozen=True)
class Annotator:
    """The models of a run and their settings.

    Parameters
    ----------
    frontend : Frontend
        Gives Θ1.
    refiner : Refiner
        Gives trajectories.
    body : BodyModel
        Poses the steps for their scores.
    steps : int
        N; a trajectory has N+1 steps.
    seed : int
        Of every random draw.
    """

    frontend: Frontend
    refiner: Refiner
    body: BodyModel
    steps: int = DEFAULT_STEPS
    seed: int = 0

    @property
    def key(self) -> RunKey:
        """What makes the runs of this annotator."""
        return RunKey(
            self.refiner.name,
            self.refiner.weights_sha256,
            self.seed,
            self.steps,
            self.body.sha256,
        )


@dataclass
class _Tally:
    done: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)


def annotate(project: Project, annotator: Annotator, cancel: CancelToken | None = None) -> Job:
    """Annotate every undecided person, finding people first in images that have none.

    Work is kept person by person, and what was made by the same models and settings is not made
    again: a job that was stopped goes on where it was.

    Raises
    ------
    Cancelled
        Someone asked for a stop.
    ProjectError
        The project file cannot be read or written.
    """
    cancel = cancel or CancelToken()
    tally = _Tally()
    yield from _find_people(project, annotator.frontend, cancel, tally)
    rows = [row for row in project.rows() if row.state in (State.UNDECIDED, State.FLAGGED)]
    for number, row in enumerate(rows):
        cancel.check()
        yield Progress(number, len(rows), f"{row.image} person {row.number}")
        try:
            if annotate_person(project, row.id, annotator):
                tally.done += 1
            else:
                tally.skipped += 1
        except DiffAnnotError as error:
            tally.failures.append(f"{row.image} person {row.number}: {error}")
    yield Progress(len(rows), len(rows), "done")
    return Report(tally.done, tally.skipped, tuple(tally.failures))


def annotate_person(project: Project, person_id: int, annotator: Annotator) -> bool:
    """Annotate one person; False where the same annotator has done it before.

    Raises
    ------
    NoPersonFound
        The frontend saw nobody; the person's note says so.
    UnreadableInput
        The picture is missing or torn.
    """
    person = project.person(person_id)
    theta1, theta1_id = person.theta1, person.theta1_id
    if theta1 is None or theta1_id is None:
        theta1, theta1_id = _look(project, person, annotator.frontend)
        person = project.person(person_id)
    if project.find_run(theta1_id, annotator.key) is not None:
        return False
    trajectory = annotator.refiner.trajectory(
        theta1, person.evidence, annotator.steps, annotator.seed
    )
    scores = score(trajectory, person.evidence, annotator.body)
    project.add_run(
        person_id,
        theta1_id,
        trajectory,
        scores,
        suggest(scores),
        annotator.refiner.weights_sha256,
        annotator.seed,
        annotator.body.sha256,
    )
    return True


def _find_people(project: Project, frontend: Frontend, cancel: CancelToken, tally: _Tally) -> Job:
    """Add the people of images that have none."""
    empty = [image_id for image_id in project.image_ids() if not project.person_ids(image_id)]
    for number, image_id in enumerate(empty):
        cancel.check()
        path = project.image_path(image_id)
        yield Progress(number, len(empty), f"looking for people in {path.name}")
        try:
            boxes = frontend.detect(read_image(path))
        except DiffAnnotError as error:
            tally.failures.append(f"{path.name}: {error}")
            continue
        if not boxes:
            tally.failures.append(f"{path.name}: nobody found; draw a box in the window")
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
