"""A data set out of a project: the file, who and what made it, and a card that tells of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import UnwritableOutput
from core.formats import WRITERS, about, writer
from core.formats.card import write_sidecars
from core.formats.entries import Chosen, Entry, gather
from core.formats.export import Export
from core.formats.files import refuse_project
from core.formats.folders import refuse_foreign
from core.formats.placed_pictures import put
from core.jobs.report import Job, Report, Tally
from core.progress import CancelToken, Progress
from core.project import Project
from core.project.queue import STATES, Columns

if TYPE_CHECKING:
    from core.body import BodyModel

DEFAULT_FORMAT = next(iter(WRITERS))
JOURNAL = "journal"
"""The format without persons, and so without splits and pictures."""


class Pictures(StrEnum):
    """What an export does with the pictures."""

    REFERENCE = "reference"
    COPY = "copy"
    LINK = "link"


@dataclass(frozen=True)
class Outlook:
    """What `export` will do.

    Parameters
    ----------
    count : int or None
        Persons that it takes; None for the journal, which has no persons.
    replaced : tuple of str
        Names of what is there and will be replaced.
    """

    count: int | None
    replaced: tuple[str, ...] = ()


def export(
    project: Project,
    out: Path,
    format_name: str = DEFAULT_FORMAT,
    chosen: Chosen | None = None,
    body: "BodyModel | None" = None,
    pictures: Pictures = Pictures.REFERENCE,
    licence: str = "",
    cancel: CancelToken | None = None,
) -> Job:
    """Write persons of a project; what was there stays as it was until the new one is whole.

    Picture names are relative to the folder of the file. Beside it lie a provenance file and a data
    card. With splits there is a file for each, OUT's name with `_train` and so on.

    Parameters
    ----------
    project : Project
        Where they are.
    out : Path
        File or folder to write.
    format_name : str
        Key of `core.formats.WRITERS`.
    chosen : Chosen or None
        Which persons; None takes the accepted ones.
    body : BodyModel or None
        Gives vertices and joints; None takes the open body.
    pictures : Pictures
        Referenced where they lie, or copied or hard-linked into OUT's own folder of pictures.
    licence : str
        Of the pictures, as whoever exports declares it.
    cancel : CancelToken or None
        Looked at between persons.

    Raises
    ------
    ProjectError
        No person is chosen.
    UnwritableOutput
        The file cannot be written.
    """
    write = writer(format_name)
    if format_name == JOURNAL:
        _refuse_place(out, format_name, Chosen())
        journal: Report = yield from write(project, out)
        return journal
    from core.body import load_body  # torch comes with it

    chosen, body = chosen or Chosen(), body or load_body()
    _refuse_place(out, format_name, chosen)
    tally, cancel = Tally(), cancel or CancelToken()
    folder = out.absolute().parent
    entries = yield from gather(project, folder, chosen, body, tally, cancel)
    if pictures is not Pictures.REFERENCE:
        entries = put(entries, out, pictures is Pictures.LINK, tally)
    written = []
    for path, part in _parts(entries, out).items():
        yield Progress(len(entries), len(entries), f"writing {path.name}")
        write(Export(project, path, part, body, cancel))
        written.append(path)
    write_sidecars(Export(project, out, entries, body), format_name, written, licence)
    return tally.report()


def foresee(
    project: Path, columns: Columns, out: Path, format_name: str, chosen: Chosen
) -> Outlook:
    """Return how many persons `export` will take, and what it will replace.

    Parameters
    ----------
    project : Path
        Where they are.
    columns : Columns
        All of them.
    out, format_name, chosen
        As for `export`.

    Raises
    ------
    ProjectError
        No person is chosen.
    UnwritableOutput
        It is seen before the work that nothing can be written there.
    """
    _refuse_place(out, format_name, chosen)
    replaced = tuple(part.name for part in _places(out, format_name, chosen) if part.exists())
    if format_name == JOURNAL:
        return Outlook(None, replaced)
    there = np.flatnonzero(columns.states == STATES.index(chosen.state))
    tags = columns.some("tags", there)
    count = sum(chosen.takes(chosen.state, (each or "").split()) for each in tags)
    if not count:
        raise chosen.nobody(project.name)
    return Outlook(count, replaced)


def _parts(entries: list[Entry], out: Path) -> dict[Path, list[Entry]]:
    """Return what goes into which file."""
    parts: dict[Path, list[Entry]] = {}
    for entry in entries:
        parts.setdefault(_part(out, entry.split), []).append(entry)
    return parts


def _part(out: Path, split: str | None) -> Path:
    return out if split is None else out.with_stem(f"{out.stem}_{split}")


def _places(out: Path, format_name: str, chosen: Chosen) -> list[Path]:
    """Return every file or folder that will be written, sidecars apart."""
    splits = chosen.splits if format_name != JOURNAL else None
    return [_part(out, split) for split in (splits.shares if splits else [None])]


def _refuse_place(out: Path, format_name: str, chosen: Chosen) -> None:
    """Refuse where nothing can be written, before the work."""
    if not out.absolute().parent.is_dir():
        raise UnwritableOutput(f"{out} cannot be written: there is no folder {out.parent}")
    suffix = about(format_name).suffix
    for part in _places(out, format_name, chosen):
        refuse_project(part)
        if suffix == "":
            refuse_foreign(part)
        elif suffix is not None and part.is_dir():
            raise UnwritableOutput(f"{part} is a folder", "Name a file in it")
