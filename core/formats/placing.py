"""Where a body stands that comes from a file without a translation."""

from dataclasses import replace

import numpy as np

from core.body import BodyModel
from core.evidence import Box, Evidence
from core.placement import place
from core.pose import Parameters

ROUNDS = 5


def placed(theta1: Parameters, evidence: Evidence, body: BodyModel) -> Parameters:
    """Return one annotation moved onto its keypoints, or into its box where they are too few."""
    origin = replace(theta1, transl=np.zeros(3, dtype=np.float32))
    fitted = place(Parameters.stack([origin]), evidence.keypoints, body)
    if fitted is None:
        return _in_box(origin, evidence.box, body)
    return replace(origin, transl=fitted.transl[0].numpy())


def _in_box(theta1: Parameters, box: Box, body: BodyModel) -> Parameters:
    """Move a body until the longer side of its projection is the box's and the centres meet."""
    camera = theta1.camera
    vertices = body.pose(theta1)[0].astype(np.float64)
    transl = np.array([0, 0, camera.focal * np.ptp(vertices[:, :2], axis=0).max() / box.side])
    for _ in range(ROUNDS):
        # perspective makes near parts larger, so size and centre settle in a few rounds
        seen = camera.project(vertices + transl)
        transl[2] *= np.ptp(seen, axis=0).max() / box.side
        seen = camera.project(vertices + transl)
        middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
        transl[:2] += (np.array(box.centre) - middle) * transl[2] / camera.focal
    return replace(theta1, transl=transl.astype(np.float32))
