"""Videos and folders of frames into a project, and the people in them onto tracks.

Frames are kept as JPEG pictures beside the project: every exporter and trainer needs picture files
anyway, any frame is shown in the same few milliseconds (a video's keyframes may lie 10 s apart),
and the project does not break when the video is moved. What that costs on the disk is held by
`MOST`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil
from pathlib import Path

from PIL import Image

from core.errors import UnreadableInput, UnwritableOutput
from core.images import file_sha256
from core.jobs.report import Job, Report, Tally
from core.progress import CancelToken, Progress
from core.project import Frame, Picture, Project
from core.tracking import follow
from core.video import Shot, Video, frame_numbers, open_video

MOST = 3000
"""Frames that are taken of a video unless somebody says how many."""
AT_ONCE = 25
"""Frames a write."""
QUALITY = 95
"""Of the JPEGs, about 250 KB at 1080 lines."""


@dataclass(frozen=True)
class Pace:
    """Which frames are taken, and when they are.

    Parameters
    ----------
    every : int or None
        One frame of so many of a video; None takes as many as `MOST` allows.
    rate : float or None
        Frames a second of folders of frames; a video knows its own. None keeps what was said
        before, or assumes `core.video.ASSUMED_RATE`.
    """

    every: int | None = None
    rate: float | None = None


def import_video(
    project: Project, file: Path, pace: Pace | None = None, cancel: CancelToken | None = None
) -> Job:
    """Add the frames of a video; those that are there already are not written again.

    Parameters
    ----------
    project : Project
        Its frames lie beside it, in a folder named by the project and the video.
    file : Path
        The video.
    pace : Pace or None
        Which frames.
    cancel : CancelToken or None
        Looked at between frames.

    Raises
    ------
    UnreadableInput
        The file is missing, torn from the start, or no video.
    UnwritableOutput
        The frames cannot be written.
    """
    cancel, every = cancel or CancelToken(), (pace or Pace()).every
    tally = Tally()
    with open_video(file) as video:
        step = every or max(1, ceil(video.count / MOST))
        digest = file_sha256(file)
        folder = frames_folder(project) / f"{file.stem}-{digest[:8]}"
        writing = _Writing(project, video, digest, folder, tally)
        try:
            for shot in video.frames(step):
                if cancel.cancelled:
                    writing.flush()
                cancel.check()
                writing.take(shot)
                yield Progress(tally.done, ceil(video.count / step), file.name)
        except UnreadableInput as error:
            if not writing.seen:
                raise
            tally.fail(file.name, f"torn after {writing.seen} frames: {error}")
        writing.flush()
        if not writing.seen:
            raise UnreadableInput(f"The video {file} has no frames", "It may be torn")
        _tell_missing(video, writing.read, step, tally)
    if every is None and step > 1:
        tally.notes.append(
            f"{file.name}: one of {step} frames is taken, of about {video.count};"
            " --every 1 takes all"
        )
    return tally.report()


def _tell_missing(video: Video, read: int, step: int, tally: Tally) -> None:
    """Say where more than a second of a video is missing at its end."""
    if tally.failures or video.count - read <= max(video.rate, 1) + step:
        return
    words = f"torn: {read} of {video.count} frames can be read"
    if video.counted:
        tally.fail(video.path.name, words)
    else:  # sound may go on for longer
        tally.notes.append(f"{video.path.name} may be {words}")


def frames_folder(project: Project) -> Path:
    """Return where the frames of a project's videos lie."""
    return project.path.with_name(f"{project.path.stem}_frames")


class _Writing:
    """Frames on their way to the disk and into the project."""

    def __init__(
        self, project: Project, video: Video, digest: str, folder: Path, tally: Tally
    ) -> None:
        self._project, self._video, self._digest = project, video, digest
        self._folder, self._tally = folder, tally
        self._waiting: list[tuple[Path, int, float]] = []
        self.seen = self.read = 0

    def take(self, shot: Shot) -> None:
        """Write a frame; it goes into the project with some others."""
        path = self._folder / f"{shot.number:06}.jpg"
        if not path.exists():
            _write(shot, path)
        self._waiting.append((path, shot.number, shot.time))
        self.seen += 1
        self.read = shot.number + 1
        if len(self._waiting) == AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Put the frames that wait into the project."""
        if not self._waiting:
            return
        with self._project.batch():
            video = self._video
            sequence = self._project.add_sequence(video.path, self._digest, video.rate)
            self._project.add_pictures(
                [
                    Picture.of(path, Frame(sequence, number, time))
                    for path, number, time in self._waiting
                ]
            )
        self._tally.done += len(self._waiting)
        self._waiting.clear()


def _write(shot: Shot, path: Path) -> None:
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(shot.pixels).save(part, "JPEG", quality=QUALITY)
        part.replace(path)
    except OSError as error:
        raise UnwritableOutput(
            f"The frame {path} cannot be written: {error.strerror or error}",
            "Check the folder and the space on the disk, or take fewer frames with --every",
        ) from error


def frames_of(project: Project, files: Sequence[Path], pace: Pace) -> dict[Path, Frame]:
    """Make sequences of those folders of pictures that hold frames; return the frames."""
    numbers = frame_numbers(files)
    made = {
        folder: project.add_sequence(folder, "", pace.rate)
        for folder in dict.fromkeys(file.parent for file in numbers)
    }
    rates = {row.id: row.rate for row in project.sequences()}
    return {
        file: Frame(made[file.parent], number, number / rates[made[file.parent]])
        for file, number in numbers.items()
    }


def track_people(project: Project) -> Report:
    """Put the people of all sequences who are on no track on one; nobody else is touched."""
    found = 0
    with project.batch():
        for sequence in project.sequences():
            sightings = project.sightings(sequence.id)
            taken = {one.track for one in sightings}
            names = (f"{sequence.name}/{number}" for number in count(1))
            tracks = follow(sightings, (name for name in names if name not in taken))
            project.set_tracks(tracks)
            found += len(tracks)
    return Report(done=found)
