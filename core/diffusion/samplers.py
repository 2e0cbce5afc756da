"""Which timesteps a training batch looks at, and how much each counts."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.diffusion.forward import ForwardProcess


class ScheduleSampler(ABC):
    """A distribution over timesteps that leaves the expected loss unchanged."""

    @abstractmethod
    def weights(self) -> NDArray[np.float64]:
        """Return positive weights (T,), in any scale."""

    def sample(self, batch_size: int, device: torch.device | str) -> tuple[Tensor, Tensor]:
        """Draw timesteps.

        Returns
        -------
        tuple of Tensor
            Timesteps (B,) int64 and the factors (B,) that make the weighted loss unbiased.
        """
        weights = self.weights()
        share = torch.from_numpy(weights / weights.sum())
        timesteps = torch.multinomial(share, batch_size, replacement=True)
        factors = 1 / (len(share) * share[timesteps])
        return timesteps.to(device), factors.float().to(device)


class UniformSampler(ScheduleSampler):
    """Every timestep equally often."""

    def __init__(self, diffusion: ForwardProcess) -> None:
        self._weights = np.ones(diffusion.num_timesteps)

    def weights(self) -> NDArray[np.float64]:
        """Return ones (T,)."""
        return self._weights


class LossSecondMomentResampler(ScheduleSampler):
    """Timesteps in proportion to the root mean square of their last losses.

    Source: Nichol and Dhariwal (2021), section 3.3. Uniform until every timestep has a history.

    Parameters
    ----------
    diffusion : ForwardProcess
        Gives T.
    history_per_term : int
        Losses remembered for each timestep.
    uniform_prob : float
        Share of the probability spread evenly, so that no timestep is forgotten.
    """

    def __init__(
        self, diffusion: ForwardProcess, history_per_term: int = 10, uniform_prob: float = 0.001
    ) -> None:
        self.uniform_prob = uniform_prob
        self._history = np.zeros((diffusion.num_timesteps, history_per_term))
        self._count = np.zeros(diffusion.num_timesteps, dtype=np.int64)

    def weights(self) -> NDArray[np.float64]:
        """Return the share of each timestep (T,), or ones before all histories are full."""
        if (self._count < self._history.shape[1]).any():
            return np.ones(len(self._history))
        weights = np.sqrt(np.mean(self._history**2, axis=1))
        share = weights / weights.sum() * (1 - self.uniform_prob)
        return np.asarray(share + self.uniform_prob / len(share))

    def update_with_local_losses(self, local_ts: Tensor, local_losses: Tensor) -> None:
        """Remember the losses (B,) seen at timesteps (B,)."""
        self.update_with_all_losses(local_ts.tolist(), local_losses.tolist())

    def update_with_all_losses(self, ts: list[int], losses: list[float]) -> None:
        """Remember losses, one a timestep; the oldest is forgotten."""
        for timestep, loss in zip(ts, losses, strict=True):
            self._history[timestep] = np.append(self._history[timestep, 1:], loss)
            self._count[timestep] += 1


def create_named_schedule_sampler(name: str, diffusion: ForwardProcess) -> ScheduleSampler:
    """Make a sampler by improved-diffusion's name for it."""
    if name == "uniform":
        return UniformSampler(diffusion)
    if name == "loss-second-moment":
        return LossSecondMomentResampler(diffusion)
    raise NotImplementedError(f"unknown schedule sampler: {name}")
