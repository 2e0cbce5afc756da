"""File formats of datasets. A new one is one file here and one row in `READERS` or `WRITERS`.

A reader module has `recognises(path) -> bool`, which looks at the content, and
`read(path, images) -> Iterator[Record | Failure]`. A writer module has
`write(project, out, status, body=None) -> Job`. Modules are imported when they are needed.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import UnreadableInput
from core.formats.records import Failure, Record

READERS = {
    "coco": "core.formats.coco",
    "humandata": "core.formats.humandata_reader",
    "4d-humans": "core.formats.four_d_humans",
}

WRITERS = {"humandata": "core.formats.humandata_writer", "journal": "core.formats.journal"}

Read = Callable[[Path, Path | None], Iterator[Record | Failure]]


def reader_for(path: Path, name: str | None = None) -> tuple[str, Read]:
    """Return the format of a file, by its name or else by its content, and its reader.

    Raises
    ------
    UnreadableInput
        The file is missing, or no format recognises it.
    """
    if not path.is_file():
        raise UnreadableInput(f"There is no file {path}")
    if name is not None:
        return name, import_module(_known(READERS, name)).read
    for candidate, module in READERS.items():
        if import_module(module).recognises(path):
            return candidate, import_module(module).read
    raise UnreadableInput(
        f"{path} is in no format that can be imported", f"Known: {', '.join(READERS)}"
    )


def writer(name: str) -> Callable[..., Any]:
    """Return the writer of a format."""
    write: Callable[..., Any] = import_module(_known(WRITERS, name)).write
    return write


def _known(table: dict[str, str], name: str) -> str:
    if name not in table:
        raise UnreadableInput(f"There is no format {name}", f"Known: {', '.join(table)}")
    return table[name]
