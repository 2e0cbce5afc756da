"""The refiner `guided`: the prior's own deterministic path, bent towards the 2D keypoints.

Source: ScoreHMR (Stathopoulos et al., Score-Guided Diffusion for 3D Human Recovery, CVPR 2024):
rounds of DDIM inversion of the present estimate to a small timestep, then DDIM back
with every estimate of x_0 corrected by a robust reprojection error. Ours differs in that the prior
is not conditioned on the picture, and that a correction is one Gauss-Newton step against
the uncertainty of the estimate at its timestep (as in ΠGDM, Song et al., ICLR 2023), not a step
down a gradient of hand-set weight. The steps are the estimates, so they stand for
trust in the keypoints. Without keypoints inversion and return undo each other, nearly.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from assets import PRIOR_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.pose.vectors import from_vector
from core.refiners.held_out import KeypointRefiner
from core.refiners.iterates import paths_of, start_of
from core.refiners.prior import Prior, load_prior
from core.refiners.reprojection import Belief, Pose, Sight, solve_turns
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

LADDER = (50, 40, 30, 20, 10, 0)
"""Timesteps of a round; the first is ScoreHMR's."""
ROUNDS = 6
PACE = 0.5
"""Share of a Gauss-Newton step that one correction takes."""


class GuidedRefiner(KeypointRefiner):
    """Guides many persons at once; nothing is random.

    Parameters
    ----------
    prior : Prior
        Over vectors of Θ.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "guided"

    def __init__(self, prior: Prior, body: "BodyModel") -> None:
        self.weights_sha256 = prior.sha256
        self._prior = prior
        self._body = body

    @torch.no_grad()
    def refine(
        self, theta1: Sequence[Parameters], evidence: Sequence[Evidence], steps: int, seed: int
    ) -> list[Trajectory]:
        """Refine persons in one batch."""
        sight = Sight.of(theta1, evidence, self._body.device)
        pose = start_of(theta1, evidence, self._body)
        iterates = []
        for _ in range(ROUNDS):
            x = self._invert(self._prior.vector_of(pose.rotations, pose.betas))
            for now, then in pairwise(LADDER):
                t, t_next = (torch.full((1,), each, device=x.device) for each in (now, then))
                estimate, _ = from_vector(self._prior.estimate(x, t))
                pose = self._correct(replace(pose, rotations=estimate), sight, now)
                x_start = self._prior.vector_of(pose.rotations, pose.betas)
                x = self._prior.at(x_start, x, t, t_next)
                iterates.append(pose)
        return paths_of(self.name, theta1, iterates, steps)

    def _invert(self, x: Tensor) -> Tensor:
        """Go from x_0 (B, D) to the first timestep of the ladder, against DDIM."""
        for now, then in pairwise(reversed(LADDER)):
            t, t_next = (torch.full((1,), each, device=x.device) for each in (now, then))
            x = self._prior.at(self._prior.estimate(x, t), x, t, t_next)
        return x

    def _correct(self, pose: Pose, sight: Sight, timestep: int) -> Pose:
        """Bring estimates nearer to the keypoints, as far as their uncertainty allows."""
        belief = Belief.near(pose.rotations, pose.rotations, self._prior.spread(timestep))
        turns, shifts = solve_turns(self._body, sight, pose, belief)
        return pose.moved(PACE * turns, PACE * shifts)


def load(body: "BodyModel", weights: Path = PRIOR_WEIGHTS) -> GuidedRefiner:
    """Make the refiner; errors as of `load_prior`."""
    return GuidedRefiner(load_prior(weights, body.device), body)
