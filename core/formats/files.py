"""Writing a file whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from core.errors import UnwritableOutput
from core.project import SUFFIX


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when the block ends well.

    Until then, and after a crash or a full disk, what was at `path` is what it was.

    Raises
    ------
    UnwritableOutput
        The folder is missing or read-only, the disk is full, or a project lies there.
    """
    refuse_project(path)
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        ) as file:
            temporary = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
        temporary = None
        _sync_folder(path.parent)
    except OSError as error:
        raise UnwritableOutput(
            f"{path} cannot be written: {error.strerror or error}",
            "Check the folder and the space on the disk",
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def refuse_project(path: Path) -> None:
    """Refuse the name of a project.

    Raises
    ------
    UnwritableOutput
        It is one.
    """
    if path.suffix == SUFFIX:
        raise UnwritableOutput(f"{path} is the name of a project", "Choose another name")


def made_folder(folder: Path) -> Path:
    """Return a folder, made with those above it where there was none.

    Raises
    ------
    UnwritableOutput
        It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableOutput(
            f"{folder} cannot be made: {error.strerror}", "Name another folder"
        ) from error
    return folder


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened to be synced
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
