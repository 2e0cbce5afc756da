"""Videos, read frame by frame, upright, at their own times; folders that hold such frames."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import DiffAnnotError, UnreadableInput
from core.images import image_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mts"})
"""File name endings that count as videos."""

_CONTAINERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts"
"""What is opened: a play list, under any name, could make FFmpeg read other files and addresses."""

LARGEST = 178_956_970
"""Pixels of a frame: as many as of a picture."""
FEWEST = 8
"""Pictures that a folder of frames holds at least."""


@dataclass(frozen=True, eq=False)
class Shot:
    """One frame of a video.

    Parameters
    ----------
    number : int
        From 0.
    time : float
        Seconds from the first frame.
    pixels : NDArray, shape (H, W, 3), uint8
        RGB, upright, with square pixels.
    """

    number: int
    time: float
    pixels: NDArray[np.uint8]


class Video:
    """A video file that is open; frames are decoded one after the other.

    Attributes
    ----------
    path : Path
        The file.
    rate : float
        Frames a second, on the mean.
    count : int
        Frames, as the file says or as follows from its length; 0 where it does not tell.
    counted : bool
        Whether the file says so itself.
    """

    def __init__(self, path: Path, container: "InputContainer", stream: "VideoStream") -> None:
        self.path, self._container, self._stream = path, container, stream
        given = stream.average_rate or stream.guessed_rate
        self.rate = float(given) if given else 30.0
        seconds = (container.duration or 0) / 1e6
        self.counted = stream.frames > 0
        self.count = stream.frames or round(max(0.0, seconds) * self.rate)

    def frames(self, every: int = 1) -> Iterator[Shot]:
        """Yield every so-manieth frame from the first on.

        Raises
        ------
        UnreadableInput
            The file is torn from here on, or the next frame is too large.
        """
        start: float | None = None
        with _words_for_failures(self.path):
            for number, frame in enumerate(self._container.decode(self._stream)):
                _check_size(self.path, frame.width, frame.height)
                time = number / self.rate if frame.time is None else float(frame.time)
                start = time if start is None else start
                if number % every == 0:
                    yield Shot(number, time - start, self._upright(frame))

    def _upright(self, frame: "VideoFrame") -> NDArray[np.uint8]:
        shape = self._stream.sample_aspect_ratio
        width = round(frame.width * shape) if shape else frame.width
        pixels = frame.to_ndarray(format="rgb24", width=width, height=frame.height)
        return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)), np.uint8)


@contextmanager
def open_video(path: Path) -> Iterator[Video]:
    """Open a video file.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, no video, or too large a one.
    """
    import av  # FFmpeg comes with it; the window starts without

    if not path.is_file():
        raise UnreadableInput(f"The video {path} is missing")
    # no protocol but this very file, whatever is in it
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    with (
        _words_for_failures(path),
        av.open(str(path.absolute()), container_options=options) as container,
    ):
        if not container.streams.video:
            raise UnreadableInput(f"{path} holds no video", "It may be torn, or sound alone")
        stream = container.streams.video[0]
        _check_size(path, stream.width, stream.height)
        stream.thread_type = "AUTO"
        yield Video(path, container, stream)


def is_video(path: Path) -> bool:
    """Return whether a file's name ends as videos' names do."""
    return path.suffix.lower() in SUFFIXES


def find_videos(folder: Path) -> list[Path]:
    """Return the videos in a folder and below, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if is_video(path) and path.is_file())


def frame_numbers(files: Iterable[Path]) -> dict[Path, int]:
    """Return the numbers of those pictures that are frames of a video, by folder, from 0.

    Frames are all pictures of a folder, at least `FEWEST`, of one size, with names that differ in
    one number alone, which rises by even steps.
    """
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    found: dict[Path, int] = {}
    for some in folders.values():
        found.update(_numbered(some))
    return found


def _numbered(files: list[Path]) -> dict[Path, int]:
    parts = [re.fullmatch(r"(.*?)(\d+)", file.stem) for file in files]
    names = {(part[1], file.suffix) for part, file in zip(parts, files, strict=True) if part}
    if len(files) < FEWEST or None in parts or len(names) > 1:
        return {}
    numbers = {int(part[2]): file for part, file in zip(parts, files, strict=True) if part}
    first, *others = sorted(numbers)
    steps = {later - sooner for sooner, later in zip([first, *others], others, strict=False)}
    if len(steps) != 1 or not _one_size(files):
        return {}
    return {file: number - first for number, file in sorted(numbers.items())}


def _one_size(files: list[Path]) -> bool:
    try:
        return len({image_size(file) for file in files}) == 1
    except UnreadableInput:
        return False


def _check_size(path: Path, width: int, height: int) -> None:
    if not 0 < width * height <= LARGEST:
        raise UnreadableInput(
            f"The video {path} has frames of {width} x {height} pixels",
            "Scale it below 178 million pixels",
        )


@contextmanager
def _words_for_failures(path: Path) -> Iterator[None]:
    from av import FFmpegError

    try:
        yield
    except DiffAnnotError:
        raise
    except (FFmpegError, OSError, ValueError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableInput(
            f"The video {path} cannot be read: {reason}",
            "It may be torn, or in no format that FFmpeg's open decoders know",
        ) from error
