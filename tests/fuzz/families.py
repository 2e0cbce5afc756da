"""What the fuzzer feeds: one function a family of files, from bytes to what an importer makes.

An input breaks a promise where anything but a `DiffAnnotError` of one line comes out, a record
names a picture outside the folder, or an annotation is not finite. npz files and those of
`torch.save` are fed as their members (`packed`): a zip whose checksums are wrong is not read on.
"""

import os
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zlib import crc32

import numpy as np
from PIL import Image

from core.errors import DiffAnnotError
from core.formats import READERS, reader_for
from core.formats.opened import Opened
from core.formats.records import Failure, Note, Record
from core.images import FORMATS, image_size, read_image

SEEDS = Path(__file__).parents[1] / "core" / "fuzz_seeds"
FAMILIES = ("json", "npz", "pickle", "joblib", "torch", "mat", "xml", "image")
KINDS = {
    "json": "json", "jsonl": "json", "npz": "npz", "pickle": "pickle", "joblib": "joblib",
    "torch": "torch", "mat5": "mat", "mat73": "mat", "xml": "xml",
}  # fmt: skip
"""Families by `Opened.kind`."""

MARK = b"\x00--member:"
LARGEST = 1 << 16
"""Bytes of an input."""
PATIENCE = 20
"""Seconds of the processor that an input may take."""


class Broken(AssertionError):
    """A promise that an importer has not kept."""


def load_readers() -> None:
    """Load every module that reads a format."""
    for name in READERS:
        READERS.module(name)


def runner(family: str, folder: Path) -> Callable[[bytes], str]:
    """Return what reads one input of a family in a folder, and says what became of it."""
    for name in ("a", "b"):
        Image.new("RGB", (64, 48)).save(folder / f"{name}.png")
    path = folder / ("c.png" if family == "image" else "a_personId_1.pkl")  # a name of AGORA's
    read = _look if family == "image" else _import

    def run(data: bytes) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path.write_bytes(unpacked(family, data))
            return read(path)

    return run


def unpacked(family: str, data: bytes) -> bytes:
    """Return the file of an input."""
    if family not in ("npz", "torch") or MARK not in data:
        return data
    return zipped(member.partition(b"\n") for member in data.split(MARK)[1:])


def zipped(members: Iterable[tuple[bytes, bytes, bytes]]) -> bytes:
    """Return a zip of members that are not packed; `zipfile` takes as long as an importer."""
    body, listed, count = b"", b"", 0
    for name, _, content in members:
        name = name[:1000].decode("latin1").encode()
        head = struct.pack(
            "<5H3L2H", 20, 1 << 11, 0, 0, 33, crc32(content), *[len(content)] * 2, len(name), 0
        )
        listed += struct.pack("<4sH", b"PK\1\2", 20) + head
        listed += struct.pack("<3H2L", 0, 0, 0, 0, len(body)) + name
        body += b"PK\3\4" + head + name + content
        count += 1
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(listed), len(body), 0)
    return body + listed + end


def packed(family: str, path: Path) -> bytes:
    """Return the input of a file."""
    if family not in ("npz", "torch") or not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        members = ((name.encode("latin1"), archive.read(name)) for name in archive.namelist())
        return b"".join(MARK + name + b"\n" + content for name, content in members)


def small_pictures() -> list[bytes]:
    """Return a picture of each kind and mode that is read, with and without a turn in its EXIF."""
    gray = Image.effect_noise((9, 6), 60)
    turned = Image.Exif()
    turned[0x0112] = 6
    made = []
    for kind in FORMATS:
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"):
            for exif in (Image.Exif(), turned):
                stream = BytesIO()
                with suppress(OSError, KeyError, ValueError):  # not every kind has every mode
                    gray.convert(mode).save(stream, kind, exif=exif)
                    made.append(stream.getvalue())
    return sorted(set(made))


def family_of(path: Path) -> str | None:
    """Return the family of a file."""
    return KINDS.get(Opened(path).kind)


def _import(path: Path) -> str:
    try:
        items = list(reader_for(path)[1](path.parent))
    except DiffAnnotError as error:
        if "\n" in str(error):
            raise Broken("an error of more than one line") from error
        return "refused"
    for item in items:
        if not isinstance(item, Record | Failure | Note):
            raise Broken(f"a reader yields {type(item)}")
        if isinstance(item, Record):
            _check(item, path.parent)
    return "some failed" if any(isinstance(item, Failure) for item in items) else "read"


def _check(record: Record, folder: Path) -> None:
    try:
        place = os.path.realpath(record.image)
    except ValueError:  # a name that no file can have: the import says so
        place = os.path.realpath(folder)
    if not place.startswith(os.path.realpath(folder)):
        raise Broken(f"a picture outside the folder: {record.image}")
    theta = record.theta1
    if theta is not None and not all(
        np.isfinite(each).all()
        for each in (theta.global_orient, theta.body_pose, theta.betas, theta.transl)
    ):
        raise Broken("an annotation that is not finite")


def _look(path: Path) -> str:
    try:
        width, height = image_size(path)
        pixels = read_image(path)
    except DiffAnnotError as error:
        if "\n" in str(error):
            raise Broken("an error of more than one line") from error
        return "refused"
    if pixels.shape != (height, width, 3):
        raise Broken(f"pixels {pixels.shape} of a picture that says {width} x {height}")
    return "read"
