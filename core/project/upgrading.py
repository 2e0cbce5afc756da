"""Project files of older versions, brought up to date when they are opened.

Statements are spelled out: the tables of `schema` will have moved on.
"""

from collections.abc import Callable

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from core.project.blobs import unpack_parameters
from core.project.schema import SCHEMA_VERSION, Base, PersonTable
from core.project.standing import refresh


def upgrade(session: Session, version: int) -> None:
    """Bring a file from a version to `SCHEMA_VERSION`, in the caller's transaction.

    Raises
    ------
    ProjectError
        Arrays of the file are damaged.
    """
    connection = session.connection()
    for old in range(version, SCHEMA_VERSION):
        _UPGRADES[old](connection)
    Base.metadata.create_all(connection)  # tables that are new come by themselves
    refresh(session, list(session.scalars(select(PersonTable.id))))
    connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")


def _gains_in_millimetres(connection: Connection) -> None:
    """Version 2: gains have an uncertainty and are in mm, no longer shares of the box side."""
    connection.exec_driver_sql("ALTER TABLE run ADD COLUMN uncertainty FLOAT NOT NULL DEFAULT 0")
    connection.exec_driver_sql("ALTER TABLE run ADD COLUMN parts VARCHAR NOT NULL DEFAULT '[]'")
    connection.exec_driver_sql(
        "ALTER TABLE run ADD COLUMN recommender VARCHAR NOT NULL DEFAULT 'held-out'"
    )
    found = connection.exec_driver_sql(
        "SELECT run.id, run.expected_gain, max(person.width, person.height), run.arrays "
        "FROM run JOIN person ON person.id = run.person_id WHERE run.expected_gain != 0"
    )
    for run_id, share, side, arrays in found.all():
        steps, _ = unpack_parameters(arrays, f"run {run_id}")
        gain = 1000 * share * side * float(steps.transl[0, 2]) / steps.camera.focal
        connection.exec_driver_sql("UPDATE run SET expected_gain=? WHERE id=?", (gain, run_id))


def _every_edit_is_a_decision(connection: Connection) -> None:
    """Version 3: what follows from picks, tags, notes, moved boxes and keypoints, and verdicts."""
    for column in (
        "person ADD COLUMN journal_id INTEGER",
        "person ADD COLUMN given_box VARCHAR",
        "person ADD COLUMN keypoints_id INTEGER",
        "person ADD COLUMN chosen_parts VARCHAR",
        "person ADD COLUMN decided_by VARCHAR",
        "person ADD COLUMN decided_at VARCHAR",
        "person ADD COLUMN tags VARCHAR NOT NULL DEFAULT ''",
        "person ADD COLUMN remark VARCHAR NOT NULL DEFAULT ''",
        "person ADD COLUMN disputed BOOLEAN NOT NULL DEFAULT 0",
        "person ADD COLUMN removed BOOLEAN NOT NULL DEFAULT 0",
        "keypoints ADD COLUMN journal_id INTEGER",
        "run ADD COLUMN disagreement FLOAT",
    ):
        connection.exec_driver_sql(f"ALTER TABLE {column}")


def _pictures_are_frames(connection: Connection) -> None:
    """Version 4: pictures may be frames of a sequence, and tracks are changed by hand."""
    for column in (
        "image ADD COLUMN sequence_id INTEGER",
        "image ADD COLUMN frame INTEGER",
        "image ADD COLUMN time FLOAT",
        "person ADD COLUMN given_track VARCHAR",
    ):
        connection.exec_driver_sql(f"ALTER TABLE {column}")


def _joints_are_evidence(connection: Connection) -> None:
    """Version 5: runs name the joints in space that led them."""
    connection.exec_driver_sql("ALTER TABLE run ADD COLUMN joints_id INTEGER")


_UPGRADES: dict[int, Callable[[Connection], None]] = {
    1: _gains_in_millimetres,
    2: _every_edit_is_a_decision,
    3: _pictures_are_frames,
    4: _joints_are_evidence,
}
"""What brings a file of each version to the next."""
