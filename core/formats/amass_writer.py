"""AMASS npz, one a motion, SMPL-H's 52 joints, z up: see `core.formats.amass`.

Pictures, boxes and cameras stand in columns of their own, which AMASS's readers leave alone. The
shape is one a file, the mean; SMPL's two hand joints have no place. The rate is that of the frames
that are exported; 30 a second are stated where nobody knows. Where frames are left out a file ends
and another begins.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from core.formats.amass import TURN, carried
from core.formats.entries import Entry
from core.formats.export import Export, rate_of
from core.formats.folders import replacing_folder
from core.formats.npz import write_npz
from core.formats.thetas import SHARED

SUFFIX = ""
JOINTS = 52


def save(export: Export) -> None:
    """Write a folder of files named after the tracks, one for each unbroken piece."""
    with replacing_folder(export.out) as folder:
        for name, entries in export.motions().items():
            with (folder / f"{name}.npz").open("wb") as file:
                write_npz(file, _columns(export, entries))


def _columns(export: Export, entries: list[Entry]) -> dict[str, object]:
    thetas = [entry.parameters for entry in entries]
    poses = np.zeros((len(entries), JOINTS, 3))
    for row, theta in enumerate(thetas):
        poses[row, 0] = (TURN.inv() * Rotation.from_rotvec(theta.global_orient)).as_rotvec()
        poses[row, 1:SHARED] = theta.body_pose[: SHARED - 1]
    pelvis = np.array([export.pelvis(theta) for theta in thetas])
    cameras = [theta.camera for theta in thetas]
    return {
        "trans": carried(np.array([theta.transl for theta in thetas]), pelvis, back=True),
        "gender": "neutral",
        "mocap_framerate": rate_of(entries),
        "betas": np.concatenate([np.mean([theta.betas for theta in thetas], axis=0), np.zeros(6)]),
        "dmpls": np.zeros((len(entries), 8)),
        "poses": poses.reshape(len(entries), JOINTS * 3),
        "image_path": [entry.image for entry in entries],
        "camera": np.array([(c.focal, c.cx, c.cy, c.width, c.height) for c in cameras]),
        "box": np.array([list(vars(entry.box).values()) for entry in entries]),
        "rest_pelvis": pelvis,
    }
