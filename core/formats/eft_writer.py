"""EFT's json of fits: see `core.formats.eft`. The camera becomes weak-perspective on a square crop.

The crop's camera shows the pelvis in the same place and size; its perspective is that of 5000 px.
"""

import json
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from core.formats.eft import PIXELS
from core.formats.entries import Entry
from core.formats.export import Export, spread
from core.formats.files import replacing
from core.keypoints import SPIN

SUFFIX = ".json"
VERSION = 0.1


def save(export: Export) -> None:
    """Write the file."""
    data = [_fit(entry) for entry in export.entries]
    with replacing(export.out) as file:
        file.write(json.dumps({"ver": VERSION, "data": data}, allow_nan=False).encode())


def _fit(entry: Entry) -> dict[str, Any]:
    theta, camera = entry.parameters, entry.parameters.camera
    turns = np.concatenate([theta.global_orient[None], theta.body_pose]).astype(np.float64)
    x, y, z = (float(value) for value in theta.transl)
    metre = camera.focal / z
    centre, side = entry.box.centre, entry.box.side
    weak = [
        2 * metre / side,
        x + (camera.cx - centre[0]) / metre,
        y + (camera.cy - centre[1]) / metre,
    ]
    return {
        "parm_pose": Rotation.from_rotvec(turns).as_matrix().tolist(),
        "parm_shape": theta.betas.tolist(),
        "parm_cam": weak,
        "bbox_scale": side / PIXELS,
        "bbox_center": list(centre),
        "gt_keypoint_2d": spread(entry.keypoints, SPIN).tolist(),
        "smpltype": "smpl",
        "annotId": entry.row.id,
        "imageName": entry.image,
        "subjectId": -1,
    }
