"""Pictures and people put into the project many at a time: few questions, one write a table."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Select, Table, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import ProjectError, UnreadableInput
from core.evidence import Box, Keypoints2D, overlap
from core.images import file_sha256, image_size
from core.pose import Parameters
from core.project.blobs import pack_keypoints, pack_parameters
from core.project.checking import AT_ONCE
from core.project.schema import Base, ImageTable, KeypointsTable, PersonTable, Theta1Table
from core.project.standing import refresh
from core.project.values import Frame, Source
from core.project.wire import box_from_json

SAME_BOX = 0.5
"""Boxes that differ by less than this, in pixels, are the same person's."""

OVERLAP = 0.5
"""Least intersection over union of the boxes that two files draw around one person."""

IMPORTED = "import"
"""Source of keypoints that were given with a person."""


@dataclass(frozen=True)
class Picture:
    """A picture as it was found on disk: content and size in pixels."""

    file: Path
    sha256: str
    width: int
    height: int
    frame: Frame | None = None

    @classmethod
    def of(cls, file: Path, frame: Frame | None = None) -> "Picture":
        """Look at a file, which may be a frame of a sequence.

        Raises
        ------
        UnreadableInput
            It is missing, no picture, or of a name that cannot be stored.
        """
        refuse_name(file)
        return cls(file, file_sha256(file), *image_size(file), frame)


@dataclass(frozen=True, eq=False)
class Found:
    """A human that was found in a picture.

    Parameters
    ----------
    image_id : int
        The picture.
    box : Box
        Pixels.
    keypoints : Keypoints2D or None
        Become evidence.
    track : str or None
        Identity over a video.
    theta1 : Parameters or None
        Rough annotation, batch shape ().
    """

    image_id: int
    box: Box
    keypoints: Keypoints2D | None = None
    track: str | None = None
    theta1: Parameters | None = None


@dataclass
class Joining:
    """Which persons the rows of one file have become so far.

    A row whose box nobody has goes to the person of before the file whom it overlaps most, unless
    another row of the file is that person.
    """

    taken: set[int] = field(default_factory=set)


def add_pictures(session: Session, folder: Path, pictures: Sequence[Picture]) -> list[int]:
    """Add pictures, or find them: see `Project.add_image`; `folder` is the project's."""
    known: dict[str, list[tuple[int, str]]] = defaultdict(list)
    query = select(ImageTable.sha256, ImageTable.id, ImageTable.path)
    for digest, key, path in _of(session, query, ImageTable.sha256, [p.sha256 for p in pictures]):
        known[digest].append((key, path))
    free = (session.scalar(select(func.max(ImageTable.id))) or 0) + 1
    added, changed, ids = [], [], []
    for picture in pictures:
        path, same = relative(picture.file.absolute(), folder), known[picture.sha256]
        there = next((one for one in same if one[1] == path), None) or next(
            (one for one in same if not (folder / one[1]).exists()), None
        )
        if there is None:
            there, free = (free, path), free + 1
            size = {"width": picture.width, "height": picture.height}
            row = {"id": there[0], "path": path, "sha256": picture.sha256, **size}
            added.append(row | _frame(picture.frame))
            same.append(there)
        elif there[1] != path or picture.frame is not None:
            frame = {} if picture.frame is None else _frame(picture.frame)
            changed.append((there[0], {"path": path, **frame}))
            same[same.index(there)] = there[0], path
        ids.append(there[0])
    if added:
        session.execute(insert(_table(ImageTable)), added)
    for key, values in changed:
        session.execute(update(ImageTable).where(ImageTable.id == key).values(**values))
    return ids


def _frame(frame: Frame | None) -> dict[str, Any]:
    if frame is None:
        return {"sequence_id": None, "frame": None, "time": None}
    return {"sequence_id": frame.sequence_id, "frame": frame.number, "time": frame.time}


def add_people(
    session: Session, found: Sequence[Found], source: Source, joining: Joining | None = None
) -> list[int]:
    """Add people, or find them by their boxes; what is there already changes nothing.

    Raises
    ------
    ProjectError
        There is no such picture.
    """
    images = {one.image_id for one in found}
    absent = images - {key for (key,) in _of(session, select(ImageTable.id), ImageTable.id, images)}
    if absent:
        raise ProjectError(f"The project has no image {min(absent)}")
    people = _People(session, images)
    ids = people.find(found, joining)
    fresh = {one["id"] for one in people.added}
    if people.added:
        session.execute(insert(_table(PersonTable)), people.added)
    changed = _add_keypoints(session, found, ids, fresh)
    changed |= _add_theta1s(session, found, ids, fresh, source)
    if changed:
        refresh(session, sorted(changed))
    return ids


def same_person(session: Session, image_id: int, box: Box) -> int | None:
    """Find the person who was given a box, removed or not, wherever it has been moved since."""
    return _People(session, [image_id]).same(Found(image_id, box))


class _People:
    """The people of some pictures, and those who come to them."""

    def __init__(self, session: Session, images: Iterable[int]) -> None:
        self.added: list[dict[str, Any]] = []
        self._free = (session.scalar(select(func.max(PersonTable.id))) or 0) + 1
        self._given: dict[int, list[tuple[int, Box]]] = defaultdict(list)
        self._now: dict[int, list[tuple[int, Box]]] = defaultdict(list)
        self._last: dict[int, int] = defaultdict(int)
        columns = (PersonTable.x, PersonTable.y, PersonTable.width, PersonTable.height)
        query = select(
            PersonTable.image_id, PersonTable.id, PersonTable.number, PersonTable.given_box,
            PersonTable.removed, *columns,
        ).order_by(PersonTable.number)  # fmt: skip
        for image, key, number, given, removed, *box in _of(
            session, query, PersonTable.image_id, images
        ):
            now = Box(*box)
            first = now if given is None else box_from_json(json.loads(given))
            self._given[image].append((key, first))
            self._last[image] = max(number, self._last[image])
            if not removed:
                self._now[image].append((key, now))

    def find(self, found: Sequence[Found], joining: Joining | None) -> list[int]:
        """Return who each is: by the same box, else by the most overlap, else somebody new."""
        ids = [self.same(one) for one in found]
        if joining is not None:
            joining.taken.update(key for key in ids if key is not None)
            self._overlapping(found, ids, joining)
        for place, one in enumerate(found):
            if ids[place] is None:
                # a row before may have brought this very box
                ids[place] = self.same(one) or self._add(one)
        known = [key for key in ids if key is not None]
        if joining is not None:
            joining.taken.update(known)
        return known

    def same(self, one: Found) -> int | None:
        """Find the person who was given a box."""
        box = one.box
        for key, known in self._given[one.image_id]:
            if (
                abs(box.x - known.x) < SAME_BOX
                and abs(box.y - known.y) < SAME_BOX
                and abs(box.width - known.width) < SAME_BOX
                and abs(box.height - known.height) < SAME_BOX
            ):
                return key
        return None

    def _overlapping(self, found: Sequence[Found], ids: list[int | None], joining: Joining) -> None:
        """Give the rows that are nobody yet to whom they overlap, the most alike first."""
        pairs = [
            (-shared, place, key)
            for place, one in enumerate(found)
            if ids[place] is None
            for key, box in self._now[one.image_id]
            if (shared := overlap(one.box, box)) >= OVERLAP and key not in joining.taken
        ]
        for _, place, key in sorted(pairs):
            if ids[place] is None and key not in joining.taken:
                ids[place] = key
                joining.taken.add(key)

    def _add(self, one: Found) -> int:
        key, image = self._free, one.image_id
        self._free += 1
        self._last[image] += 1
        row = {"id": key, "image_id": image, "number": self._last[image], "track": one.track}
        self.added.append({**row, **vars(one.box)})
        self._given[image].append((key, one.box))
        return key


def _add_keypoints(
    session: Session, found: Sequence[Found], ids: Sequence[int], fresh: set[int]
) -> set[int]:
    """Add 2D evidence; the newest counts, and the same again changes nothing."""
    known = {key for one, key in zip(found, ids, strict=True) if one.keypoints is not None} - fresh
    query = select(PersonTable.id, KeypointsTable.convention, KeypointsTable.table).join(
        KeypointsTable, KeypointsTable.id == PersonTable.keypoints_id
    )
    counting = {
        key: (convention, table)
        for key, convention, table in _of(session, query, PersonTable.id, known)
    }
    added: list[dict[str, Any]] = []
    for one, key in zip(found, ids, strict=True):
        if one.keypoints is None:
            continue
        packed = one.keypoints.convention, pack_keypoints(one.keypoints)
        if counting.get(key) != packed:
            counting[key] = packed
            given = {"person_id": key, "source": IMPORTED}
            added.append({**given, "convention": packed[0], "table": packed[1]})
    if added:
        session.execute(insert(_table(KeypointsTable)), added)
    return {one["person_id"] for one in added}


def _add_theta1s(
    session: Session, found: Sequence[Found], ids: Sequence[int], fresh: set[int], source: Source
) -> set[int]:
    """Add rough annotations; the same again changes nothing."""
    known = {key for one, key in zip(found, ids, strict=True) if one.theta1 is not None} - fresh
    query = select(Theta1Table.person_id, Theta1Table.arrays).where(
        Theta1Table.frontend == source.frontend
    )
    there = {tuple(row) for row in _of(session, query, Theta1Table.person_id, known)}
    added: list[dict[str, Any]] = []
    for one, key in zip(found, ids, strict=True):
        if one.theta1 is None:
            continue
        arrays = pack_parameters(one.theta1)
        if (key, arrays) not in there:
            there.add((key, arrays))
            added.append({"person_id": key, "arrays": arrays, **vars(source)})
    if added:
        session.execute(insert(_table(Theta1Table)), added)
    return {one["person_id"] for one in added}


def relative(file: Path, folder: Path) -> str:
    """Return a path as a project stores it.

    Raises
    ------
    UnreadableInput
        Its name cannot be stored.
    """
    refuse_name(file)
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # on another drive of Windows no relative path leads there
        return file.as_posix()


def refuse_name(file: Path) -> None:
    """Refuse a file whose name SQLite cannot keep.

    Raises
    ------
    UnreadableInput
        It is not UTF-8.
    """
    try:
        str(file).encode()
    except UnicodeEncodeError as error:
        raise UnreadableInput(f"{file} has a name that is not UTF-8", "Rename it") from error


def _table(mapped: type[Base]) -> Table:
    """Return what rows are put into without making objects of them."""
    return cast(Table, mapped.__table__)


def _of(
    session: Session,
    query: "Select[*tuple[Any, ...]]",
    column: InstrumentedAttribute[Any],
    keys: Iterable[Any],
) -> Iterator[Any]:
    """Ask for the rows whose column is one of some keys, some at a time."""
    listed = sorted(set(keys))
    for start in range(0, len(listed), AT_ONCE):
        yield from session.execute(query.where(column.in_(listed[start : start + AT_ONCE])))
