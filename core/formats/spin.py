"""SPIN's npz (nkolot/SPIN, datasets/preprocess), and 4D-Humans' data sets in its manner.

| key | SPIN | 4D-Humans (`hmr2/datasets/image_dataset.py`) |
| --- | --- | --- |
| imgname | N names | the same |
| center, scale | (N, 2) px, (N,) in 200 px | (N, 2) px, (N,) or (N, 2) px |
| part, openpose | (N, 24, 3), (N, 25, 3) | body_, extra_keypoints_2d (N, 25, 3), (N, 19, 3) |
| pose, shape, has_smpl | (N, 72), (N, 10), (N,) | body_pose, betas, has_body_pose |

There is no camera: bodies are placed on their keypoints or into their boxes.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Keypoints2D
from core.formats.boxes import square_box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.thetas import axis_angles, body, theta
from core.keypoints import CONVENTIONS

NEEDED = {"imgname", "center", "scale"}
PIXELS = 200
"""Of one unit of SPIN's scale."""
POINTS = (("openpose", 25), ("part", 24)), (("body_keypoints_2d", 25), ("extra_keypoints_2d", 19))
"""Arrays of keypoints in the order of `spin` and of `hmr2`, and how many each has."""
POSES = ("pose", "body_pose")
SHAPES = ("shape", "betas")
SURE = ("has_smpl", "has_body_pose")


def recognises(file: Opened) -> bool:
    """Whether a file is an npz with SPIN's picture names, centres and scales."""
    return file.kind == "npz" and file.names >= NEEDED


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every row.

    Raises
    ------
    UnreadableInput
        The file is torn or hostile, or its columns do not fit together.
    """
    theirs = "body_keypoints_2d" in file.names or "extra_keypoints_2d" in file.names
    points = POINTS[theirs]
    wanted = {*NEEDED, *(name for name, _ in points), *POSES, *SHAPES, *SURE, "personid"}
    data = file.arrays(wanted)
    try:
        names = [_text(name) for name in np.atleast_1d(data["imgname"])]
        for name, column in data.items():
            if len(column) != len(names):
                raise ValueError(f"{name} has {len(column)} rows of {len(names)}")
        scale = np.asarray(data["scale"], dtype=np.float64).reshape(len(names), -1)
        tables = [
            np.asarray(data[name], dtype=np.float32).reshape(len(names), count, 3)
            if name in data
            else np.zeros((len(names), count, 3), dtype=np.float32)
            for name, count in points
        ]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(f"{file.path} is not a SPIN file: {error}") from error
    whole = np.concatenate(tables, axis=1)
    convention = "hmr2" if theirs else "spin"
    side = scale.max(axis=1) * (1 if theirs else PIXELS)

    def record(row: int, label: str) -> Record:
        image = pictures.find(names[row])
        box = square_box(data["center"][row], side[row])
        keypoints = _keypoints(whole[row], convention)
        track = str(int(data["personid"][row])) if "personid" in data else None
        pose = _pose(data, row)
        if pose is None:
            return Record(label, image, box, keypoints, track=track)
        betas = next((data[name][row] for name in SHAPES if name in data), None)
        camera = Camera.assumed(*pictures.size(image))
        theta1, _ = theta(body(axis_angles(pose)), betas, camera)
        return Record(label, image, box, keypoints, theta1, placed=False, track=track)

    for row, name in enumerate(names):
        label = f"row {row} ({name})"
        yield from one(label, partial(record, row, label))


def _keypoints(table: NDArray[np.float32], convention: str) -> Keypoints2D | None:
    assert len(table) == len(CONVENTIONS[convention])
    found = Keypoints2D(convention, table[:, :2], table[:, 2])
    return found if found.confidence.any() else None


def _pose(data: dict[str, Any], row: int) -> Any:
    """Return the 72 numbers of a row, None where it has none."""
    sure = next((data[name][row] for name in SURE if name in data), 1)
    pose = next((data[name][row] for name in POSES if name in data), None)
    return None if pose is None or not np.asarray(sure).any() else pose


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
