"""SPIN's npz (nkolot/SPIN, datasets/preprocess): see `core.formats.spin`.

The crop is square; there is no place for a translation and a camera.
"""

import numpy as np

from core.formats.export import Export, spread
from core.formats.files import replacing
from core.formats.npz import write_npz
from core.formats.spin import PIXELS
from core.keypoints import SPIN, body_points

SUFFIX = ".npz"
OPENPOSE = 25
"""Of the 49; the rest are SPIN's own, `part`."""


def save(export: Export) -> None:
    """Write the file."""
    entries = export.entries
    points = np.array([spread(entry.keypoints, SPIN) for entry in entries])
    index = body_points("spin")[OPENPOSE:]
    joints = np.zeros((len(entries), len(index), 4), dtype=np.float32)
    for row, entry in enumerate(entries):
        posed = export.body.pose(entry.parameters)[1]
        joints[row, index >= 0] = np.column_stack([posed, np.ones(len(posed))])[index[index >= 0]]
    poses = [
        np.concatenate([entry.parameters.global_orient[None], entry.parameters.body_pose]).ravel()
        for entry in entries
    ]
    columns = {
        "imgname": [entry.image for entry in entries],
        "center": np.array([entry.box.centre for entry in entries]),
        "scale": np.array([entry.box.side / PIXELS for entry in entries]),
        "part": points[:, OPENPOSE:],
        "openpose": points[:, :OPENPOSE],
        "pose": np.array(poses, dtype=np.float32),
        "shape": np.array([entry.parameters.betas for entry in entries], dtype=np.float32),
        "has_smpl": np.ones(len(entries), dtype=np.uint8),
        "S": joints,
        "gender": ["n"] * len(entries),
    }
    with replacing(export.out) as file:
        write_npz(file, columns)
