"""The refiner `fit`: the body is pulled onto the 2D keypoints, iterate by iterate.

Source: SMPLify (Bogo et al., Keep it SMPL, ECCV 2016), eq. 1: a robust reprojection error (Geman
and McClure's) plus a pose prior. The pose prior is the diffusion model's, as in DPoser (Lu et al.,
2023): the distance from what it makes of the present pose in one step from a small timestep, itself
held fixed. Ours differs in that Θ1 counts too, as one more measurement of every joint, that
Gauss-Newton replaces dogleg, and that the shape is locked: on one picture it trades with the
distance. An iterate goes a share of the way, so that the path can be scrubbed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from assets import PRIOR_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.pose.vectors import from_vector
from core.refiners.held_out import KeypointRefiner
from core.refiners.iterates import paths_of, start_of
from core.refiners.prior import Prior, load_prior
from core.refiners.reprojection import Belief, Sight, solve_turns
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

ITERATIONS = 57
PACE = 0.15
"""Share of a Gauss-Newton step that one iterate goes."""
TIMESTEP = 20
"""Where the prior takes the present pose to be; its noise is how far the prior's word is held."""
POSE_SIGMA = 0.3
"""How far a joint is held to be off in Θ1, radians about each axis."""


class FitRefiner(KeypointRefiner):
    """Fits many persons at once; nothing is random.

    Parameters
    ----------
    prior : Prior
        Over vectors of Θ.
    body : BodyModel
        The body that is fitted.
    """

    name = "fit"

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
        pose = start = start_of(theta1, evidence, self._body)
        timestep = torch.full((1,), TIMESTEP, device=self._body.device)
        spread = self._prior.spread(TIMESTEP)
        iterates = []
        for _ in range(ITERATIONS):
            x = self._prior.vector_of(pose.rotations, pose.betas)
            likely, _ = from_vector(self._prior.estimate(x, timestep))
            belief = Belief.near(pose.rotations, likely, spread)
            belief = belief + Belief.near(pose.rotations, start.rotations, POSE_SIGMA)
            turns, shifts = solve_turns(self._body, sight, pose, belief)
            pose = pose.moved(PACE * turns, PACE * shifts)
            iterates.append(pose)
        return paths_of(self.name, theta1, iterates, steps)


def load(body: "BodyModel", weights: Path = PRIOR_WEIGHTS) -> FitRefiner:
    """Make the refiner; errors as of `load_prior`."""
    return FitRefiner(load_prior(weights, body.device), body)
