"""The SQLite file under a project: opened, checked, and its failures put in words.

One file at rest: rollback journal, not WAL. `synchronous=EXTRA` is FULL and also syncs the folder
after the rollback journal is gone, so a commit that has returned survives a power cut.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.errors import ProjectError
from core.project.schema import APPLICATION_ID, SCHEMA_VERSION, Base
from core.project.upgrading import upgrade

BUSY_SECONDS = 20.0
"""How long a write waits for others that write; SQLite is not fair where the disk is slow."""


class Store:
    """One connection to a project file.

    Parameters
    ----------
    path : Path
        An existing project file, checked on opening.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)
        # the write lock is taken at the start, so that what a decision looked at still holds
        self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        self._batch: Session | None = None

    @classmethod
    def create(cls, path: Path) -> "Store":
        """Make a new project file."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(exist_ok=False)
        except FileExistsError as error:
            raise ProjectError(f"{path} is there already", "Choose another name") from error
        except OSError as error:
            raise ProjectError(f"{path} cannot be made: {error.strerror}") from error
        store = cls(path)
        try:
            with store.write() as session:
                connection = session.connection()
                connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
                connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
                Base.metadata.create_all(connection)
        except ProjectError:
            store.close()
            path.unlink()
            raise
        return store

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Open a project file, bring an older one up to date; refuse what is newer or torn."""
        # SQLite does the looking: to open and close the file here would drop the locks that
        # another connection of this process holds (sqlite.org/howtocorrupt.html, 2.2)
        if not path.is_file():
            raise ProjectError(f"There is no project {path}", "Make one with diffannot new")
        store = cls(path)
        try:
            store._check()
        except ProjectError:
            store.close()
            raise
        return store

    def _check(self) -> None:
        with self.read() as session:
            connection = session.connection()
            application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if application != APPLICATION_ID:
            raise ProjectError(f"{self.path} is not a DiffAnnot project")
        if version > SCHEMA_VERSION:
            raise ProjectError(
                f"{self.path} was written by a newer DiffAnnot (schema {version})",
                "Update DiffAnnot",
            )
        if version < SCHEMA_VERSION:
            with self.write() as session:  # another program may have been sooner
                connection = session.connection()
                found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
                upgrade(session, found)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one state of the file."""
        if self._batch is not None:
            yield self._batch
            return
        with words_for_failures(self.path), Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is on disk, whole or not at all, when the block ends.

        Inside another `write` the work joins that one.
        """
        if self._batch is not None:
            yield self._batch
            return
        with words_for_failures(self.path), Session(self._writer) as session, session.begin():
            self._batch = session
            try:
                yield session
            finally:
                self._batch = None

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()


@contextmanager
def words_for_failures(path: Path) -> Iterator[None]:
    """Turn failures of the database into a `ProjectError` of one clear line."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise _in_words(path, cause) from error


_REASONS = (
    ("locked", "{0} is being written by another program", "Close it there, or try again"),
    ("readonly", "{0} is read-only", "Copy it to a place where you may write"),
    ("full", "{0} cannot be written: the disk is full", "Free some space and try again"),
    ("disk i/o", "{0} cannot be written: the disk is full or failing", "Check the disk"),
    ("not a database", "{0} is not a DiffAnnot project", ""),
    ("malformed", "{0} is torn or damaged", "Restore a copy"),
    ("no such table", "{0} is not a DiffAnnot project, or is incomplete", ""),
    ("no such column", "{0} is not a DiffAnnot project, or is incomplete", ""),
    ("unable to open", "{0} cannot be opened", "Check that you may read and write its folder"),
)


def _in_words(path: Path, cause: str) -> ProjectError:
    for sign, message, hint in _REASONS:
        if sign in cause.lower():
            return ProjectError(message.format(path), hint)
    return ProjectError(f"{path} cannot be used: {cause}")


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA trusted_schema=OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine
