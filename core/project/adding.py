"""People put into the project many at a time: few questions, one write a table."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.errors import ProjectError
from core.evidence import Box, Joints3D, Keypoints2D, overlap
from core.pose import Parameters
from core.project.blobs import pack_known, pack_parameters
from core.project.many import rows_of, table_of
from core.project.schema import ImageTable, JointsTable, KeypointsTable, PersonTable, Theta1Table
from core.project.standing import refresh
from core.project.values import Source
from core.project.wire import box_from_json

SAME_BOX = 0.5
"""Boxes that differ by less than this, in pixels, are the same person's."""

OVERLAP = 0.5
"""Least intersection over union of the boxes that two files draw around one person."""

IMPORTED = "import"
"""Source of keypoints that were given with a person."""


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
    joints : Joints3D or None
        Become evidence.
    """

    image_id: int
    box: Box
    keypoints: Keypoints2D | None = None
    track: str | None = None
    theta1: Parameters | None = None
    joints: Joints3D | None = None


@dataclass
class Joining:
    """Which persons the rows of one file have become so far.

    A row whose box nobody has goes to the person of before the file whom it overlaps most, unless
    another row of the file is that person.
    """

    taken: set[int] = field(default_factory=set)


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
    known = rows_of(session, select(ImageTable.id), ImageTable.id, images)
    absent = images - {key for (key,) in known}
    if absent:
        raise ProjectError(f"The project has no image {min(absent)}")
    people = _People(session, images)
    ids = people.find(found, joining)
    fresh = {one["id"] for one in people.added}
    if people.added:
        session.execute(insert(table_of(PersonTable)), people.added)
    changed = _add_keypoints(session, found, ids, fresh)
    changed |= _add_theta1s(session, found, ids, fresh, source)
    _add_joints(session, found, ids)
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
        for image, key, number, given, removed, *box in rows_of(
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
        for key, convention, table in rows_of(session, query, PersonTable.id, known)
    }
    added: list[dict[str, Any]] = []
    for one, key in zip(found, ids, strict=True):
        if one.keypoints is None:
            continue
        packed = one.keypoints.convention, pack_known(one.keypoints)
        if counting.get(key) != packed:
            counting[key] = packed
            given = {"person_id": key, "source": IMPORTED}
            added.append({**given, "convention": packed[0], "table": packed[1]})
    if added:
        session.execute(insert(table_of(KeypointsTable)), added)
    return {one["person_id"] for one in added}


def _add_joints(session: Session, found: Sequence[Found], ids: Sequence[int]) -> None:
    """Add 3D evidence; the newest counts, and the same again changes nothing."""
    given = [(one.joints, key) for one, key in zip(found, ids, strict=True) if one.joints]
    if not given:
        return
    query = select(JointsTable.person_id, JointsTable.convention, JointsTable.table)
    in_order = query.order_by(JointsTable.id)
    keys = [key for _, key in given]
    rows = rows_of(session, in_order, JointsTable.person_id, keys)
    counting = {key: (convention, table) for key, convention, table in rows}
    added: list[dict[str, Any]] = []
    for joints, key in given:
        packed = joints.convention, pack_known(joints)
        if counting.get(key) != packed:
            counting[key] = packed
            one = {"person_id": key, "source": IMPORTED}
            added.append({**one, "convention": packed[0], "table": packed[1]})
    if added:
        session.execute(insert(table_of(JointsTable)), added)


def _add_theta1s(
    session: Session, found: Sequence[Found], ids: Sequence[int], fresh: set[int], source: Source
) -> set[int]:
    """Add rough annotations; the same again changes nothing."""
    known = {key for one, key in zip(found, ids, strict=True) if one.theta1 is not None} - fresh
    query = select(Theta1Table.person_id, Theta1Table.arrays).where(
        Theta1Table.frontend == source.frontend
    )
    there = {tuple(row) for row in rows_of(session, query, Theta1Table.person_id, known)}
    added: list[dict[str, Any]] = []
    for one, key in zip(found, ids, strict=True):
        if one.theta1 is None:
            continue
        arrays = pack_parameters(one.theta1)
        if (key, arrays) not in there:
            there.add((key, arrays))
            added.append({"person_id": key, "arrays": arrays, **vars(source)})
    if added:
        session.execute(insert(table_of(Theta1Table)), added)
    return {one["person_id"] for one in added}
