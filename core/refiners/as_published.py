"""The refiner `as-published`: inference as the released DiffAnnot code does it, for comparison.

Source: github.com/PaperL/Human-3D-Diffusion, branch `main`. Step s takes Θ1, unchanged, for x_t at
t = s and says the x_0 that one pass of the network gives, every entry cut to -1..1, betas too; no
step follows from another. Those matrices are no rotations: the code poses SMPL with them as they
are (`outputs`, `fed_to_smpl`), which stretches limbs. `trajectory` takes the nearest rotations, as
an annotation can hold nothing else.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from assets import AS_PUBLISHED_WEIGHTS
from core.diffusion.published import PublishedMlp, load_published
from core.evidence import Evidence
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import rotations_of, with_rotations
from core.pose.vectors import BETAS, MATRIX, from_vector, to_vector
from core.refiners import DEFAULT_STEPS, Refiner
from core.refiners.paths import path
from core.refiners.prior import levels, timesteps
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class AsPublishedRefiner(Refiner):
    """One pass of the published network for each step, all in one batch.

    Parameters
    ----------
    network : PublishedMlp
        As trained by `diffannot train as-published`.
    weights_sha256 : str
        Of its file, for the provenance record.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "as-published"

    def __init__(self, network: PublishedMlp, weights_sha256: str, body: "BodyModel") -> None:
        self.weights_sha256 = weights_sha256
        self._network = network.to(body.device)
        self._process = network.config.process()
        self._body = body

    @torch.no_grad()
    def outputs(self, theta1: Parameters, steps: int = DEFAULT_STEPS) -> Tensor:
        """Return the vectors of the steps 0..N as the released code leaves them.

        Returns
        -------
        Tensor, shape (N+1, 226 or 82)
            The first is Θ1's, untouched.
        """
        width = self._network.config.dim
        vector = to_vector(rotations_of(theta1), torch.from_numpy(theta1.betas), width)
        x = vector.expand(steps, -1).to(self._body.device)
        said = self._process.p_mean_variance(self._network, x, timesteps(steps).to(x.device))
        return torch.cat([vector[None], said["pred_xstart"].cpu()])

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Take the nearest valid pose to each output; nothing is random, betas change.

        Steps after 0 are moved onto the keypoints of the evidence, as those of `paper`; the
        released code leaves the camera out.
        """
        rotations, betas = from_vector(self.outputs(theta1, steps)[1:])
        refined = with_rotations(Parameters.stack([theta1] * steps), rotations)
        refined = replace(refined, betas=betas.numpy())
        if placed := place(refined, evidence.keypoints, self._body):
            refined = replace(refined, transl=placed.transl.numpy())
        return path(self.name, theta1, refined, levels(self._process, timesteps(steps)))


def fed_to_smpl(vector: Tensor) -> tuple[Tensor, Tensor]:
    """Split vectors (..., 226 | 82) as the released code poses SMPL with them.

    Returns
    -------
    matrices : Tensor, shape (..., 24, 3, 3)
        Of vectors 226 wide as they are, whether rotations or not.
    betas : Tensor, shape (..., 10)
    """
    if vector.shape[-1] != MATRIX:
        return from_vector(vector)
    return vector[..., :-BETAS].reshape(*vector.shape[:-1], 24, 3, 3), vector[..., -BETAS:]


def load(body: "BodyModel", weights: Path = AS_PUBLISHED_WEIGHTS) -> AsPublishedRefiner:
    """Make the refiner with the weights that ship, or others.

    Raises
    ------
    MissingModel
        The weights are not there.
    UnreadableInput
        They are not of the published network.
    """
    return AsPublishedRefiner(*load_published(weights), body)
