"""What a frontend says of people of whom a corpus knows more: to learn from, and to measure on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import Cancelled, DiffAnnotError, InvalidAnnotation, MissingModel, UnreadableInput
from core.evidence import Evidence
from core.formats.records import Failure
from core.frontends import Frontend, looked_at
from core.images import read_image
from core.pose import Parameters
from core.progress import CancelToken
from training.corpora.records import Sample


@dataclass(frozen=True, eq=False)
class Pair:
    """One person: what is true, and what a frontend says.

    Parameters
    ----------
    sample : Sample
        As the corpus has it.
    theta1 : Parameters
        Θ1, batch shape (), in the frontend's camera: no frontend takes the corpus' intrinsics.
    evidence : Evidence
        The sample's box, and its keypoints where there are any, else the frontend's own.
    """

    sample: Sample
    theta1: Parameters
    evidence: Evidence


def pairs(
    samples: Iterable[Sample | Failure], frontend: Frontend, cancel: CancelToken | None = None
) -> Iterator[Pair | Failure]:
    """Run a frontend on the picture and box of every person, in their order.

    The corpus' keypoints do not change Θ1: it is what frontends say of the picture alone. Who
    has no picture or box, whose picture is torn, or who is not found comes back as a failure, and
    failures of the corpus' reader pass through.

    Raises
    ------
    Cancelled
        Someone asked to stop.
    MissingModel
        Weights that the frontend needs are not on this machine.
    """
    cancel = cancel or CancelToken()
    pictures = _Pictures()
    for sample in samples:
        cancel.check()
        if isinstance(sample, Failure):
            yield sample
            continue
        try:
            yield _pair(sample, frontend, pictures)
        except (Cancelled, MissingModel):
            raise
        except DiffAnnotError as error:
            yield Failure(sample.name, str(error))


def _pair(sample: Sample, frontend: Frontend, pictures: "_Pictures") -> Pair:
    image = pictures.of(sample)
    if sample.box is None:
        raise InvalidAnnotation("there is no box around the person")
    known = Evidence(sample.box, sample.keypoints)
    # who is blind to keypoints need not find its own, which nobody would ask for
    given = sample.keypoints if getattr(frontend, "blind", False) else None
    rough = frontend.annotate(image, looked_at(frontend, known), given)
    return Pair(sample, rough.theta1, Evidence(sample.box, sample.keypoints or rough.keypoints))


class _Pictures:
    """Pictures of samples; the last is kept, as the people of one mostly follow each other."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._image = np.zeros((0, 0, 3), np.uint8)

    def of(self, sample: Sample) -> NDArray[np.uint8]:
        if sample.image is None:
            raise UnreadableInput("there is no picture of the person")
        if sample.video_frame is not None:
            raise UnreadableInput(
                f"the picture is frame {sample.video_frame} of the video {sample.image}",
                "Take the pictures out of the videos first: `python -m training.corpora` says "
                "where they are expected",
            )
        if sample.image != self._path:
            self._image = read_image(sample.image)
            self._path = sample.image
        return self._image
