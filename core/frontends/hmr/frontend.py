"""Frontends of one pass through a network: `hmr` by the user's checkpoint, `hmr-open` by ours."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assets import HMR_OPEN_WEIGHTS
from core.body import BodyModel
from core.errors import MissingModel, NoPersonFound
from core.evidence import Box, Keypoints2D
from core.frontends import RoughAnnotation
from core.frontends.blazepose import BlazePose
from core.frontends.hmr.camera import translation
from core.frontends.hmr.checkpoints import KNOWN, load_checkpoint
from core.frontends.hmr.crop import normalised
from core.frontends.hmr.network import HmrNetwork, load_network
from core.frontends.hmr.origins import ORIGINS, Origin
from core.pose import JOINTS, Parameters
from core.pose.rotations import matrix_to_axis_angle, rot6d_to_matrix


class _Network:
    """Θ1 by one pass of a network, and people and evidence by BlazePose.

    The shape is that of the body which the network was trained on; on a body of another shape
    space those numbers mean something else, so betas are 0 there and the pelvis is put where that
    of the network's body would be.

    Not thread safe: it belongs to the thread that runs inference.

    Attributes
    ----------
    margin : float
        Side of the square that it looks at over the longer side of the person's box.
    blind : bool
        Keypoints do not change Θ1.
    """

    blind = True

    def __init__(
        self, body: BodyModel, network: HmrNetwork, origin: Origin, weights_sha256: str
    ) -> None:
        self._body = body
        self._network = network.to(body.device)
        self._origin = origin
        self.margin = origin.margin
        self.weights_sha256 = weights_sha256
        self._blazepose: BlazePose | None = None

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Find people in a picture (H, W, 3) RGB with BlazePose; the network has no detector.

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
        size = self._network.config.size
        cut = normalised(self._origin.cut(image, square, size)).to(self._body.device)
        outputs = self._network(cut)
        six, betas, weak = (each[0].cpu() for each in outputs[:3])
        rotations = rot6d_to_matrix(six.reshape(len(JOINTS), 6), self._origin.layout)
        view = self._origin.view(square, size, image.shape[1], image.shape[0])
        rotations[0] = torch.from_numpy(view.turn).float() @ rotations[0]
        pose = matrix_to_axis_angle(rotations).numpy()
        pelvis = seen = self._body.joints[0]
        if self._body.num_vertices != self._origin.vertices:
            betas = torch.zeros_like(betas)
            seen = np.array(self._origin.pelvis, np.float32)
        transl = view.turn @ (seen + translation(weak.numpy(), square, view.virtual)) - pelvis
        theta1 = Parameters(pose[0], pose[1:], betas.numpy(), transl, view.camera)
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


class Hmr(_Network):
    """HMR or SPIN by the user's own checkpoint.

    The camera is the crop's (`camera.carried`), so depth is tens of metres and the view nearly
    parallel.

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
        super().__init__(body, *load_checkpoint(checkpoint))


class HmrOpen(_Network):
    """A small HMR that was trained on drawn people alone (`training/hmr`), with a whole camera.

    Parameters
    ----------
    body : BodyModel
        The body that the project is annotated with.
    checkpoint : Path
        Weights of `diffannot train hmr`; those that ship, if none are given.

    Raises
    ------
    MissingModel
        They are not there.
    UnreadableInput
        It does not hold such weights.
    """

    name = "hmr-open"

    def __init__(self, body: BodyModel, checkpoint: Path = HMR_OPEN_WEIGHTS) -> None:
        network, sha256 = load_network(checkpoint)
        super().__init__(body, network, ORIGINS["open"], sha256)
