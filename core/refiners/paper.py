"""The refiner `paper`: Θ1 is taken as x_s of a diffusion process and denoised to x_0.

Source: DiffAnnot (ICIPMC 2023), inference as its text says, with a prior trained on true poses.
Every step s is the finished end of its own deterministic DDIM path from timestep t(s) to 0, so the
step says how wrong Θ1 is assumed to be (`Trajectory.levels`). The shape is locked: betas stay Θ1's,
for one picture says little about them and a person keeps theirs over pictures.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from assets import PRIOR_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.pose.vectors import from_vector
from core.refiners import DEFAULT_STEPS, BatchRefiner
from core.refiners.paths import placed_path
from core.refiners.prior import Prior, levels, load_prior, timesteps
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel


class PaperRefiner(BatchRefiner):
    """Denoises Θ1 from N assumed error levels, all in one batch.

    Parameters
    ----------
    prior : Prior
        Over vectors of Θ.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "paper"

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
        """Refine persons; nothing is random."""
        start = timesteps(steps)
        noisy = torch.cat([self.start(one, start, seed) for one in theta1])
        clean = self._prior.follow_ddim(noisy, start.repeat(len(theta1)).to(noisy.device)).cpu()
        assumed = levels(self._prior.process, start)
        return [
            placed_path(self.name, one, from_vector(rows)[0], assumed, seen, self._body)
            for one, seen, rows in zip(
                theta1, evidence, clean.reshape(len(theta1), steps, -1), strict=True
            )
        ]

    def start(self, theta1: Parameters, at: Tensor, seed: int) -> Tensor:
        """Return what is denoised from the timesteps (N,): Θ1 itself, (N, D)."""
        return self._prior.vector(theta1).expand(len(at), -1)


def load(body: "BodyModel", weights: Path = PRIOR_WEIGHTS) -> PaperRefiner:
    """Make the refiner; errors as of `load_prior`."""
    return PaperRefiner(load_prior(weights, body.device), body)
