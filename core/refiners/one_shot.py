"""The refiner `one-shot`: a network corrects Θ1 in one pass, and the steps lead there evenly.

The control for everything that goes in steps. Source: model-agnostic refiners such as PoseFix (Moon
et al., CVPR 2019), which take a pose and the picture and give a better pose in one pass, trained
on errors that are made up. Ours differs in that it turns the joints of a body in space, and that
2D keypoints, or nothing, stand for the picture. Step s goes the share s / N of every joint's
geodesic in SO(3) from Θ1 to the answer, which is the last step. The shape is locked.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assets import ONE_SHOT_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.refiners.correction import Corrector, features, load_corrector
from core.refiners.held_out import KeypointRefiner
from core.refiners.iterates import paths_of, placed, start_of
from core.refiners.reprojection import Sight
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class OneShotRefiner(KeypointRefiner):
    """Corrects many persons in one pass; nothing is random.

    Parameters
    ----------
    network : Corrector
        As trained by `diffannot train one-shot`.
    weights_sha256 : str
        Of its file, for the provenance record.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "one-shot"

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
        turns = self._network(
            features(self._body, start, sight), torch.zeros_like(sight.weight[:1, 0])
        )
        shares = (torch.arange(1, steps + 1) / steps).tolist()
        still = torch.zeros_like(start.transl)
        iterates = [
            placed(start.moved(share * turns, still), sight, self._body) for share in shares
        ]
        return paths_of(self.name, theta1, iterates, steps)


def load(body: "BodyModel", weights: Path = ONE_SHOT_WEIGHTS) -> OneShotRefiner:
    """Make the refiner with the weights that ship, or others; errors as of `load_corrector`."""
    return OneShotRefiner(*load_corrector(weights, OneShotRefiner.name), body)
