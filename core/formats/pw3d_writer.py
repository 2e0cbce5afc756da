"""3DPW's keys in an npz, one a motion, without pickles: see `core.formats.pw3d`.

The camera stands at the world's origin. 3DPW has one camera a sequence: where that of the frames
changes, cam_intrinsics is (F, 3, 3). The shape is one a file, the mean. Where frames are left out
a file ends and another begins; img_frame_ids has their numbers in the video.
"""

from dataclasses import replace

import numpy as np

from core.formats.entries import Entry
from core.formats.export import Export, spread
from core.formats.folders import replacing_folder
from core.formats.npz import write_npz
from core.keypoints import PW3D
from core.pose.skeleton import JOINTS

SUFFIX = ""


def save(export: Export) -> None:
    """Write a folder of files named after the tracks, one for each unbroken piece."""
    with replacing_folder(export.out) as folder:
        for name, entries in export.motions().items():
            with (folder / f"{name}.npz").open("wb") as file:
                write_npz(file, _columns(export, name, entries))


def _columns(export: Export, name: str, entries: list[Entry]) -> dict[str, object]:
    count = len(entries)
    betas = np.mean([entry.parameters.betas for entry in entries], axis=0)
    thetas = [replace(entry.parameters, betas=betas) for entry in entries]
    joints = np.array([export.body.pose(theta)[1][: len(JOINTS)] for theta in thetas])
    poses = np.array([np.concatenate([t.global_orient[None], t.body_pose]) for t in thetas])
    points = np.array([spread(entry.keypoints, PW3D) for entry in entries])
    cameras = [theta.camera for theta in thetas]
    intrinsics = np.array([[[c.focal, 0, c.cx], [0, c.focal, c.cy], [0, 0, 1]] for c in cameras])
    numbers = [entry.row.frame for entry in entries]
    return {
        "sequence": name,
        "poses": poses.reshape(1, count, -1),
        "betas": betas[None],
        "trans": np.array([theta.transl for theta in thetas])[None],
        "genders": ["n"],
        "jointPositions": joints.reshape(1, count, -1),
        "poses2d": points.transpose(0, 2, 1)[None],
        "cam_poses": np.tile(np.eye(4), (count, 1, 1)),
        "cam_intrinsics": intrinsics[0] if (intrinsics == intrinsics[0]).all() else intrinsics,
        "campose_valid": np.ones((1, count), dtype=bool),
        "img_frame_ids": [row if frame is None else frame for row, frame in enumerate(numbers)],
        "image_path": [entry.image for entry in entries],
        "box": np.array([list(vars(entry.box).values()) for entry in entries])[None],
        "track": [entries[0].track or ""],
    }
