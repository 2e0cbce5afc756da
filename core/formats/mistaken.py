"""Files that people give by mistake where a data set is asked for, and what to do instead."""

from pathlib import Path

from core.errors import UnknownFormat
from core.images import is_picture

HEAD = 600
"""Bytes that are looked at."""

_REASONS = (
    (
        lambda head, _: head.startswith(b"SQLite format 3\x00"),
        "{0} is a project or another database, no data set",
        "Open it with diffannot review, or export it from there and import what was exported",
    ),
    (
        lambda head, _: head.startswith(b'{"id": ') and b'"act": "' in head,
        "{0} is a journal, which holds decisions and no persons",
        "diffannot replay takes it",
    ),
    (
        lambda head, _: head.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh")),
        "{0} is packed",
        "Unpack it, and import what is in it",
    ),
    (
        lambda _, name: is_picture(Path(name)),
        "{0} is a picture",
        "Import the folder it lies in",
    ),
    (
        lambda head, name: name.endswith((".csv", ".tsv")) or _is_table(head),
        "{0} is a table for spreadsheets, which holds no poses in full",
        "Import a format of poses; diffannot export writes jsonl and humandata beside csv",
    ),
    (lambda head, _: not head, "{0} is empty", "Fetch or write it again"),
)
"""What tells a mistake, by the head of a file and its name; what it is; what to do."""


def refuse_mistaken(path: Path) -> None:
    """Refuse a file that is plainly something else than a data set, in one line with what to do.

    Raises
    ------
    UnknownFormat
        It is.
    """
    try:
        if path.is_dir():
            if not any(path.iterdir()):
                raise UnknownFormat(f"{path} is empty", "Put pictures or a data set into it")
            return
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:  # the reader says what is wrong with it
        return
    for tells, what, hint in _REASONS:
        if tells(head, path.name.lower()):
            raise UnknownFormat(what.format(path), hint)


def _is_table(head: bytes) -> bool:
    """Whether two lines are text with the same number of commas, and no json or xml."""
    lines = head.splitlines()[:2]
    if len(lines) < 2 or head.lstrip()[:1] in (b"{", b"[", b"<") or b"\x00" in head:
        return False
    commas = [line.count(b",") for line in lines]
    return commas[0] > 1 and (commas[0] == commas[1] or len(head) == HEAD) and head.isascii()
