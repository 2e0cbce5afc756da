"""The forward process: known noise added in T steps (Ho et al., 2020)."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

Table = NDArray[np.float64]


class ForwardProcess:
    """Tables of a schedule, and what follows from them without any model.

    Names and values as in improved-diffusion; tables are float64, results float32.

    Parameters
    ----------
    betas : array_like, shape (T,)
        Variance added in each step, in (0, 1].
    """

    def __init__(self, betas: ArrayLike) -> None:
        betas = self.betas = np.array(betas, dtype=np.float64)
        if betas.ndim != 1 or not ((betas > 0) & (betas <= 1)).all():
            raise ValueError("betas must be one row of values in (0, 1]")
        self.num_timesteps = len(betas)
        alphas = 1.0 - betas
        self.alphas_cumprod: Table = np.cumprod(alphas, dtype=np.float64)
        self.alphas_cumprod_prev: Table = np.append(1.0, self.alphas_cumprod[:-1])
        self.alphas_cumprod_next: Table = np.append(self.alphas_cumprod[1:], 0.0)

        self.sqrt_alphas_cumprod: Table = np.sqrt(self.alphas_cumprod)
        self.sqrt_one_minus_alphas_cumprod: Table = np.sqrt(1.0 - self.alphas_cumprod)
        self.log_one_minus_alphas_cumprod: Table = np.log(1.0 - self.alphas_cumprod)
        self.sqrt_recip_alphas_cumprod: Table = np.sqrt(1.0 / self.alphas_cumprod)
        self.sqrt_recipm1_alphas_cumprod: Table = np.sqrt(1.0 / self.alphas_cumprod - 1)

        noise = 1.0 - self.alphas_cumprod
        noise_prev = 1.0 - self.alphas_cumprod_prev
        self.posterior_variance: Table = betas * noise_prev / noise
        # The first posterior variance is 0; its logarithm borrows the second.
        self.posterior_log_variance_clipped: Table = np.log(
            np.append(self.posterior_variance[1], self.posterior_variance[1:])
        )
        self.posterior_mean_coef1: Table = betas * np.sqrt(self.alphas_cumprod_prev) / noise
        self.posterior_mean_coef2: Table = noise_prev * np.sqrt(alphas) / noise

    def q_mean_variance(self, x_start: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, variance and log-variance of q(x_t | x_0)."""
        mean = extract(self.sqrt_alphas_cumprod, t, x_start) * x_start
        variance = extract(1.0 - self.alphas_cumprod, t, x_start)
        return mean, variance, extract(self.log_one_minus_alphas_cumprod, t, x_start)

    def q_sample(self, x_start: Tensor, t: Tensor, noise: Tensor | None = None) -> Tensor:
        """Draw x_t from x_0 (B, ...) at timesteps t (B,)."""
        noise = torch.randn_like(x_start) if noise is None else noise
        signal = extract(self.sqrt_alphas_cumprod, t, x_start) * x_start
        return signal + extract(self.sqrt_one_minus_alphas_cumprod, t, x_start) * noise

    def q_posterior_mean_variance(
        self, x_start: Tensor, x_t: Tensor, t: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, variance and clipped log-variance of q(x_{t-1} | x_t, x_0)."""
        mean = (
            extract(self.posterior_mean_coef1, t, x_t) * x_start
            + extract(self.posterior_mean_coef2, t, x_t) * x_t
        )
        variance = extract(self.posterior_variance, t, x_t)
        return mean, variance, extract(self.posterior_log_variance_clipped, t, x_t)

    def predict_xstart_from_eps(self, x_t: Tensor, t: Tensor, eps: Tensor) -> Tensor:
        """x_0 when the noise in x_t is `eps`."""
        return (
            extract(self.sqrt_recip_alphas_cumprod, t, x_t) * x_t
            - extract(self.sqrt_recipm1_alphas_cumprod, t, x_t) * eps
        )

    def predict_xstart_from_xprev(self, x_t: Tensor, t: Tensor, xprev: Tensor) -> Tensor:
        """x_0 when the posterior mean of x_{t-1} is `xprev`."""
        coef1, coef2 = self.posterior_mean_coef1, self.posterior_mean_coef2
        return extract(1.0 / coef1, t, x_t) * xprev - extract(coef2 / coef1, t, x_t) * x_t

    def predict_eps_from_xstart(self, x_t: Tensor, t: Tensor, pred_xstart: Tensor) -> Tensor:
        """Noise in x_t when x_0 is `pred_xstart`."""
        excess = extract(self.sqrt_recip_alphas_cumprod, t, x_t) * x_t - pred_xstart
        return excess / extract(self.sqrt_recipm1_alphas_cumprod, t, x_t)


def extract(table: Table, t: Tensor, like: Tensor) -> Tensor:
    """Look up rows t (B,) of a table; float32, shape (B, 1, ...), broadcasts against `like`."""
    values = torch.from_numpy(table).to(t.device)[t].float()
    return values.reshape(-1, *[1] * (like.dim() - 1))
