"""What readers of dataset files yield: one record a person, one failure, or a note on it all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import DiffAnnotError, InvalidAnnotation
from core.evidence import Box, Joints3D, Keypoints2D
from core.pose import Parameters

SMALLEST_BOX, LARGEST_PIXEL = 1.0, 1e5
"""Pixels: a smaller box, or a place farther away, is a mistake."""


@dataclass(frozen=True, eq=False)
class Record:
    """One person of a dataset file.

    Parameters
    ----------
    name : str
        Where in the file, for messages.
    image : Path
        The picture.
    box : Box or None
        Pixels; None where the file has none, then it is drawn around the body, or the picture.
    keypoints : Keypoints2D or None
        2D evidence.
    theta1 : Parameters or None
        Rough annotation, batch shape ().
    placed : bool
        Whether `theta1.transl` and its camera are the file's; else they are to be found.
    track : str or None
        Identity over a video.
    joints : Joints3D or None
        3D evidence: measured, not those of a body that was fitted or guessed.

    Raises
    ------
    InvalidAnnotation
        Box or keypoints are of an absurd size, or absurdly far away.
    """

    name: str
    image: Path
    box: Box | None
    keypoints: Keypoints2D | None = None
    theta1: Parameters | None = None
    placed: bool = True
    track: str | None = None
    joints: Joints3D | None = None

    def __post_init__(self) -> None:
        box = self.box
        if box is not None and (
            box.side < SMALLEST_BOX or max(abs(box.x), abs(box.y), box.side) > LARGEST_PIXEL
        ):
            raise InvalidAnnotation(f"the box {box.x, box.y, box.width, box.height} is absurd")
        if self.keypoints is not None:
            seen = self.keypoints.points[self.keypoints.confidence > 0]
            if (np.abs(seen) > LARGEST_PIXEL).any():
                raise InvalidAnnotation("keypoints lie absurdly far outside the picture")


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


@dataclass(frozen=True)
class Note:
    """What a reader leaves out of a file, in words.

    Parameters
    ----------
    text : str
        One line.
    """

    text: str


Item = Record | Failure | Note


def one(name: str, make: Callable[[], Record | None]) -> Iterator[Item]:
    """Yield the record that one row of a file makes, or why there is none; None yields nothing."""
    try:
        made = make()
    except DiffAnnotError as error:
        yield Failure(name, str(error))
    except KeyError as error:
        yield Failure(name, f"it has no {error}")
    except (OSError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        reason = str(error).splitlines() or [type(error).__name__]
        yield Failure(name, f"its values do not fit: {reason[0]}")
    else:
        if made is not None:
            yield made
