"""A dataset file of a kind still unknown, looked into once, whatever asks it what it is."""

import json
import zipfile
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from core.errors import UnreadableInput
from core.safe_joblib import read_joblib
from core.safe_reader import read_npz, read_pickle
from core.safe_torch import read_torch

Kind = Literal[
    "npz", "json", "jsonl", "pickle", "torch", "joblib", "mat5", "mat73", "xml", "folder", "?"
]

LARGEST_JSON = 1 << 30
"""Bytes; the largest in use, COCO's and Halpe's, have half of that."""
_HEAD = 600
_LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


class Opened:
    """A file and what is in it; each part is read when it is first asked for.

    Parameters
    ----------
    path : Path
        The file, or a folder of files that belong together.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def kind(self) -> Kind:
        """What the file is, by its first bytes."""
        if self.path.is_dir():
            return "folder"
        try:
            with self.path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError as error:
            raise UnreadableInput(f"{self.path} cannot be read: {error.strerror}") from error
        if head.startswith(b"PK"):
            return "torch" if any(name.endswith("/data.pkl") for name in self._zipped) else "npz"
        return _kind(head)

    @cached_property
    def _zipped(self) -> list[str]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.namelist()
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableInput(f"{self.path} cannot be read: {error}") from error

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the arrays of an npz, or the keys of what lies in the file if it has any."""
        if self.kind == "npz":
            return frozenset(name.removesuffix(".npy") for name in self._zipped)
        value = self.value
        return frozenset(map(str, value)) if isinstance(value, Mapping) else frozenset()

    def arrays(self, names: Collection[str] | None = None) -> dict[str, Any]:
        """Read arrays of an npz: those named that are there, or all."""
        return read_npz(self.path, names)

    @cached_property
    def value(self) -> Any:
        """What a json or pickle holds; None where the file is neither.

        Raises
        ------
        UnreadableInput
            It is torn or hostile.
        """
        if self.kind == "json":
            return self._json()
        readers = {"torch": read_torch, "joblib": read_joblib}
        if self.kind in readers:
            return readers[self.kind](self.path)
        if self.kind != "pickle":
            return None
        try:
            return read_pickle(self.path)
        except UnreadableInput as error:
            if "NumpyArrayWrapper" not in str(error):
                raise
            return read_joblib(self.path)

    @cached_property
    def text(self) -> str:
        """The file as text.

        Raises
        ------
        UnreadableInput
            It is none, or too long.
        """
        try:
            if self.path.stat().st_size > LARGEST_JSON:
                raise ValueError("it is larger than 1 GiB")
            return self.path.read_bytes().decode("utf-8-sig")
        except (OSError, ValueError) as error:
            raise UnreadableInput(f"{self.path} cannot be read as text: {error}") from error

    def _json(self) -> Any:
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise UnreadableInput(f"{self.path} cannot be read as json: {error}") from error


def _kind(head: bytes) -> Kind:
    if head.startswith(b"MATLAB 5"):
        return "mat5"
    if head.startswith((b"MATLAB 7.3", b"\x89HDF\r\n\x1a\n")):
        return "mat73"
    if head.startswith(_LEGACY_TORCH):
        return "torch"
    if head.startswith(b"\x80") or head[:2] in (b"(d", b"(l", b"}q", b"cc", b"cn"):
        return "pickle"
    if head[:2] in (b"x\x01", b"x^", b"x\x9c", b"x\xda"):
        return "joblib"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b'{"diffannot":'):
        return "jsonl"
    if start.startswith((b"{", b"[")):
        return "json"
    return "xml" if start.startswith(b"<") else "?"
