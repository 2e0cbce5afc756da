"""The frontend `hmr`: Θ1 from the user's own checkpoint of HMR or SPIN."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body import BodyModel
from core.body.files import SMPL_VERTICES
from core.errors import MissingModel, NoPersonFound
from core.evidence import Box, Keypoints2D
from core.frontends import RoughAnnotation
from core.frontends.blazepose import BlazePose
from core.frontends.hmr.camera import carried, translation
from core.frontends.hmr.checkpoints import KNOWN, load_checkpoint
from core.frontends.hmr.crop import SIZE, normalised
from core.pose import JOINTS, Parameters
from core.pose.rotations import matrix_to_axis_angle, rot6d_to_matrix

SMPL_PELVIS = np.array([-0.002, -0.223, 0.028], dtype=np.float32)
"""Pelvis of SMPL's neutral mean body in its rest pose, metres: what the network's camera is of."""


class Hmr:
    """Θ1 by one pass of a network that was trained on SMPL.

    The shape is SMPL's: on a body of another shape space, as the open body is, those numbers mean
    something else, so betas are 0 there and the pelvis is put where SMPL's would be. The camera is
    the crop's (`carried`), so depth is tens of metres and the view nearly parallel.

    Not thread safe: it belongs to the thread that runs inference.

    Parameters
    ----------
    body : BodyModel
        The body that the project is annotated with.
    checkpoint : Path or None
        mmhuman3d's `.pth` or SPIN's `model_checkpoint.pt`.

    Raises
    ------
    MissingModel
        No checkpoint is given; none may be shipped.
    UnreadableInput
        The checkpoint is missing, torn, hostile or of another network.
    UnwritableOutput
        The cache of converted weights cannot be written.
    """

    name = "hmr"

    def __init__(self, body: BodyModel, checkpoint: Path | None = None) -> None:
        if checkpoint is None:
            raise MissingModel(
                "The frontend hmr ships without weights", f"Say --checkpoint FILE. {KNOWN}"
            )
        self._body = body
        self._network, self._origin, self.weights_sha256 = load_checkpoint(checkpoint)
        self._blazepose: BlazePose | None = None

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Find people in a picture (H, W, 3) RGB with BlazePose; HMR itself has no detector.

        Raises
        ------
        MissingModel
            BlazePose's weights have not been pulled.
        """
        return self._eyes().detect(image)

    @torch.no_grad()
    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        """Annotate one person of a picture (H, W, 3) RGB.

        Keypoints do not change Θ1. Where none are given, BlazePose's become evidence, if its
        weights are there and it sees the person.

        Raises
        ------
        NoPersonFound
            The network's camera shows no body in the box.
        """
        square = self._origin.square(box)
        camera = carried(square, SIZE, image.shape[1], image.shape[0])
        outputs = self._network(normalised(self._origin.cut(image, square)))
        six, betas, weak = (each[0] for each in outputs)
        rotations = rot6d_to_matrix(six.reshape(len(JOINTS), 6), self._origin.layout)
        pose = matrix_to_axis_angle(rotations).numpy()
        transl = translation(weak.numpy(), square, camera)
        if self._body.num_vertices != SMPL_VERTICES:
            betas = torch.zeros_like(betas)
            transl = transl + SMPL_PELVIS - self._body.joints[0]
        theta1 = Parameters(pose[0], pose[1:], betas.numpy(), transl, camera)
        return RoughAnnotation(theta1, None if keypoints else self._landmarks(image, box))

    def _landmarks(self, image: NDArray[np.uint8], box: Box) -> Keypoints2D | None:
        try:
            found = self._eyes().landmarks(image, box)
        except (MissingModel, NoPersonFound):
            return None
        return Keypoints2D("blazepose", found.points, found.visibility)

    def _eyes(self) -> BlazePose:
        self._blazepose = self._blazepose or BlazePose(self._body)
        return self._blazepose
