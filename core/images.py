"""Pictures on disk: read one way everywhere, so that pixels mean the same in every room."""

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import UnreadableInput

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""File name endings that count as pictures when a folder is searched."""

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
"""What a picture may be, whatever its name says. Pillow would hand an EPS to Ghostscript."""

_TORN = (
    OSError, SyntaxError, ValueError, ArithmeticError, MemoryError, TypeError, LookupError,
    AttributeError, AssertionError, RuntimeError, EOFError, struct.error, zlib.error,
)  # fmt: skip
"""What Pillow raises on files that are torn or made to harm."""


def read_image(path: Path, sha256: str | None = None) -> NDArray[np.uint8]:
    """Read a picture upright (its EXIF orientation applied), 16 bits a channel brought to 8.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str or None
        What `file_sha256` said when the picture was imported; None takes any.

    Returns
    -------
    NDArray, shape (H, W, 3), uint8
        RGB.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, no picture, or another one than was imported.
    """
    if sha256 is not None and file_sha256(path) != sha256:
        raise UnreadableInput(
            f"The picture {path} has changed since it was imported",
            "Put the old one back, or import the new one",
        )
    with _opened(path) as image:
        ImageOps.exif_transpose(image, in_place=True)
        if image.mode.startswith("I;16"):  # Pillow would clip, not scale
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height in pixels of the upright picture, reading only its header."""
    with _opened(path) as image:
        width, height = image.size
        # Pillow unfolds a whole PNG to look for what may stand behind its pixels
        whole = image.format != "PNG" or _has_text_behind_pixels(path)
        exif = image.getexif() if whole else Image.Image.getexif(image)
        # that of a TIFF is its upright size already
        turned = image.format != "TIFF" and exif.get(0x0112, 1) in (5, 6, 7, 8)
        return (height, width) if turned else (width, height)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal."""
    with _words_for_failures(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_picture(path: Path) -> bool:
    """Return whether a file's name ends as pictures' names do."""
    return path.suffix.lower() in SUFFIXES


def find_images(folder: Path) -> list[Path]:
    """Return the pictures in a folder and below, in the order of their names."""
    if not folder.is_dir():
        raise UnreadableInput(f"{folder} is not a folder", "Name a folder with pictures")
    named = (path for path in folder.rglob("*") if is_picture(path))
    return sorted(path for path in named if not os.path.isdir(path))  # noqa: PTH112 - never raises


def _has_text_behind_pixels(png: Path) -> bool:
    """Whether a PNG has a chunk behind its pixels in which an orientation may stand."""
    with png.open("rb") as file:
        file.seek(8)
        behind = False
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            behind |= name == b"IDAT"
            if behind and name in (b"eXIf", b"tEXt", b"zTXt", b"iTXt"):
                return True
            if name == b"IEND":
                break
            file.seek(length + 4, os.SEEK_CUR)
    return False


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    # not by its name, or Pillow would map it: turned TIFFs come out torn, and a file cut short
    # meanwhile ends the process
    with (
        _words_for_failures(path),
        path.open("rb") as file,
        Image.open(file, formats=FORMATS) as image,
    ):
        yield image


@contextmanager
def _words_for_failures(path: Path) -> Iterator[None]:
    # a pipe or a device would be read without end; a name may be none that can be looked up
    if not os.path.isfile(path):  # noqa: PTH113 - pathlib's may raise
        raise UnreadableInput(f"The picture {path} is missing")
    try:
        yield
    except Image.DecompressionBombError as error:
        raise UnreadableInput(
            f"The picture {path} is too large", "Scale it below 178 million pixels"
        ) from error
    except _TORN as error:
        reason = getattr(error, "strerror", None) or error
        detail = "not a picture" if isinstance(error, UnidentifiedImageError) else reason
        raise UnreadableInput(f"The picture {path} cannot be read: {detail}") from error
