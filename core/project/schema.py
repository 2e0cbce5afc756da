"""Tables of a project file.

Anything that changes here raises `SCHEMA_VERSION` and is one more entry of `upgrading`.
"""

from sqlalchemy import DDL, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from core.project.values import State

APPLICATION_ID = 0x44416E6E
"""SQLite application_id of a project: "DAnn"."""

SCHEMA_VERSION = 2


class Base(DeclarativeBase):
    """Base of all tables."""


class ImageTable(Base):
    """A picture, by path relative to the project file and by content."""

    __tablename__ = "image"
    __table_args__ = (UniqueConstraint("path", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]


class PersonTable(Base):
    """A human in a picture. State, Θ1, run and step follow from journal and runs."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("image_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id"))
    number: Mapped[int]
    x: Mapped[float]
    y: Mapped[float]
    width: Mapped[float]
    height: Mapped[float]
    track: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=State.UNDECIDED.value)
    theta1_id: Mapped[int | None]
    run_id: Mapped[int | None]
    chosen_step: Mapped[int | None]
    image: Mapped[ImageTable] = relationship()


class KeypointsTable(Base):
    """2D evidence; the newest counts."""

    __tablename__ = "keypoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[str]
    convention: Mapped[str]
    table: Mapped[bytes]


class Theta1Table(Base):
    """A rough annotation and where it is from."""

    __tablename__ = "theta1"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    frontend: Mapped[str]
    weights_sha256: Mapped[str]
    detail: Mapped[str]
    journal_id: Mapped[int | None] = mapped_column(ForeignKey("journal.id"))
    arrays: Mapped[bytes]


class RunTable(Base):
    """A trajectory from one Θ1. The blob comes last, so that lists do not read it."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    theta1_id: Mapped[int] = mapped_column(ForeignKey("theta1.id"), index=True)
    keypoints_id: Mapped[int | None] = mapped_column(ForeignKey("keypoints.id"))
    time: Mapped[str]
    refiner: Mapped[str]
    weights_sha256: Mapped[str]
    seed: Mapped[int]
    body_sha256: Mapped[str]
    steps: Mapped[int]
    suggested_step: Mapped[int]
    expected_gain: Mapped[float]
    uncertainty: Mapped[float]
    reason: Mapped[str]
    parts: Mapped[str]
    recommender: Mapped[str]
    score: Mapped[float | None]
    arrays: Mapped[bytes]


class JournalTable(Base):
    """Decisions, and entries that undo or redo one; only ever appended to."""

    __tablename__ = "journal"
    __table_args__ = (Index("journal_person", "person_id"), Index("journal_target", "target"))

    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[str]
    who: Mapped[str]
    act: Mapped[str]
    target: Mapped[int | None] = mapped_column(ForeignKey("journal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str]


for _act in ("UPDATE", "DELETE"):
    event.listen(
        JournalTable.__table__,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER journal_no_{_act.lower()} BEFORE {_act} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        ),
    )
