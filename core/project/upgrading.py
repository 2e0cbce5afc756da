"""Project files of older versions, brought up to date when they are opened.

Statements are spelled out: the tables of `schema` will have moved on.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from core.project.blobs import unpack_parameters
from core.project.schema import SCHEMA_VERSION


def upgrade(connection: Connection, version: int) -> None:
    """Bring a file from a version to `SCHEMA_VERSION`, in the caller's transaction.

    Raises
    ------
    ProjectError
        Arrays of the file are damaged.
    """
    for old in range(version, SCHEMA_VERSION):
        _UPGRADES[old](connection)
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


_UPGRADES: dict[int, Callable[[Connection], None]] = {1: _gains_in_millimetres}
"""What brings a file of each version to the next."""
