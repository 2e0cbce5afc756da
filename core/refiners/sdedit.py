"""The refiner `sdedit`: noise is added to Θ1, then taken away by the prior.

Source: Meng et al., SDEdit (ICLR 2022), section 3: x_t = √ᾱ_t x + √(1 - ᾱ_t) ε from the guide x,
then the reverse process from t to 0, here by DDIM. A larger t gives a likelier pose that is less
like Θ1: step s starts from the timestep that the refiner `paper` starts from. One draw of ε serves
all steps of a person, so that neighbouring steps look alike.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assets import PRIOR_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.pose.vectors import from_vector
from core.refiners import DEFAULT_STEPS, BatchRefiner
from core.refiners.paths import generator_of, placed_path
from core.refiners.prior import Prior, levels, load_prior, timesteps
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class SdeditRefiner(BatchRefiner):
    """Noises Θ1 to N timesteps and denoises it, all in one batch.

    Parameters
    ----------
    prior : Prior
        Over vectors of Θ.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "sdedit"

    def __init__(self, prior: Prior, body: "BodyModel") -> None:
        self.weights_sha256 = prior.sha256
        self._prior = prior
        self._body = body

    @torch.no_grad()
    def trajectories(
        self,
        theta1: Sequence[Parameters],
        evidence: Sequence[Evidence],
        steps: int = DEFAULT_STEPS,
        seed: int = 0,
    ) -> list[Trajectory]:
        """Refine persons; the noise follows from the seed and the person's Θ1."""
        start = timesteps(steps)
        rows = []
        for one in theta1:
            guide = self._prior.vector(one)
            noise = torch.randn(guide.shape, generator=generator_of(one, seed))
            each = guide.expand(steps, -1)
            rows.append(self._prior.process.q_sample(each, start, noise.expand_as(each)))
        clean = self._prior.follow_ddim(torch.cat(rows), start.repeat(len(theta1)))
        assumed = levels(self._prior.process, start)
        return [
            placed_path(self.name, one, from_vector(own)[0], assumed, seen, self._body)
            for one, seen, own in zip(
                theta1, evidence, clean.reshape(len(theta1), steps, -1), strict=True
            )
        ]


def load(body: "BodyModel", weights: Path = PRIOR_WEIGHTS) -> SdeditRefiner:
    """Make the refiner; errors as of `load_prior`."""
    return SdeditRefiner(load_prior(weights), body)
