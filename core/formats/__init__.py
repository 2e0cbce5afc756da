"""File formats of datasets. A new one is one file here and one row in `READERS` or `WRITERS`.

A reader module has `recognises(file) -> bool`, which looks at the content of an `Opened`, and
`read(file, pictures) -> Iterator[Item]`. A writer module has `save(export)`, which writes the
persons of an `Export` to its `out`, and SUFFIX, how that ends, empty for a folder;
`core.jobs.exporting` runs it. The first words of its docstring are shown to whoever chooses. Other
packages add theirs by the entry points `diffannot.formats.readers` and
`diffannot.formats.writers`, whose values are modules.
"""

import ast
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.abc import InspectLoader
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BrokenPlugin, UnknownFormat, UnreadableInput
from core.formats.mistaken import refuse_mistaken
from core.formats.records import Item
from core.plugins import Registry

if TYPE_CHECKING:
    from core.formats.opened import Opened

log = logging.getLogger(__name__)

_READERS = {
    "coco": "core.formats.coco",
    "smpl": "core.formats.smpl",
    "humandata": "core.formats.humandata_reader",
    "jsonl": "core.formats.jsonl",
    "spin": "core.formats.spin",
    "4d-humans": "core.formats.four_d_humans",
    "3dpw": "core.formats.pw3d",
    "agora": "core.formats.agora",
    "eft": "core.formats.eft",
    "openpose": "core.formats.openpose",
    "neuralannot": "core.formats.neural_annot",
    "phalp": "core.formats.phalp",
    "phalp-tracks": "core.formats.phalp_tracks",
    "vibe": "core.formats.vibe",
    "romp": "core.formats.romp",
    "glamr": "core.formats.glamr",
    "mmhuman3d": "core.formats.mmhuman3d_results",
    "amass": "core.formats.amass",
    "smplcodec": "core.formats.smplcodec",
    "mpi-inf-3dhp": "core.formats.mpi_inf_3dhp",
    "cvat": "core.formats.cvat",
    "label-studio": "core.formats.label_studio",
}
READERS = Registry("diffannot.formats.readers", _READERS)
"""The first that recognises a file reads it."""

_WRITERS = {
    "humandata": "core.formats.humandata_writer",
    "spin": "core.formats.spin_writer",
    "smpl": "core.formats.smpl_writer",
    "3dpw": "core.formats.pw3d_writer",
    "coco": "core.formats.coco_writer",
    "eft": "core.formats.eft_writer",
    "neuralannot": "core.formats.neural_annot_writer",
    "amass": "core.formats.amass_writer",
    "smplcodec": "core.formats.smplcodec_writer",
    "jsonl": "core.formats.jsonl_writer",
    "csv": "core.formats.csv_writer",
    "gltf": "core.formats.glb_writer",
    "obj": "core.formats.obj_writer",
    "ply": "core.formats.ply_writer",
    "journal": "core.formats.journal",
}
WRITERS = Registry("diffannot.formats.writers", _WRITERS)

ODD = (OSError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError)
"""What a reader trips over in a file that is put together in another way than the format's."""

Read = Callable[[Path | None], Iterator[Item]]


def reader_for(path: Path, name: str | None = None) -> tuple[str, Read]:
    """Return the format of a file, by its name or else by its content, and its reader.

    The reader takes the folder that picture names start from; None means the file's own.

    Raises
    ------
    UnreadableInput
        The file is missing or torn.
    UnknownFormat
        No reader recognises it.
    """
    if not path.exists():
        raise UnreadableInput(f"There is no file {path}")
    from core.formats.opened import Opened  # scipy comes with it
    from core.formats.pictures import Pictures

    file = Opened(path)
    if name is None:
        refuse_mistaken(path)
        name = _recognised(file)
    if name is None:
        raise UnknownFormat(
            f"{path} is in no format that can be imported", f"Known: {', '.join(READERS)}"
        )
    module = _module(name)

    def read(images: Path | None = None) -> Iterator[Item]:
        folder = path if path.is_dir() else path.parent
        try:
            yield from module.read(file, Pictures(images or folder))
        except ODD as error:
            raise UnreadableInput(
                f"{path} does not hold what {name} files hold: {error}"
            ) from error

    return name, read


def format_of(path: Path) -> str | None:
    """Return the format of a file or folder by its content, None where no reader takes it.

    Raises
    ------
    UnreadableInput
        It is missing or torn.
    """
    from core.formats.opened import Opened  # scipy comes with it

    return _recognised(Opened(path))


def _recognised(file: "Opened") -> str | None:
    return next((name for name in READERS if _recognises(name, file)), None)


def _recognises(name: str, file: "Opened") -> bool:
    try:
        return bool(_module(name).recognises(file))
    except BrokenPlugin as error:
        log.warning("%s", error)
        return False
    except ODD as error:
        raise _odd(file.path, "any known", error) from error


def _odd(path: Path, name: str, error: Exception) -> UnreadableInput:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return UnreadableInput(f"{path} is not put together as {name} files are: {reason}")


@dataclass(frozen=True)
class About:
    """What is known of a writer before it is needed.

    Parameters
    ----------
    what : str
        The first words of its docstring.
    suffix : str or None
        How what it writes ends; empty for a folder, None where it does not say.
    """

    what: str = ""
    suffix: str | None = None


@cache
def about(name: str) -> About:
    """Read what a writer says of itself, by key of `WRITERS`; to import it might bring torch."""
    module = WRITERS[name].partition(":")[0]
    try:
        spec = find_spec(module)
        loader = spec.loader if spec is not None else None
        source = loader.get_source(module) if isinstance(loader, InspectLoader) else None
        tree = ast.parse(source or "")
    except (*ODD, ImportError, SyntaxError) as error:  # a plug-in's; told when it is used
        log.warning("%s cannot be read: %s", module, error)
        return About()
    first = (ast.get_docstring(tree) or "").partition("\n")[0]
    what = re.split(r"[:.](?: |$)", first)[0].replace("`", "")
    suffixes = [suffix for each in tree.body if (suffix := _suffix(each)) is not None]
    return About(what, suffixes[0] if suffixes else None)


def _suffix(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign([ast.Name("SUFFIX")], ast.Constant(str(suffix))):
            return suffix
    return None


def writer(name: str) -> Callable[..., Any]:
    """Return what saves a format: an `Export`; `journal` takes a project and a path."""
    save: Callable[..., Any] = _known(WRITERS, name).save
    return save


def _module(name: str) -> Any:
    return _known(READERS, name)


def _known(table: Registry, name: str) -> Any:
    if name not in table:
        raise UnreadableInput(f"There is no format {name}", f"Known: {', '.join(table)}")
    return table.module(name)
