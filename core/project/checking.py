"""What a decision must fit before it is written: persons, runs, steps, evidence."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from core.errors import ProjectError
from core.project.decisions import (
    Accept,
    AcceptTheta1,
    AddPerson,
    MoveKeypoint,
    Pick,
    Place,
    Single,
)
from core.project.many import rows_of
from core.project.schema import ImageTable, KeypointsTable, PersonTable, RunTable, Theta1Table


def check(session: Session, decisions: Sequence[Single]) -> None:
    """Refuse decisions that cannot be.

    Raises
    ------
    ProjectError
        There is no such person, run, step, rough annotation or keypoint.
    """
    known = _found(session, select(PersonTable.id), [one.person_id for one in decisions])
    for decision in decisions:
        if decision.person_id not in known and not isinstance(decision, AddPerson):
            raise ProjectError(f"The project has no person {decision.person_id}")
        _check_one(session, decision)
    _check_runs(session, [one for one in decisions if isinstance(one, Accept | Pick)])


def _check_runs(session: Session, decisions: Sequence[Accept | Pick]) -> None:
    query = select(RunTable.id, RunTable.person_id, RunTable.steps)
    runs = _found(session, query, [one.run_id for one in decisions])
    for one in decisions:
        run = runs.get(one.run_id)
        if run is None or run.person_id != one.person_id:
            raise ProjectError(f"Person {one.person_id} has no run {one.run_id}")
        for step in (one.step, *one.parts.values()):
            if not 0 <= step <= run.steps:
                raise ProjectError(f"Step {step} is outside 0..{run.steps}")


def _check_one(session: Session, decision: Single) -> None:
    match decision:
        case AcceptTheta1():
            theta1_of(session, decision.person_id, decision.theta1_id)
        case Place():
            if decision.parameters.batch:
                raise ProjectError("Only one annotation can be placed at a time")
        case AddPerson():
            image_of(session, decision.image_id)
            if session.get(PersonTable, decision.person_id) is not None:
                raise ProjectError(f"There is a person {decision.person_id} already")
        case MoveKeypoint():
            _check_keypoint(session, decision)


def _check_keypoint(session: Session, decision: MoveKeypoint) -> None:
    keypoints = session.get(KeypointsTable, decision.keypoints_id)
    if keypoints is None or keypoints.person_id != decision.person_id:
        raise ProjectError(f"Person {decision.person_id} has no keypoints {decision.keypoints_id}")
    count = len(keypoints.table) // 12  # x, y and confidence in float32
    if not 0 <= decision.index < count:
        raise ProjectError(f"Keypoint {decision.index} is outside 0..{count - 1}")


def image_of(session: Session, image_id: int) -> ImageTable:
    """Return a picture's row, or say that there is none."""
    image = session.get(ImageTable, image_id)
    if image is None:
        raise ProjectError(f"The project has no image {image_id}")
    return image


def theta1_of(session: Session, person_id: int, theta1_id: int) -> Theta1Table:
    """Return a rough annotation of this very person."""
    theta1 = session.get(Theta1Table, theta1_id)
    if theta1 is None or theta1.person_id != person_id:
        raise ProjectError(f"Person {person_id} has no rough annotation {theta1_id}")
    return theta1


def person_of(session: Session, person_id: int) -> PersonTable:
    """Return a person's row, or say that there is none."""
    person = session.get(PersonTable, person_id)
    if person is None:
        raise ProjectError(f"The project has no person {person_id}")
    return person


def _found(
    session: Session, query: "Select[*tuple[Any, ...]]", ids: Sequence[int]
) -> dict[int, Row[Any]]:
    """Ask for rows by their first column, and return them by it."""
    return {row[0]: row for row in rows_of(session, query, query.selected_columns[0], ids)}
