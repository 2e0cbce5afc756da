"""SMPL and camera of every person as plain columns of an npz: no pickle, numpy alone reads it.

| key | shape | |
| --- | --- | --- |
| image_path, image_sha256, track | N | names; posix, from the folder of the file |
| poses, betas, trans | (N, 72), (N, 10), (N, 3) | axis-angle, camera frame; metres, as `smplx` |
| cam_intrinsics, image_size | (N, 3, 3), (N, 2) | pixels |
| bbox_xywh | (N, 4) | pixels |
| keypoints2d, keypoints2d_mask | (N, 190, 3), (190,) | in HumanData's order |
| provenance | N | JSON |
"""

import json

import numpy as np

from core.formats.export import Export, spread
from core.formats.files import replacing
from core.formats.human_data_names import HUMAN_DATA
from core.formats.npz import write_npz

SUFFIX = ".npz"


def save(export: Export) -> None:
    """Write the file."""
    entries = export.entries
    thetas = [entry.parameters for entry in entries]
    points = np.array([spread(entry.keypoints, HUMAN_DATA) for entry in entries])
    intrinsics = np.tile(np.eye(3), (len(entries), 1, 1))
    for row, theta in enumerate(thetas):
        intrinsics[row, [0, 1], [0, 1]] = theta.camera.focal
        intrinsics[row, :2, 2] = theta.camera.cx, theta.camera.cy
    poses = [np.concatenate([each.global_orient[None], each.body_pose]).ravel() for each in thetas]
    columns = {
        "image_path": [entry.image for entry in entries],
        "image_sha256": [entry.image_sha256 for entry in entries],
        "track": [entry.track or "" for entry in entries],
        "poses": np.array(poses),
        "betas": np.array([each.betas for each in thetas]),
        "trans": np.array([each.transl for each in thetas]),
        "cam_intrinsics": intrinsics,
        "image_size": np.array([(each.camera.width, each.camera.height) for each in thetas]),
        "bbox_xywh": np.array([list(vars(entry.box).values()) for entry in entries]),
        "keypoints2d": points,
        "keypoints2d_mask": (points[..., 2] > 0).any(axis=0).astype(np.uint8),
        "provenance": [json.dumps(entry.provenance) for entry in entries],
    }
    with replacing(export.out) as file:
        write_npz(file, columns)
