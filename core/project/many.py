"""Many rows of the file: asked for and written with few statements, and no objects made of them."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.project.schema import Base

AT_ONCE = 500
"""Keys in one question to SQLite."""


def table_of(mapped: type[Base]) -> Table:
    """Return what rows are put into without making objects of them."""
    return cast(Table, mapped.__table__)


def rows_of(
    session: Session,
    query: "Select[*tuple[Any, ...]]",
    column: ColumnElement[Any] | InstrumentedAttribute[Any],
    keys: Iterable[Any],
) -> Iterator[Any]:
    """Ask for the rows whose column is one of some keys, some at a time."""
    listed = sorted(set(keys))
    for start in range(0, len(listed), AT_ONCE):
        yield from session.execute(query.where(column.in_(listed[start : start + AT_ONCE])))
