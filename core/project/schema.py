"""Tables of a project file.

Anything that changes here raises `SCHEMA_VERSION` and is one more entry of `upgrading`.
"""

from sqlalchemy import DDL, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from core.project.values import State

APPLICATION_ID = 0x44416E6E
"""SQLite application_id of a project: "DAnn"."""

SCHEMA_VERSION = 5


class Base(DeclarativeBase):
    """Base of all tables."""


class SequenceTable(Base):
    """A video, or a folder of its frames, by path relative to the project file.

    `sha256` is the video's; empty for a folder. `rate` is in frames a second.
    """

    __tablename__ = "sequence"
    __table_args__ = (UniqueConstraint("path", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    sha256: Mapped[str]
    rate: Mapped[float]


class ImageTable(Base):
    """A picture, by path relative to the project file and by content.

    A frame has its sequence, its number there, from 0, and its time in seconds.
    """

    __tablename__ = "image"
    __table_args__ = (UniqueConstraint("path", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]
    sequence_id: Mapped[int | None]
    frame: Mapped[int | None]
    time: Mapped[float | None]


class PersonTable(Base):
    """A human in a picture. From `state` on all follows from the journal and what machines made.

    `given_box` and `given_track` are from before they were changed by hand, NULL where they were
    not; no track is then an empty one. `journal_id` is the entry that drew the person.
    """

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
    journal_id: Mapped[int | None]
    given_box: Mapped[str | None]
    given_track: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=State.UNDECIDED.value)
    theta1_id: Mapped[int | None]
    keypoints_id: Mapped[int | None]
    run_id: Mapped[int | None]
    chosen_step: Mapped[int | None]
    chosen_parts: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[str | None]
    tags: Mapped[str] = mapped_column(default="", server_default="")
    remark: Mapped[str] = mapped_column(default="", server_default="")
    disputed: Mapped[bool] = mapped_column(default=False, server_default=text("0"))
    removed: Mapped[bool] = mapped_column(default=False, server_default=text("0"))
    image: Mapped[ImageTable] = relationship()


class KeypointsTable(Base):
    """2D evidence; the newest set by hand counts, else the newest.

    It goes with the decision that set it, or that moved the box in which it was found.
    """

    __tablename__ = "keypoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[str]
    convention: Mapped[str]
    journal_id: Mapped[int | None]
    table: Mapped[bytes]


class JointsTable(Base):
    """3D evidence, which files bring; the newest counts."""

    __tablename__ = "joints"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[str]
    convention: Mapped[str]
    table: Mapped[bytes]


class Theta1Table(Base):
    """A rough annotation and where it is from; counts and goes as keypoints do."""

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
    joints_id: Mapped[int | None]
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
    disagreement: Mapped[float | None]
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


class PartTable(Base):
    """What an entry for many persons decides on each; only ever appended to."""

    __tablename__ = "journal_part"
    __table_args__ = (Index("part_person", "person_id"), Index("part_journal", "journal_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("journal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str]


class FilterTable(Base):
    """A filter of the queue, kept under a name."""

    __tablename__ = "filter"

    name: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


for _table in (JournalTable, PartTable):
    for _act in ("UPDATE", "DELETE"):
        _name = _table.__tablename__
        event.listen(
            _table.__table__,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {_name}_no_{_act.lower()} BEFORE {_act} ON {_name} "
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            ),
        )
