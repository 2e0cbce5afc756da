"""Writing a folder whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from core.errors import UnwritableOutput

MARK = ".diffannot-export"
"""A file in every folder that is written; a folder without it is somebody else's."""


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a folder that takes the place of `path` when the block ends well.

    Raises
    ------
    UnwritableOutput
        What is there is no export, or the disk is full or read-only.
    """
    refuse_foreign(path)
    made: Path | None = None
    try:
        made = Path(mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
        (made / MARK).touch()
        yield made
        made.chmod(0o755)
        if path.exists():
            old = Path(mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".old"))
            path.rename(old / path.name)
            made.rename(path)
            shutil.rmtree(old)
        else:
            made.rename(path)
        made = None
    except OSError as error:
        raise UnwritableOutput(
            f"{path} cannot be written: {error.strerror or error}",
            "Check the folder and the space on the disk",
        ) from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)


def refuse_foreign(path: Path) -> None:
    """Refuse what is there and was not written by an export.

    Raises
    ------
    UnwritableOutput
        There is such a thing.
    """
    if path.exists() and not ((path / MARK).is_file() or _is_empty(path)):
        raise UnwritableOutput(f"{path} is there already, and no export", "Choose another name")


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
