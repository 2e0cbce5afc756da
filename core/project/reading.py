"""Rows of the file as the values that a project hands out."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.evidence import Box, Evidence, Keypoints2D
from core.pose import Parameters
from core.project.blobs import unpack_keypoints, unpack_parameters, unpack_parts
from core.project.deciding import person_of
from core.project.schema import ImageTable, KeypointsTable, PersonTable, RunTable, Theta1Table
from core.project.values import ImageRow, Person, PersonRow, Run, Source, State
from core.trajectory import Suggestion, Trajectory


@dataclass(frozen=True)
class RunKey:
    """What makes a run, besides Θ1 and evidence: the same again would make the same run."""

    refiner: str
    weights_sha256: str
    seed: int
    steps: int
    body_sha256: str
    recommender: str = ""


def rows(session: Session) -> list[PersonRow]:
    """Return a light row per person, in the order of the images; reads no blob."""
    query = (
        select(
            PersonTable.id,
            ImageTable.id,
            ImageTable.path,
            PersonTable.number,
            PersonTable.state,
            RunTable.suggested_step,
            RunTable.expected_gain,
            RunTable.score,
            PersonTable.theta1_id,
            PersonTable.note,
        )
        .join(ImageTable, ImageTable.id == PersonTable.image_id)
        .outerjoin(RunTable, RunTable.id == PersonTable.run_id)
        .order_by(ImageTable.id, PersonTable.number)
    )
    return [
        PersonRow(*r[:4], State(r[4]), *r[5:8], r[8] is not None, r[9])
        for r in session.execute(query)
    ]


def empty_images(session: Session) -> list[ImageRow]:
    """Return the pictures without persons, in the order in which they were added."""
    query = select(ImageTable.id, ImageTable.path, ImageTable.sha256)
    taken = select(PersonTable.image_id)
    found = session.execute(query.where(ImageTable.id.not_in(taken)).order_by(ImageTable.id))
    return [ImageRow(*r) for r in found]


def person(session: Session, person_id: int, folder: Path) -> Person:
    """Return all that is known of a person; `folder` is where the project file lies."""
    row = person_of(session, person_id)
    run = None if row.run_id is None else session.get_one(RunTable, row.run_id)
    theta1 = None if row.theta1_id is None else session.get_one(Theta1Table, row.theta1_id)
    what = f"person {person_id}"
    light = PersonRow(
        row.id,
        row.image_id,
        row.image.path,
        row.number,
        State(row.state),
        run.suggested_step if run else None,
        run.expected_gain if run else None,
        run.score if run else None,
        theta1 is not None,
        row.note,
    )
    return Person(
        row=light,
        image_path=folder / row.image.path,
        image_sha256=row.image.sha256,
        width=row.image.width,
        height=row.image.height,
        evidence=Evidence(Box(row.x, row.y, row.width, row.height), _keypoints(session, person_id)),
        theta1=unpack_parameters(theta1.arrays, what)[0] if theta1 else None,
        theta1_id=row.theta1_id,
        source=Source(theta1.frontend, theta1.weights_sha256, theta1.detail) if theta1 else None,
        run=_run(run) if run else None,
        chosen_step=row.chosen_step,
    )


def curated(session: Session, person_id: int) -> Parameters | None:
    """Return the accepted step of the accepted run, or the accepted Θ1."""
    row = person_of(session, person_id)
    if row.state != State.ACCEPTED or row.chosen_step is None:
        return None
    if row.run_id is not None:
        return _run(session.get_one(RunTable, row.run_id)).trajectory.steps[row.chosen_step]
    theta1 = session.get_one(Theta1Table, row.theta1_id)
    return unpack_parameters(theta1.arrays, f"person {person_id}")[0]


def find_run(session: Session, theta1_id: int, key: RunKey) -> int | None:
    """Return the newest run of this make on this Θ1 with the evidence that counts now."""
    person_id = session.get_one(Theta1Table, theta1_id).person_id
    keypoints = newest_keypoints(session, person_id)
    query = select(RunTable.id).filter_by(
        theta1_id=theta1_id, keypoints_id=keypoints.id if keypoints else None, **vars(key)
    )
    return session.scalar(query.order_by(RunTable.id.desc()).limit(1))


def newest_keypoints(session: Session, person_id: int) -> KeypointsTable | None:
    """Return the 2D evidence that counts."""
    query = select(KeypointsTable).where(KeypointsTable.person_id == person_id)
    return session.scalar(query.order_by(KeypointsTable.id.desc()).limit(1))


def _keypoints(session: Session, person_id: int) -> Keypoints2D | None:
    row = newest_keypoints(session, person_id)
    what = f"person {person_id}"
    return unpack_keypoints(row.convention, row.table, what) if row else None


def _run(row: RunTable) -> Run:
    steps, extra = unpack_parameters(row.arrays, f"run {row.id}")
    return Run(
        id=row.id,
        trajectory=Trajectory(steps, extra["levels"], row.refiner),
        scores=extra["scores"],
        suggestion=Suggestion(
            row.suggested_step,
            row.expected_gain,
            row.reason,
            row.uncertainty,
            unpack_parts(row.parts, f"run {row.id}"),
            row.recommender,
        ),
        weights_sha256=row.weights_sha256,
        seed=row.seed,
        body_sha256=row.body_sha256,
    )
