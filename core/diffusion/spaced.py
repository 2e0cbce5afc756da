"""A process that keeps only some timesteps of a longer one (Nichol and Dhariwal, 2021)."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.diffusion.gaussian import GaussianDiffusion


class SpacedDiffusion(GaussianDiffusion):
    """Skips timesteps of a base process; the model still sees the base's timesteps.

    Parameters
    ----------
    use_timesteps : iterable of int
        Timesteps of the base process to keep.
    **kwargs
        As `GaussianDiffusion`, for the base process.
    """

    def __init__(self, use_timesteps: Iterable[int], **kwargs: Any) -> None:
        base = GaussianDiffusion(**kwargs)
        self.timestep_map = sorted(set(use_timesteps))
        self.original_num_steps = base.num_timesteps
        kept = base.alphas_cumprod[self.timestep_map]
        super().__init__(**{**kwargs, "betas": 1 - kept / np.append(1.0, kept[:-1])})

    def _scale_timesteps(self, t: Tensor) -> Tensor:
        original = torch.tensor(self.timestep_map, device=t.device)[t]
        if self.rescale_timesteps:
            return original.float() * (1000.0 / self.original_num_steps)
        return original
