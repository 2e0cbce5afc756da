"""The refiner `one-shot`: a network corrects Θ1 in one pass, and the steps lead there evenly.

The control for everything that goes in steps. Source: model-agnostic refiners such as PoseFix (Moon
et al., CVPR 2019), which take a pose and the picture and give a better pose in one pass, trained
on errors that are made up. Ours differs in that it turns the joints of a body in space, and that
2D keypoints, or nothing, stand for the picture. Step s goes the share s / N of every joint's
geodesic in SO(3) from Θ1 to the answer, which is the last step. The shape is locked.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assets import ONE_SHOT_WEIGHTS
from core.refiners.correction import CorrectorRefiner, features, load_corrector
from core.refiners.iterates import placed
from core.refiners.reprojection import Pose, Sight

if TYPE_CHECKING:
    from core.body import BodyModel


class OneShotRefiner(CorrectorRefiner):
    """Asks once, and goes there evenly."""

    name = "one-shot"

    def _follow(self, start: Pose, sight: Sight, steps: int) -> list[Pose]:
        begun = torch.zeros_like(sight.weight[:1, 0])
        turns = self._network(features(self._body, start, sight), begun)
        still = torch.zeros_like(start.transl)
        shares = (torch.arange(1, steps + 1) / steps).tolist()
        return [placed(start.moved(share * turns, still), sight, self._body) for share in shares]


def load(body: "BodyModel", weights: Path = ONE_SHOT_WEIGHTS) -> OneShotRefiner:
    """Make the refiner with the weights that ship, or others; errors as of `load_corrector`."""
    return OneShotRefiner(*load_corrector(weights, OneShotRefiner.name), body)
