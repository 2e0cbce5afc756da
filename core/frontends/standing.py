"""An upright body that fills the box: what is there to place by hand where nobody was found."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.body import BodyModel
from core.camera import Camera
from core.evidence import Box, Keypoints2D
from core.frontends import RoughAnnotation
from core.pose import JOINTS, Parameters

ARMS_DOWN = np.deg2rad(55)
ROUNDS = 4


class Standing:
    """The mean body, upright, facing the camera, arms half down; looks at nothing but the box."""

    name = "standing"
    weights_sha256 = ""

    def __init__(self, body: BodyModel) -> None:
        self._body = body

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Find nobody: this frontend does not look at the picture."""
        return []

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        """Stand a body in a box of the picture (H, W, 3), as high as the box."""
        height, width = image.shape[:2]
        camera = Camera.assumed(width, height)
        return RoughAnnotation(stand(self._body, box, camera), None)


def stand(body: BodyModel, box: Box, camera: Camera) -> Parameters:
    """Return the upright body whose projection is as high as the box and centred in it."""
    pose = np.zeros((len(JOINTS) - 1, 3), dtype=np.float32)
    pose[JOINTS.index("left_shoulder") - 1, 2] = -ARMS_DOWN
    pose[JOINTS.index("right_shoulder") - 1, 2] = ARMS_DOWN
    theta = Parameters(
        global_orient=np.array([np.pi, 0, 0], dtype=np.float32),
        body_pose=pose,
        betas=np.zeros(10, dtype=np.float32),
        transl=np.zeros(3, dtype=np.float32),
        camera=camera,
    )
    vertices = body.pose(theta)[0].astype(np.float64)
    transl = np.array([0, 0, camera.focal * np.ptp(vertices[:, 1]) / box.height])
    for _ in range(ROUNDS):
        # Perspective makes the near parts larger, so size and centre settle in a few rounds.
        seen = camera.project(vertices + transl)
        transl[2] *= np.ptp(seen[:, 1]) / box.height
        seen = camera.project(vertices + transl)
        middle = (seen.min(0) + seen.max(0)) / 2
        transl[:2] += (np.array(box.centre) - middle) * transl[2] / camera.focal
    return replace(theta, transl=transl.astype(np.float32))
