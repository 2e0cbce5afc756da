"""How likely poses are, as the diffusion prior tells.

Source: DPoser (Lu et al., 2023): a likely pose is its own denoised self.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.pose import JOINTS, Parameters
from core.pose.vectors import BETAS
from core.refiners.prior import shipped_prior


@torch.no_grad()
def moved_by_prior(steps: Parameters, timesteps: Sequence[int]) -> NDArray[np.float32]:
    """Tell how far the prior that ships would move each joint: (N+1, T, 24), squared.

    Parameters
    ----------
    steps : Parameters
        Batch shape (N+1,).
    timesteps : sequence of int
        T places that the prior takes a step to be at.
    """
    prior = shipped_prior()
    x = prior.vector(steps).repeat_interleave(len(timesteps), dim=0)
    t = torch.tensor(timesteps).repeat(len(steps))
    moved = x - prior.estimate(prior.kept[t][:, None].sqrt() * x, t)
    by_joint = moved[:, :-BETAS].reshape(len(steps), len(timesteps), len(JOINTS), -1)
    return np.asarray(by_joint.square().mean(-1).numpy(), np.float32)
