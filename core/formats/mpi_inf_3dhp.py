"""MPI-INF-3DHP's MATLAB files (vcai.mpi-inf.mpg.de/3dhp-dataset): 2D points; 3D joints stay there.

`annot.mat` of a training sequence (MATLAB 5): annot2, a cell (14, 1) by camera of (F, 56) pixels;
its frames are sought as imageFrames/video_<camera>/*.jpg. `annot_data.mat` of a test sequence
(MATLAB 7.3): annot2 (F, 1, 17, 2), valid_frame (F, 1); imageSequence/img_000001.jpg is frame 0.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.evidence import Keypoints2D, box_around
from core.formats.matlab import names_in, read_mat5, read_mat73
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one

CAMERAS = 14
TRAIN, TEST = (28, 2), (17, 2)


def recognises(file: Opened) -> bool:
    """Whether a file is MATLAB's and holds annot2."""
    return file.kind in ("mat5", "mat73") and "annot2" in names_in(file.path)


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every frame whose picture is there.

    Raises
    ------
    UnreadableInput
        The file is torn or hostile, or holds something else.
    """
    train = file.kind == "mat5"
    frames = _train(file.path, pictures) if train else _test(file.path, pictures)
    convention = "mpi_inf_3dhp" if train else "mpi_inf_3dhp_test"
    missing = 0
    for label, image, track, pixels in frames:
        if image is None:
            missing += 1
            continue
        yield from one(label, partial(_record, label, image, track, pixels, convention))
    if missing:
        yield Note(f"{missing} frames without a picture")


def _record(
    label: str, image: Path, track: str, pixels: NDArray[np.float64], convention: str
) -> Record:
    found = Keypoints2D(convention, pixels.astype(np.float32), np.ones(len(pixels), np.float32))
    return Record(label, image, box_around(pixels), found, track=track)


Frame = tuple[str, Path | None, str, NDArray[np.float64]]


def _train(path: Path, pictures: Pictures) -> Iterator[Frame]:
    cells = read_mat5(path, ("annot2",))["annot2"]
    sequence = "/".join(path.absolute().parts[-3:-1])
    for camera in range(CAMERAS):
        folders = [pictures.folder / part / f"video_{camera}" for part in ("imageFrames", "")]
        stills = next((Pictures(each).frames for each in folders if each.is_dir()), [])
        for frame, pixels in enumerate(points_of(path, cells, camera, TRAIN)):
            label = f"camera {camera} frame {frame}"
            image = stills[frame] if frame < len(stills) else None
            yield label, image, f"{sequence}/{camera}", pixels


def points_of(path: Path, cells: Any, camera: int, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return the points (F, K, D) of one camera out of a cell array (14, 1) of tables (F, K*D).

    Raises
    ------
    UnreadableInput
        The table is none.
    """
    try:
        table = np.asarray(cells[camera][0], dtype=np.float64)
        return table.reshape(len(table), *shape)
    except (LookupError, TypeError, ValueError) as error:
        raise not_ours(path, error) from error


def _test(path: Path, pictures: Pictures) -> Iterator[Frame]:
    valid, pixels = tested(path, read_mat73(path, ("annot2", "valid_frame")))
    for frame in np.flatnonzero(valid).tolist():
        name = f"imageSequence/img_{frame + 1:06}.jpg"
        image = pictures.find(name)
        there = image if image.exists() else None
        yield f"frame {frame}", there, path.absolute().parent.name, pixels[frame]


def tested(path: Path, data: dict[str, Any]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which of F frames are valid (F,), and their points (F, 17, 2) in pixels.

    Raises
    ------
    UnreadableInput
        The arrays do not fit together.
    """
    try:
        count = len(data["valid_frame"])
        valid = np.asarray(data["valid_frame"], dtype=np.float64).reshape(count) > 0
        return valid, np.asarray(data["annot2"], dtype=np.float64).reshape(count, *TEST)
    except (TypeError, ValueError) as error:
        raise not_ours(path, error) from error


def not_ours(path: Path, why: object) -> UnreadableInput:
    """Return the error of a file that holds something else."""
    return UnreadableInput(f"{path} does not hold MPI-INF-3DHP's annotations: {why}")
