"""Pictures on disk: read one way everywhere, so that pixels mean the same in every room."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import UnreadableInput

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""File name endings that count as pictures when a folder is searched."""


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read a picture upright (its EXIF orientation applied).

    Returns
    -------
    NDArray, shape (H, W, 3), uint8
        RGB.

    Raises
    ------
    UnreadableInput
        The file is missing, torn or no picture.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise _unreadable(path, error) from error


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height in pixels of the upright picture, reading only its header."""
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            return (height, width) if turned else (width, height)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise _unreadable(path, error) from error


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def find_images(folder: Path) -> list[Path]:
    """Return the pictures in a folder and below, in the order of their names."""
    if not folder.is_dir():
        raise UnreadableInput(f"{folder} is not a folder", "Name a folder with pictures")
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def _unreadable(path: Path, error: Exception) -> UnreadableInput:
    if not path.exists():
        return UnreadableInput(f"The picture {path} is missing")
    detail = "not a picture" if isinstance(error, UnidentifiedImageError) else str(error)
    return UnreadableInput(f"The picture {path} cannot be read: {detail}")
