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

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.evidence import Box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.thetas import JOINTS, axis_angles, from_crop, theta

Array = NDArray[np.float32]

NEEDED = ("imgname", "pred_cam", "pred_smpl_params", "box_center", "box_size")
SIZE = 256
"""Side of the crop that `pred_cam` is of, in the network's pixels."""
WIDTH = 192 / 256
"""Share of the crop's width that the network looks at."""


def recognises(file: Opened) -> bool:
    """Whether a file is an npz or of `torch.save`, with the keys of 4D-Humans."""
    return file.kind in ("npz", "torch") and file.names >= set(NEEDED)


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person; rows with impossible values are failures.

    Raises
    ------
    UnreadableInput
        The file is torn, hostile, or its columns do not fit together.
    """
    saved = file.arrays() if file.kind == "npz" else file.value
    try:
        names = [str(name) for name in saved["imgname"]]
        boxes = np.column_stack([_rows(saved, "box_center", 2), _rows(saved, "box_size", 1)])
        weak = _rows(saved, "pred_cam", 3)
        smpl = saved["pred_smpl_params"]
        betas = _rows(smpl, "betas", 10)
        turns = np.concatenate(
            [_turns(smpl, "global_orient", 1), _turns(smpl, "body_pose", JOINTS - 1)], axis=1
        )
        if len({len(column) for column in (names, boxes, weak, betas, turns)}) > 1:
            raise ValueError("its columns are of different lengths")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(f"{file.path} does not hold outputs of 4D-Humans: {error}") from error

    def record(number: int, label: str) -> Record:
        image = pictures.find(names[number])
        x, y, side = (float(value) for value in boxes[number])
        box = Box(x - side * WIDTH / 2, y - side / 2, side * WIDTH, side)
        camera, transl = from_crop(weak[number], (x, y), side, pictures.size(image), SIZE)
        pose = axis_angles(turns[number], turns.shape[-1])
        theta1, _ = theta(pose, betas[number], camera, transl)
        return Record(label, image, box, theta1=theta1)

    for number, name in enumerate(names):
        label = f"row {number} ({name})"
        yield from one(label, partial(record, number, label))


def _rows(saved: Mapping[str, Any], key: str, width: int) -> Array:
    return np.asarray(saved[key], dtype=np.float32).reshape(-1, width)


def _turns(smpl: Mapping[str, Any], key: str, joints: int) -> Array:
    """Return matrices (N, joints, 9), or rot6d (N, joints, 6)."""
    values = np.asarray(smpl[key], dtype=np.float32)
    return values.reshape(len(values), joints, 9 if values.shape[-1] == 3 else 6)
