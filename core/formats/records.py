"""What readers of dataset files yield: one record a person, or one failure."""

from dataclasses import dataclass
from pathlib import Path

from core.evidence import Box, Keypoints2D
from core.pose import Parameters


@dataclass(frozen=True, eq=False)
class Record:
    """One person of a dataset file.

    Parameters
    ----------
    name : str
        Where in the file, for messages.
    image : Path
        The picture.
    box : Box
        Pixels.
    keypoints : Keypoints2D or None
        2D evidence.
    theta1 : Parameters or None
        Rough annotation, batch shape ().
    placed : bool
        Whether `theta1.transl` and its camera are the file's; else they are to be found.
    track : str or None
        Identity over a video.
    """

    name: str
    image: Path
    box: Box
    keypoints: Keypoints2D | None = None
    theta1: Parameters | None = None
    placed: bool = True
    track: str | None = None


@dataclass(frozen=True)
class Failure:
    """One item of a dataset file that cannot be used.

    Parameters
    ----------
    name : str
        Where in the file.
    why : str
        What is wrong with it.
    """

    name: str
    why: str
