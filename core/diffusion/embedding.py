"""Timesteps as vectors."""

from math import log

import torch
from torch import Tensor


def timestep_embedding(timesteps: Tensor, dim: int, max_period: float = 10000) -> Tensor:
    """Sinusoidal embedding (Vaswani et al., 2017): cosines, then sines, zero-padded if odd.

    Parameters
    ----------
    timesteps : Tensor, shape (B,)
        May be fractional.
    dim : int
        Length of the embedding.
    max_period : float
        Longest wavelength, over 2 pi.

    Returns
    -------
    Tensor, shape (B, dim), float32
    """
    half = dim // 2
    index = torch.arange(half, dtype=torch.float32, device=timesteps.device)
    angles = timesteps[:, None].float() * torch.exp(-log(max_period) * index / half)
    parts = [angles.cos(), angles.sin(), torch.zeros(len(timesteps), dim % 2).to(angles)]
    return torch.cat(parts, dim=1)
