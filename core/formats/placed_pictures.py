"""Pictures of an export, copied or linked into a folder of its own."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from core.errors import DiffAnnotError, UnreadableInput
from core.formats.entries import Entry
from core.formats.folders import replacing_folder
from core.images import file_sha256
from core.jobs.report import Tally


def put(entries: list[Entry], out: Path, link: bool, tally: Tally) -> list[Entry]:
    """Copy or hard-link the pictures into `<out>_pictures`, and return who has one, renamed.

    Names are kept, below a number where two pictures have the same. A picture that is not the one
    that was imported fails, with its persons.

    Raises
    ------
    UnwritableOutput
        The folder cannot be written; a link may need the same disk.
    """
    target = out.with_name(f"{out.stem}_pictures")
    names: dict[int, str | None] = {}
    with replacing_folder(target) as folder:
        for entry in entries:
            if entry.row.image_id not in names:
                names[entry.row.image_id] = _placed(entry, folder, link)
    kept = []
    for entry in entries:
        name = names[entry.row.image_id]
        if name is None:
            tally.done -= 1
            tally.fail(entry.row.name, "its picture is missing or has changed since the import")
            continue
        kept.append(replace(entry, image=f"{target.name}/{name}"))
    return kept


def _placed(entry: Entry, folder: Path, link: bool) -> str | None:
    source, name = entry.image_path, entry.image_path.name
    if (folder / name).exists():
        name = f"{entry.row.image_id}/{name}"
        (folder / name).parent.mkdir(exist_ok=True)
    try:
        if file_sha256(source) != entry.image_sha256:
            raise UnreadableInput(f"{source} has changed")
    except DiffAnnotError:
        return None
    if link:
        os.link(os.path.realpath(source), folder / name)
    else:
        shutil.copyfile(source, folder / name)
    return name
