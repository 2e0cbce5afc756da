"""The refiner `sdedit`: noise is added to Θ1, then taken away by the prior.

Source: Meng et al., SDEdit (ICLR 2022), section 3: x_t = √ᾱ_t x + √(1 - ᾱ_t) ε from the guide x,
then the reverse process from t to 0, here by DDIM. A larger t gives a likelier pose that is less
like Θ1: step s starts from the timestep that the refiner `paper` starts from. One draw of ε serves
all steps of a person, so that neighbouring steps look alike.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from assets import PRIOR_WEIGHTS
from core.pose import Parameters
from core.refiners.paper import PaperRefiner
from core.refiners.paths import generator_of
from core.refiners.prior import load_prior

if TYPE_CHECKING:
    from core.body import BodyModel


class SdeditRefiner(PaperRefiner):
    """Noises Θ1 to N timesteps and denoises it, all in one batch."""

    name = "sdedit"

    def start(self, theta1: Parameters, at: Tensor, seed: int) -> Tensor:
        """Return Θ1 with noise, (N, D), the same at every timestep; it follows from seed and Θ1."""
        guide = self._prior.vector(theta1)
        noise = torch.randn(guide.shape, generator=generator_of(theta1, seed)).to(guide)
        each = guide.expand(len(at), -1)
        return self._prior.process.q_sample(each, at.to(guide.device), noise.expand_as(each))


def load(body: "BodyModel", weights: Path = PRIOR_WEIGHTS) -> SdeditRefiner:
    """Make the refiner; errors as of `load_prior`."""
    return SdeditRefiner(load_prior(weights, body.device), body)
