"""What every corpus gives: one kind of sample, and a table of how its raw files are to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import InvalidAnnotation, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.keypoints import CONVENTIONS

Split = Literal["train", "validation", "test"]
Frame = Literal["camera", "world"]
"""`camera`: as OpenCV's, x right, y down, z forward. `world`: y up, no camera known."""
Gender = Literal["male", "female", "neutral"]

GENDERS: Mapping[str, Gender] = {"m": "male", "f": "female", "n": "neutral"}
"""As 3DPW and mmhuman3d write them."""


@dataclass(frozen=True, eq=False)
class Joints3D:
    """True joints of one person.

    Parameters
    ----------
    convention : str
        Their order (`core.keypoints.CONVENTIONS`).
    points : NDArray, shape (K, 3), float32
        Metres.
    known : NDArray, shape (K,), bool
        Joints that the data set has.
    root : int
        Place of the root in the convention.
    frame : str
        `Frame`; where the origin lies is the data set's, so align roots before comparing.
    """

    convention: str
    points: NDArray[np.float32]
    known: NDArray[np.bool_]
    root: int
    frame: Frame

    @property
    def centred(self) -> NDArray[np.float32]:
        """The points with the root at the origin."""
        return np.asarray(self.points - self.points[self.root])


@dataclass(frozen=True, eq=False)
class Smpl:
    """True SMPL parameters of one person; radians, metres.

    Parameters
    ----------
    global_orient, body_pose : NDArray, shape (3,) and (23, 3), float32
        Axis-angle; the orientation turns the body into `frame`.
    betas : NDArray or None, shape (10,), float32
        Of SMPL's model of this gender.
    transl : NDArray or None, shape (3,), float32
        Added after posing, in `frame`.
    gender : str
        Whose model the numbers belong to.
    frame : str
        `Frame`.
    """

    global_orient: NDArray[np.float32]
    body_pose: NDArray[np.float32]
    betas: NDArray[np.float32] | None
    transl: NDArray[np.float32] | None
    gender: Gender
    frame: Frame


@dataclass(frozen=True, eq=False)
class Sample:
    """One person of a corpus; what the corpus does not have is None.

    Parameters
    ----------
    corpus, split : str
        Where from.
    name : str
        Tells the person within the corpus; join files by it, never by row.
    image : Path or None
        The picture, or the video that it is a frame of.
    box : Box or None
        Pixels.
    keypoints : Keypoints2D or None
        Pixels, with confidence.
    joints : Joints3D or None
        True joints.
    smpl : Smpl or None
        True parameters.
    intrinsics : NDArray or None, shape (3, 3)
        Of the camera, pixels.
    video_frame : int or None
        0-based, where `image` is a video.
    """

    corpus: str
    split: Split
    name: str
    image: Path | None = None
    box: Box | None = None
    keypoints: Keypoints2D | None = None
    joints: Joints3D | None = None
    smpl: Smpl | None = None
    intrinsics: NDArray[np.float64] | None = None
    video_frame: int | None = None


@dataclass(frozen=True)
class Layout:
    """How the raw files of one split are to be read; readers go by it.

    Parameters
    ----------
    corpus, split : str
        Of what.
    expected : str
        What must lie where, for the one line that says so when it does not.
    keypoints, joints : str or None
        Conventions of 2D and 3D points; None where there are none.
    root : str or None
        Name of the root among the joints.
    unit : float
        Metres in one unit of the file's joints.
    frame : str or None
        `Frame` of joints and SMPL parameters once read; None where there are none.
    pixel_offset : float
        Added to the file's pixels so that the origin is the corner of the top-left pixel.
    remark : str
        What else to know.
    """

    corpus: str
    split: Split
    expected: str
    keypoints: str | None = None
    joints: str | None = None
    root: str | None = None
    unit: float = 1.0
    frame: Frame | None = None
    pixel_offset: float = 0.0
    remark: str = ""

    def __post_init__(self) -> None:
        for convention in (self.keypoints, self.joints):
            if convention is not None and convention not in CONVENTIONS:
                raise ValueError(f"there is no convention {convention}")
        if self.joints is not None and self.root not in CONVENTIONS[self.joints]:
            raise ValueError(f"{self.root} is no joint of {self.joints}")

    def keypoints2d(self, points: ArrayLike, confidence: ArrayLike) -> Keypoints2D:
        """Make keypoints of the file's points (K, 2) and confidence (K,).

        Raises
        ------
        InvalidAnnotation
            They are not as many as the table says.
        """
        assert self.keypoints is not None
        pixels = np.asarray(points, dtype=np.float32) + np.float32(self.pixel_offset)
        _count(pixels, self.keypoints, 2)
        return Keypoints2D(self.keypoints, pixels, np.asarray(confidence, dtype=np.float32))

    def joints3d(self, points: ArrayLike, known: ArrayLike | None = None) -> Joints3D:
        """Make joints of the file's points (K, 3); `known` (K,) is None where all are.

        Raises
        ------
        InvalidAnnotation
            They are not as many as the table says.
        """
        assert self.joints is not None and self.root is not None and self.frame is not None
        metres = (np.asarray(points, dtype=np.float64) * self.unit).astype(np.float32)
        _count(metres, self.joints, 3)
        there = np.asarray(np.isfinite(metres).all(axis=1))
        if known is not None:
            there = there & np.asarray(known).astype(bool)
        root = CONVENTIONS[self.joints].index(self.root)
        return Joints3D(self.joints, np.where(there[:, None], metres, 0), there, root, self.frame)

    def require(self, folder: Path, paths: Sequence[Path]) -> None:
        """Make sure that files or folders are there.

        Raises
        ------
        UnreadableInput
            Some are missing, or there are none to look for: one line says what is expected.
        """
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise self.incomplete(
                folder, f"{len(missing)} of {len(paths)} are missing, the first is {missing[0]}"
            )
        if not paths:
            raise self.incomplete(folder, "nothing is there")

    def incomplete(self, folder: Path, why: str) -> UnreadableInput:
        """Return the error that says in one line what is expected where."""
        return UnreadableInput(
            f"{self.corpus} ({self.split}) is not complete in {folder}: {why}",
            f"Expected are {self.expected}",
        )


def _count(points: NDArray[np.floating], convention: str, dimensions: int) -> None:
    shape = (len(CONVENTIONS[convention]), dimensions)
    if points.shape != shape:
        raise InvalidAnnotation(f"{convention} points have the shape {points.shape}, not {shape}")
