"""MPI-INF-3DHP, as downloaded (vcai.mpi-inf.mpg.de/3dhp-dataset).

Chosen as SPIN and mmhuman3d do: of the training sequences the eight cameras at chest height, of
those every tenth frame with all joints in the picture; of the test sequences all such frames that
are marked valid. Both take 2048 for the side of every picture, though TS5 and TS6 are 1920 x 1080;
kept, as the published counts (2,875 test frames) stand on it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.evidence import box_around
from core.formats.matlab import read_mat5, read_mat73
from core.formats.mpi_inf_3dhp import not_ours, points_of, tested
from training.corpora.records import Layout, Sample, Split

LAYOUTS = {
    "train": Layout(
        "MPI-INF-3DHP",
        "train",
        expected="S1..S8/Seq1..Seq2/annot.mat and imageSequence/video_<camera>.avi beside it, "
        "or its frames as imageFrames/video_<camera>/*.jpg",
        keypoints="mpi_inf_3dhp",
        joints="mpi_inf_3dhp",
        root="pelvis_extra",
        unit=0.001,
        frame="camera",
    ),
    "test": Layout(
        "MPI-INF-3DHP",
        "test",
        expected="mpi_inf_3dhp_test_set/TS1..TS6/annot_data.mat and imageSequence/img_000001.jpg "
        "beside it",
        keypoints="mpi_inf_3dhp_test",
        joints="mpi_inf_3dhp_test",
        root="pelvis_extra",
        unit=0.001,
        frame="camera",
        remark="univ_annot3: rescaled to one height, so the joints do not project to the points",
    ),
}

CAMERAS = (0, 1, 2, 4, 5, 6, 7, 8)
EVERY = 10
SIDE = 2048


def read(folder: Path, split: Split) -> Iterator[Sample]:
    """Read the chosen frames, by sequence, camera and frame.

    Raises
    ------
    UnreadableInput
        Sequences or pictures are missing, or a file is torn or holds something else.
    """
    return _read_train(folder) if split == "train" else _read_test(folder)


def _read_train(folder: Path) -> Iterator[Sample]:
    layout = LAYOUTS["train"]
    sequences = [folder / f"S{who}" / f"Seq{take}" for who in range(1, 9) for take in (1, 2)]
    layout.require(folder, [sequence / "annot.mat" for sequence in sequences])
    whole = 0
    for sequence in sequences:
        path = sequence / "annot.mat"
        cells = read_mat5(path, ("annot2", "annot3"))
        for camera in CAMERAS:
            pixels = points_of(path, cells["annot2"], camera, (28, 2))
            joints = points_of(path, cells["annot3"], camera, (28, 3))
            if len(joints) != len(pixels):
                raise not_ours(path, f"camera {camera} has {len(pixels)} and {len(joints)} frames")
            pictures = _Pictures(folder, sequence, camera, len(pixels))
            for frame in np.flatnonzero(_inside(pixels)).tolist():
                whole += 1
                if whole % EVERY != 1:
                    continue
                image, video_frame = pictures[frame]
                name = f"{sequence.relative_to(folder).as_posix()}/{camera}/{frame:06}"
                yield _sample(layout, name, image, pixels[frame], joints[frame], video_frame)


def _read_test(folder: Path) -> Iterator[Sample]:
    layout = LAYOUTS["test"]
    sequences = [folder / "mpi_inf_3dhp_test_set" / f"TS{number}" for number in range(1, 7)]
    layout.require(folder, [sequence / "annot_data.mat" for sequence in sequences])
    for sequence in sequences:
        path = sequence / "annot_data.mat"
        data = read_mat73(path, ("annot2", "univ_annot3", "valid_frame"))
        valid, pixels = tested(path, data)
        try:
            joints = np.asarray(data["univ_annot3"], dtype=np.float64).reshape(len(valid), 17, 3)
        except (TypeError, ValueError) as error:
            raise not_ours(path, error) from error
        frames = np.flatnonzero(valid & _inside(pixels)).tolist()
        images = [sequence / "imageSequence" / f"img_{frame + 1:06}.jpg" for frame in frames]
        if images:
            layout.require(folder, images)
        for frame, image in zip(frames, images, strict=True):
            yield _sample(
                layout, f"{sequence.name}/{frame:06}", image, pixels[frame], joints[frame]
            )


class _Pictures:
    """Where the frames of one camera lie: in its video, or beside it as pictures."""

    def __init__(self, folder: Path, sequence: Path, camera: int, frames: int) -> None:
        self._video = sequence / "imageSequence" / f"video_{camera}.avi"
        stills = sequence / "imageFrames" / f"video_{camera}"
        self._stills = sorted(stills.glob("*.jpg"))
        if not self._stills:
            LAYOUTS["train"].require(folder, [self._video])
        elif len(self._stills) < frames:
            raise LAYOUTS["train"].incomplete(
                folder, f"{stills.relative_to(folder)} has {len(self._stills)} of {frames} frames"
            )

    def __getitem__(self, frame: int) -> tuple[Path, int | None]:
        return (self._stills[frame], None) if self._stills else (self._video, frame)


def _inside(pixels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the frames (F,) whose points (F, K, 2) are all in the picture."""
    return np.asarray(((pixels >= 0) & (pixels < SIDE)).all(axis=(1, 2)))


def _sample(
    layout: Layout,
    name: str,
    image: Path,
    pixels: NDArray[np.float64],
    joints: NDArray[np.float64],
    video_frame: int | None = None,
) -> Sample:
    return Sample(
        layout.corpus,
        layout.split,
        name,
        image,
        box_around(pixels),
        layout.keypoints2d(pixels, np.ones(len(pixels))),
        layout.joints3d(joints),
        video_frame=video_frame,
    )
