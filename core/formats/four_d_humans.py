"""Outputs of 4D-Humans' regressor (HMR2.0): Θ1 for pictures that it was run on elsewhere.

A file holds the model's output and its input batch under their own names, a row a person, and the
pictures' names: `torch.save({**out, **batch, "imgname": names}, "hmr2.pt")`, or the same as npz.

| key | shape |
| --- | --- |
| imgname | N names |
| pred_cam | (N, 3): weak perspective on the crop |
| pred_smpl_params | global_orient, body_pose: rotation matrices, or six numbers each, `columns` |
| | betas (N, 10) |
| box_center, box_size | (N, 2), (N,): the square crop in pixels |

Θ1 is of SMPL's body: annotate with `--body`. Its camera is the crop's, in the picture's pixels
(`core.frontends.hmr.camera.carried`). That for the whole picture in 4D-Humans' demo, of a focal
length of 5000 / 256 of the longer side, shows almost the same from hundreds of metres away.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DiffAnnotError, InvalidAnnotation, UnreadableInput
from core.evidence import Box
from core.formats.records import Failure, Record
from core.images import image_size
from core.pose import JOINTS, Parameters
from core.safe_reader import read_npz
from core.safe_torch import read_torch

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float32]

SUFFIXES = frozenset((".pt", ".pth"))
NEEDED = ("imgname", "pred_cam", "pred_smpl_params", "box_center", "box_size")
SIZE = 256
"""Side of the crop that `pred_cam` is of, in the network's pixels."""
WIDTH = 192 / 256
"""Share of the crop's width that the network looks at."""
TOLERANCE = 0.01
"""How far an entry of a rotation matrix may be from a rotation's."""


def recognises(path: Path) -> bool:
    """Whether a file is an npz or of `torch.save`, with the keys of 4D-Humans."""
    if _is_npz(path):
        with zipfile.ZipFile(path) as archive:
            return {f"{key}.npy" for key in NEEDED} <= set(archive.namelist())
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        saved = read_torch(path)
    except UnreadableInput:
        return False
    return isinstance(saved, Mapping) and saved.keys() >= set(NEEDED)


def read(path: Path, images: Path | None = None) -> Iterator[Record | Failure]:
    """Read every person; rows with impossible values are failures.

    Parameters
    ----------
    path : Path
        The file.
    images : Path or None
        Folder that `imgname` starts from; None means the folder of the file.

    Raises
    ------
    UnreadableInput
        The file is torn, hostile, or its columns do not fit together.
    """
    saved = read_npz(path) if _is_npz(path) else read_torch(path)
    try:
        names = [str(name) for name in saved["imgname"]]
        boxes = np.column_stack([_rows(saved, "box_center", 2), _rows(saved, "box_size", 1)])
        weak = _rows(saved, "pred_cam", 3)
        smpl = saved["pred_smpl_params"]
        betas = _rows(smpl, "betas", 10)
        turns = np.concatenate(
            [_turns(smpl, "global_orient", 1), _turns(smpl, "body_pose", len(JOINTS) - 1)], axis=1
        )
        if len({len(column) for column in (names, boxes, weak, betas, turns)}) > 1:
            raise ValueError("its columns are of different lengths")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(f"{path} does not hold outputs of 4D-Humans: {error}") from error
    for number, name in enumerate(names):
        label = f"row {number} ({name})"
        image = (images or path.parent) / name
        try:
            yield _record(label, image, boxes[number], weak[number], betas[number], turns[number])
        except DiffAnnotError as error:
            yield Failure(label, str(error))


def _is_npz(path: Path) -> bool:
    return path.suffix.lower() == ".npz" and zipfile.is_zipfile(path)


def _rows(saved: Mapping[str, Any], key: str, width: int) -> Array:
    return np.asarray(saved[key], dtype=np.float32).reshape(-1, width)


def _turns(smpl: Mapping[str, Any], key: str, joints: int) -> Array:
    """Return matrices (N, joints, 9), or rot6d (N, joints, 6)."""
    values = np.asarray(smpl[key], dtype=np.float32)
    return values.reshape(len(values), joints, 9 if values.shape[-1] == 3 else 6)


def _record(
    label: str, image: Path, square: Array, weak: Array, betas: Array, turns: Array
) -> Record:
    from core.frontends.hmr.camera import carried, translation  # torch comes with rotations
    from core.frontends.regions import Region
    from core.pose.rotations import matrix_to_axis_angle

    x, y, side = (float(value) for value in square)
    box = Box(x - side * WIDTH / 2, y - side / 2, side * WIDTH, side)
    crop = Region(x, y, side)
    camera = carried(crop, SIZE, *image_size(image)).camera
    pose = matrix_to_axis_angle(_matrices(turns)).numpy()
    transl = translation(weak, crop, camera)
    return Record(label, image, box, theta1=Parameters(pose[0], pose[1:], betas, transl, camera))


def _matrices(turns: Array) -> "Tensor":
    """Return rotations (24, 3, 3) from rows of nine or six numbers."""
    import torch

    from core.pose.rotations import project_to_so3, rot6d_to_matrix

    given = torch.from_numpy(turns)
    if not given.isfinite().all():
        raise InvalidAnnotation("the pose holds NaN or infinite values")
    if given.shape[-1] == 6:
        return rot6d_to_matrix(given, "columns")
    matrices = given.reshape(-1, 3, 3)
    rotations = project_to_so3(matrices)
    if (rotations - matrices).abs().max() > TOLERANCE:
        raise InvalidAnnotation("the pose holds matrices that are no rotations")
    return rotations
