"""What a project hands out: plain frozen values, no database behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.evidence import Evidence
from core.pose import Parameters
from core.project.decisions import Accept
from core.trajectory import Suggestion, Trajectory


class State(StrEnum):
    """Where a person stands in the review."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FLAGGED = "flagged"
    SECOND_OPINION = "second-opinion"


@dataclass(frozen=True)
class PersonRow:
    """One line of a list of persons; cheap to read by the thousand.

    Parameters
    ----------
    id : int
        Key in the project.
    image_id : int
        Key of the picture.
    image : str
        Path of the picture as stored, relative to the project file, posix.
    number : int
        1-based within the picture.
    state : State
        What the journal says.
    suggested_step : int or None
        Of the run that is shown, None where there is none.
    expected_gain : float or None
        Of the suggestion, mm.
    score : float or None
        Of step 0, share of the box side.
    has_theta1 : bool
        Whether there is a rough annotation.
    note : str
        A machine's, for the reviewer, e.g. "nobody found in the box".
    chosen_step : int or None
        Step that was accepted or picked; 0 where Θ1 was accepted.
    own_parts : tuple of str
        Parts of the body (`core.pose.PARTS`) that come from steps of their own.
    decided_by, decided_at : str or None
        Who gave the verdict that counts, and when: UTC, ISO 8601.
    tags : tuple of str
        In order of the alphabet.
    remark : str
        The reviewer's own words.
    disputed : bool
        Whether reviewers differ on whether this person is good enough.
    disagreement : float or None
        Degrees between the suggestion of the run that is shown and those of earlier runs on the
        same Θ1: the largest mean over the 24 joints. None where there is no other run.
    run_id : int or None
        Key of the run that is shown.
    track : str or None
        Who it is, over the frames of a sequence.
    sequence_id, frame, time : int, int and float, or None
        Of a picture that is a frame: its sequence, its number there, from 0, and seconds.
    """

    id: int
    image_id: int
    image: str
    number: int
    state: State
    suggested_step: int | None
    expected_gain: float | None
    score: float | None
    has_theta1: bool
    note: str
    chosen_step: int | None = None
    own_parts: tuple[str, ...] = ()
    decided_by: str | None = None
    decided_at: str | None = None
    tags: tuple[str, ...] = ()
    remark: str = ""
    disputed: bool = False
    disagreement: float | None = None
    run_id: int | None = None
    track: str | None = None
    sequence_id: int | None = None
    frame: int | None = None
    time: float | None = None

    @property
    def name(self) -> str:
        """The person in words, for messages."""
        return f"{self.image} person {self.number}"

    @property
    def mixed(self) -> bool:
        """Whether parts of the body come from other steps."""
        return bool(self.own_parts)


@dataclass(frozen=True)
class ImageRow:
    """A picture, as lists name it.

    Parameters
    ----------
    id : int
        Key in the project.
    path : str
        As stored, relative to the project file, posix.
    sha256 : str
        Of the picture when it was imported.
    """

    id: int
    path: str
    sha256: str


@dataclass(frozen=True)
class SequenceRow:
    """A video, or a folder of its frames.

    Parameters
    ----------
    id : int
        Key in the project.
    name : str
        Of the file or folder, other than those of other sequences.
    path : str
        As stored, relative to the project file, posix.
    sha256 : str
        Of the video when it was imported; empty for a folder.
    rate : float
        Frames a second; not all of them need be in the project.
    """

    id: int
    name: str
    path: str
    sha256: str
    rate: float


@dataclass(frozen=True)
class Frame:
    """A picture's place in a sequence.

    Parameters
    ----------
    sequence_id : int
        Key of the sequence.
    number : int
        Counted in the video from 0, those that were left out too.
    time : float
        Seconds from the first frame of the video.
    """

    sequence_id: int
    number: int
    time: float


@dataclass(frozen=True)
class Source:
    """Where a Θ1 is from.

    Parameters
    ----------
    frontend : str
        Registry name, "hand", or "<format>:<file>".
    weights_sha256 : str
        Of the frontend's weights; empty where it has none.
    detail : str
        Version, settings, file.
    """

    frontend: str
    weights_sha256: str = ""
    detail: str = ""


HAND = "hand"
"""Frontend name of a Θ1 that a person placed."""

STEADIED = "steadied"
"""Refiner name of a run that steadied a track: it counts only while a decision names it."""


@dataclass(frozen=True, eq=False)
class Run:
    """A stored trajectory with its scores.

    Parameters
    ----------
    id : int
        Key in the project.
    trajectory : Trajectory
        N+1 steps.
    scores : NDArray, shape (N+1,), float32
        Share of the box side; NaN where there are no keypoints.
    suggestion : Suggestion
        The step that the scores propose.
    weights_sha256, seed, body_sha256
        What made it.
    """

    id: int
    trajectory: Trajectory
    scores: NDArray[np.float32]
    suggestion: Suggestion
    weights_sha256: str
    seed: int
    body_sha256: str


@dataclass(frozen=True, eq=False)
class Person:
    """All that is known of one person.

    Parameters
    ----------
    row : PersonRow
        The light part.
    image_path : Path
        Absolute.
    image_sha256 : str
        Of the picture when it was imported.
    width, height : int
        Size of the picture in pixels.
    evidence : Evidence
        Box, keypoints, joints in space.
    theta1, theta1_id, source
        The rough annotation that counts: the decided one, else the newest placed by hand,
        else the newest.
    run : Run or None
        The decided run, else the newest on this Θ1.
    chosen_step : int or None
        Step that was accepted or picked; 0 where Θ1 was accepted.
    chosen_parts : dict of str to int
        Parts of the body (`core.pose.PARTS`) that come from steps of their own.
    keypoints_id : int or None
        Key of the evidence's keypoints.
    joints_id : int or None
        Key of the evidence's joints in space.
    keypoints_source : str
        A frontend, "import", or "hand"; empty where there are none.
    track : str or None
        Identity over a video.
    looked_elsewhere : bool
        Whether Θ1 is a machine's from before the box was moved to where it is.
    accepts : mapping of str to Accept
        By reviewer, what each accepted last, of whichever run, and has not rejected since.
    """

    row: PersonRow
    image_path: Path
    image_sha256: str
    width: int
    height: int
    evidence: Evidence
    theta1: Parameters | None
    theta1_id: int | None
    source: Source | None
    run: Run | None
    chosen_step: int | None
    chosen_parts: dict[str, int]
    keypoints_id: int | None
    joints_id: int | None = None
    keypoints_source: str = ""
    track: str | None = None
    looked_elsewhere: bool = False
    accepts: Mapping[str, Accept] = field(default_factory=dict)
