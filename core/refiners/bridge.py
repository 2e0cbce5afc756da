"""The refiner `bridge`: the straight way from Θ1 to the truth, followed step by step.

Source: bridges between a degraded and a clean sample, without their noise: ResShift (Yue et al.,
NeurIPS 2023), eq. 1 with κ = 0; the ODE of I2SB (Liu et al., ICML 2023); cold diffusion (Bansal et
al., NeurIPS 2023). x_r = Θ1 ⊕ r · log(Θ1⁻¹ truth), joint by joint in SO(3), so that the velocity in
a joint's own frame is the same all the way; a network tells it from x_r and r (flow matching;
Lipman et al., ICLR 2023), and N Euler steps follow it: step s is x at r = s / N. Added noise hurt
in every measurement we know of. Ours differs in that the 2D keypoints count as they miss x_r, and
that Θ1 is not shown beside x_r: without noise the two would give the truth away in training.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assets import BRIDGE_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.refiners.correction import Corrector, features, load_corrector
from core.refiners.held_out import KeypointRefiner
from core.refiners.iterates import paths_of, placed, start_of
from core.refiners.reprojection import Pose, Sight
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class BridgeRefiner(KeypointRefiner):
    """Leads many persons at once along their ways; nothing is random.

    Parameters
    ----------
    network : Corrector
        As trained by `diffannot train bridge`.
    weights_sha256 : str
        Of its file, for the provenance record.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "bridge"

    def __init__(self, network: Corrector, weights_sha256: str, body: "BodyModel") -> None:
        self.weights_sha256 = weights_sha256
        self._network = network.to(body.device)
        self._body = body

    @torch.no_grad()
    def refine(
        self, theta1: Sequence[Parameters], evidence: Sequence[Evidence], steps: int, seed: int
    ) -> list[Trajectory]:
        """Refine persons in one batch."""
        sight = Sight.of(theta1, evidence, self._body.device)
        start = start_of(theta1, evidence, self._body)
        iterates = follow(self._network, self._body, start, sight, steps)
        return paths_of(self.name, theta1, iterates, steps)


def follow(
    network: Corrector, body: "BodyModel", pose: Pose, sight: Sight, steps: int
) -> list[Pose]:
    """Take N Euler steps from poses that stand on their keypoints; return where each leads."""
    still, iterates = torch.zeros_like(pose.transl), []
    for step in range(steps):
        gone = torch.full((1,), step / steps, device=sight.weight.device)
        velocity = network(features(body, pose, sight), gone)
        pose = placed(pose.moved(velocity / steps, still), sight, body)
        iterates.append(pose)
    return iterates


def load(body: "BodyModel", weights: Path = BRIDGE_WEIGHTS) -> BridgeRefiner:
    """Make the refiner with the weights that ship, or others; errors as of `load_corrector`."""
    return BridgeRefiner(*load_corrector(weights, BridgeRefiner.name), body)
