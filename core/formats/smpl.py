"""The plain npz of SMPL and camera that `core.formats.smpl_writer` writes, read back."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from core.errors import UnreadableInput
from core.evidence import Box, Keypoints2D
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.thetas import axis_angles, body, pinhole, theta

SHAPES = {
    "poses": (72,),
    "betas": (10,),
    "trans": (3,),
    "cam_intrinsics": (3, 3),
    "bbox_xywh": (4,),
}


def recognises(file: Opened) -> bool:
    """Whether a file is an npz with such columns and picture names."""
    return file.kind == "npz" and file.names >= {"image_path", *SHAPES}


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every row.

    Raises
    ------
    UnreadableInput
        The file is torn, or its columns do not fit together.
    """
    data = file.arrays(("image_path", "track", "keypoints2d", *SHAPES))
    try:
        names = [str(name) for name in np.atleast_1d(data["image_path"])]
        columns = {
            name: np.asarray(data[name], dtype=np.float64).reshape(len(names), *shape)
            for name, shape in SHAPES.items()
        }
        points = np.asarray(data.get("keypoints2d", np.zeros((len(names), 190, 3))))
        points = points.astype(np.float32).reshape(len(names), 190, 3)
        tracks = [str(track) for track in data.get("track", [""] * len(names))]
        if len(tracks) != len(names):
            raise ValueError("track has another length")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(f"{file.path} does not hold SMPL by picture: {error}") from error

    def record(row: int, label: str) -> Record:
        image = pictures.find(names[row])
        intrinsics = columns["cam_intrinsics"][row]
        camera = pinhole(intrinsics[[0, 1], [0, 1]], intrinsics[:2, 2], pictures.size(image))
        pose = body(axis_angles(columns["poses"][row]))
        theta1, placed = theta(pose, columns["betas"][row], camera, columns["trans"][row])
        found = Keypoints2D("human_data", points[row, :, :2], points[row, :, 2])
        keypoints = found if found.confidence.any() else None
        box = Box(*map(float, columns["bbox_xywh"][row]))
        return Record(label, image, box, keypoints, theta1, placed, tracks[row] or None)

    for row, name in enumerate(names):
        yield from one(f"row {row} ({name})", partial(record, row, f"row {row} ({name})"))
