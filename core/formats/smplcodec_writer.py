"""Meshcapade's `.smpl`, one a motion, y up: see `core.formats.smplcodec`. It holds numbers only."""

import numpy as np
from scipy.spatial.transform import Rotation

from core.formats.entries import Entry
from core.formats.export import Export, rate_of
from core.formats.folders import replacing_folder
from core.formats.npz import write_npz
from core.formats.smplcodec import SMPL, TURN

SUFFIX = ""
CODEC, NEUTRAL = 2, 0


def save(export: Export) -> None:
    """Write a folder of files named after the tracks, one for each unbroken piece."""
    with replacing_folder(export.out) as folder:
        for name, entries in export.motions().items():
            with (folder / f"{name}.smpl").open("wb") as file:
                write_npz(file, _columns(export, entries))


def _columns(export: Export, entries: list[Entry]) -> dict[str, object]:
    thetas = [entry.parameters for entry in entries]
    poses = np.array([np.concatenate([t.global_orient[None], t.body_pose]) for t in thetas])
    poses[:, 0] = (TURN.inv() * Rotation.from_rotvec(poses[:, 0])).as_rotvec()
    pelvis = np.array([export.pelvis(theta) for theta in thetas])
    # bodies turn about the pelvis, so the world turns about the camera only with it
    moved = TURN.inv().apply(np.array([theta.transl for theta in thetas]) + pelvis) - pelvis
    return {
        "codecVersion": np.int32(CODEC),
        "smplVersion": np.int32(SMPL),
        "gender": np.int32(NEUTRAL),
        "shapeParameters": np.mean([theta.betas for theta in thetas], axis=0, dtype=np.float32),
        "frameCount": np.int32(len(entries)),
        "frameRate": np.float32(rate_of(entries)),
        "bodyTranslation": moved.astype(np.float32),
        "bodyPose": poses.astype(np.float32),
    }
