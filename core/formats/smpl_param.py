"""NeuralAnnot's way to write SMPL and camera into json; COCO files with SMPL fields have it too."""

from typing import Any

import numpy as np

from core.camera import Camera
from core.formats.thetas import axis_angles, body, pinhole, theta
from core.pose import Parameters


def theta_of(fit: Any, size: tuple[int, int]) -> tuple[Parameters, bool]:
    """Return Θ1 of one entry, and whether the file placed it; `size` is that of the picture.

    Raises
    ------
    InvalidAnnotation
        Values are missing or absurd.
    """
    camera = fit.get("cam_param")
    seen = pinhole(camera["focal"], camera["princpt"], size) if camera else Camera.assumed(*size)
    if "smpl_param" in fit:
        smpl = fit["smpl_param"]
        transl = smpl.get("trans") if camera else None
        return theta(body(axis_angles(smpl["pose"])), smpl["shape"], seen, transl)
    smplx = fit["smplx_param"]
    pose = np.concatenate([np.ravel(smplx["root_pose"]), np.ravel(smplx["body_pose"])])
    return theta(body(axis_angles(pose)), None, seen)
