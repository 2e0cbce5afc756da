"""Errors against ground truth, and the published protocols that say which joints and roots.

`core.metrics.protocols` and `core.metrics.evaluation` are imported by name.
"""

from core.metrics.alignment import Align, Similarity, fitted, similarity
from core.metrics.angles import angle_errors, global_rotations, mpjae
from core.metrics.joints import accel_error, auc, joint_errors, mpjpe, pck, pve
from core.metrics.picture import pck_2d, reprojection_normalised, reprojection_px

__all__ = [
    "Align", "Similarity", "accel_error", "angle_errors", "auc", "fitted", "global_rotations",
    "joint_errors", "mpjae", "mpjpe", "pck", "pck_2d", "pve", "reprojection_normalised",
    "reprojection_px", "similarity",
]  # fmt: skip
