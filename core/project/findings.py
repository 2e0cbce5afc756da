"""What machines find of one person and make of it: keypoints, rough annotations, runs."""

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.evidence import Keypoints2D
from core.pose import Parameters
from core.project import reading
from core.project.apart import disagreement
from core.project.blobs import pack_known, pack_parameters, pack_parts
from core.project.checking import person_of, theta1_of
from core.project.schema import KeypointsTable, RunTable, Theta1Table
from core.project.standing import refresh
from core.project.values import Source
from core.trajectory import Suggestion, Trajectory


def add_keypoints(
    session: Session, person_id: int, keypoints: Keypoints2D, source: str, in_box: bool
) -> None:
    """Add 2D evidence: see `Project.add_keypoints`."""
    person_of(session, person_id)
    table = pack_known(keypoints)
    newest = reading.keypoints_of(session, person_id)
    if newest and (newest.convention, newest.table) == (keypoints.convention, table):
        return
    session.add(
        KeypointsTable(
            person_id=person_id,
            source=source,
            convention=keypoints.convention,
            journal_id=reading.box_mover(session, person_id) if in_box else None,
            table=table,
        )
    )
    refresh(session, [person_id])


def add_theta1(
    session: Session, person_id: int, parameters: Parameters, source: Source, in_box: bool
) -> int:
    """Add a rough annotation, or find it: see `Project.add_theta1`."""
    arrays = pack_parameters(parameters)
    person_of(session, person_id)
    mover = reading.box_mover(session, person_id) if in_box else None
    known = session.scalar(
        select(Theta1Table.id).where(
            Theta1Table.person_id == person_id,
            Theta1Table.frontend == source.frontend,
            Theta1Table.arrays == arrays,
            Theta1Table.journal_id == mover,
        )
    )
    if known is not None:
        return known
    values = {"journal_id": mover, "arrays": arrays, **vars(source)}
    theta1 = Theta1Table(person_id=person_id, **values)
    session.add(theta1)
    refresh(session, [person_id])
    return theta1.id


def add_run(
    session: Session,
    time: str,
    person_id: int,
    theta1_id: int,
    trajectory: Trajectory,
    scores: NDArray[np.float32],
    suggestion: Suggestion,
    weights_sha256: str,
    seed: int,
    body_sha256: str,
) -> int:
    """Add a trajectory from a Θ1, by the evidence that counts: see `Project.add_run`."""
    person_of(session, person_id)
    theta1_of(session, person_id, theta1_id)
    keypoints = reading.keypoints_of(session, person_id)
    score = float(scores[0])
    run = RunTable(
        person_id=person_id,
        theta1_id=theta1_id,
        keypoints_id=keypoints.id if keypoints else None,
        joints_id=reading.joints_of(session, [person_id]).get(person_id),
        time=time,
        refiner=trajectory.refiner,
        weights_sha256=weights_sha256,
        seed=seed,
        body_sha256=body_sha256,
        steps=len(trajectory) - 1,
        suggested_step=suggestion.step,
        # SQLite keeps NaN as NULL; without keypoints there is nothing to gain
        expected_gain=float(np.nan_to_num(suggestion.expected_gain)),
        uncertainty=float(np.nan_to_num(suggestion.uncertainty)),
        reason=suggestion.reason,
        parts=pack_parts(suggestion.parts),
        recommender=suggestion.by,
        score=score if np.isfinite(score) else None,
        disagreement=disagreement(session, theta1_id, trajectory.steps[suggestion.step]),
        arrays=pack_parameters(trajectory.steps, {"levels": trajectory.levels, "scores": scores}),
    )
    session.add(run)
    refresh(session, [person_id])
    return run.id
