"""The refiner `bridge`: the straight way from Θ1 to the truth, followed step by step.

Source: bridges between a degraded and a clean sample, without their noise: ResShift (Yue et al.,
NeurIPS 2023), eq. 1 with κ = 0; the ODE of I2SB (Liu et al., ICML 2023); cold diffusion (Bansal et
al., NeurIPS 2023). x_r = Θ1 ⊕ r · log(Θ1⁻¹ truth), joint by joint in SO(3), so that the velocity in
a joint's own frame is the same all the way; a network tells it from x_r and r (flow matching;
Lipman et al., ICLR 2023), and N Euler steps follow it: step s is x at r = s / N. Added noise hurt
in every measurement we know of. Ours differs in that the 2D keypoints count as they miss x_r, and
that Θ1 is not shown beside x_r: without noise the two would give the truth away in training.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assets import BRIDGE_WEIGHTS
from core.refiners.correction import Corrector, CorrectorRefiner, features, load_corrector
from core.refiners.iterates import placed
from core.refiners.reprojection import Pose, Sight

if TYPE_CHECKING:
    from core.body import BodyModel


class BridgeRefiner(CorrectorRefiner):
    """Asks for the velocity at every step."""

    name = "bridge"

    def _follow(self, start: Pose, sight: Sight, steps: int) -> list[Pose]:
        return follow(self._network, self._body, start, sight, steps)


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
