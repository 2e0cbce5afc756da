"""The journal as a file: one entry a line, JSON; `diffannot replay` reads it back."""

from pathlib import Path

from core.errors import UnreadableInput
from core.formats.files import replacing
from core.jobs.report import Job, Report
from core.progress import Progress
from core.project import JournalEntry, Project

SUFFIX = ".jsonl"


def save(project: Project, out: Path) -> Job:
    """Write the whole journal, whatever the persons' states."""
    entries = project.journal()
    yield Progress(0, len(entries), out.name)
    with replacing(out) as file:
        file.writelines(f"{entry.to_json_line()}\n".encode() for entry in entries)
    return Report(len(entries))


def read(path: Path) -> list[JournalEntry]:
    """Read a journal file.

    Raises
    ------
    UnreadableInput
        The file is missing or no journal; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"{path} cannot be read: {error}") from error
    return [JournalEntry.from_json_line(line) for line in lines]
