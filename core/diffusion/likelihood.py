"""Divergence and likelihood terms of the variational bound, in nats."""

from math import pi, sqrt

import torch
from torch import Tensor


def mean_flat(x: Tensor) -> Tensor:
    """Mean over all dimensions but the first: (B, ...) to (B,)."""
    return x.flatten(1).mean(1)


def normal_kl(mean1: Tensor, logvar1: Tensor, mean2: Tensor, logvar2: Tensor) -> Tensor:
    """KL divergence of two diagonal Gaussians, element by element."""
    # Summed in this order: the terms nearly cancel, and float32 shows any other.
    divergence = -1.0 + logvar2 - logvar1 + torch.exp(logvar1 - logvar2)
    return 0.5 * (divergence + (mean1 - mean2).square() * torch.exp(-logvar2))


def approx_standard_normal_cdf(x: Tensor) -> Tensor:
    """Tanh approximation of the standard normal distribution function (Page, 1977)."""
    return 0.5 * (1.0 + torch.tanh(sqrt(2.0 / pi) * (x + 0.044715 * x.pow(3))))


def discretized_gaussian_log_likelihood(x: Tensor, *, means: Tensor, log_scales: Tensor) -> Tensor:
    """Log-likelihood of 8-bit values scaled to [-1, 1], element by element.

    Only meaningful for pictures: kept for parity with improved-diffusion, not a measure of poses.
    """
    centred = x - means
    precision = torch.exp(-log_scales)
    upper = approx_standard_normal_cdf(precision * (centred + 1.0 / 255.0))
    lower = approx_standard_normal_cdf(precision * (centred - 1.0 / 255.0))
    inside = _safe_log(upper - lower)
    ends = torch.where(x > 0.999, _safe_log(1.0 - lower), inside)
    return torch.where(x < -0.999, _safe_log(upper), ends)


def _safe_log(x: Tensor) -> Tensor:
    return torch.log(x.clamp(min=1e-12))
