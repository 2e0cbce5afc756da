"""Pictures as a project keeps them: by content, and by a path from where the project lies."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import UnreadableInput
from core.images import file_sha256, image_size
from core.project.many import rows_of, table_of
from core.project.schema import ImageTable
from core.project.values import Frame


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


def add_pictures(session: Session, folder: Path, pictures: Sequence[Picture]) -> list[int]:
    """Add pictures, or find them: see `Project.add_image`; `folder` is the project's."""
    known: dict[str, list[tuple[int, str]]] = defaultdict(list)
    query = select(ImageTable.sha256, ImageTable.id, ImageTable.path)
    digests = [one.sha256 for one in pictures]
    for digest, key, path in rows_of(session, query, ImageTable.sha256, digests):
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
        session.execute(insert(table_of(ImageTable)), added)
    for key, values in changed:
        session.execute(update(ImageTable).where(ImageTable.id == key).values(**values))
    return ids


def _frame(frame: Frame | None) -> dict[str, Any]:
    if frame is None:
        return {"sequence_id": None, "frame": None, "time": None}
    return {"sequence_id": frame.sequence_id, "frame": frame.number, "time": frame.time}


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
