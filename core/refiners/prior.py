"""The diffusion prior over poses, as the refiners that denoise use it."""

from functools import cache
from math import radians, sqrt
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets import PRIOR_WEIGHTS
from core.diffusion.denoiser import Denoiser, load_denoiser
from core.diffusion.forward import ForwardProcess
from core.errors import UnreadableInput
from core.pose import Parameters
from core.pose.rotations import rotations_of
from core.pose.vectors import MATRIX, ROT6D, to_vector

WIDTHS = (ROT6D, MATRIX)
"""Vectors that hold entries of rotation matrices, for which noise has a meaning in degrees."""
LAST_TIMESTEP = 57
"""Timestep that the last step of a trajectory starts from; the paper's figure ends there too."""
DDIM_STEPS = 5
"""Evaluations of the denoiser on each path; 20 measure no better."""


class Prior:
    """Denoises vectors of Θ from any timestep.

    Parameters
    ----------
    denoiser : Denoiser
        Over vectors of Θ of one of the `WIDTHS`.
    sha256 : str
        Of its file, for the provenance record.
    """

    def __init__(self, denoiser: Denoiser, sha256: str) -> None:
        self.sha256 = sha256
        self.process = denoiser.config.process()
        self.kept = denoiser.alphas_cumprod
        self._denoiser = denoiser
        self._width = denoiser.config.dim

    def vector(self, theta: Parameters) -> Tensor:
        """Return the vector of Θ (..., 154 or 226) that this prior is of."""
        given = rotations_of(theta), torch.from_numpy(theta.betas)
        return self.vector_of(*(each.to(self.kept.device) for each in given))

    def vector_of(self, rotations: Tensor, betas: Tensor) -> Tensor:
        """Return the vectors (..., 154 or 226) of rotations (..., 24, 3, 3) and betas (..., 10)."""
        return to_vector(rotations, betas, self._width)

    def estimate(self, x: Tensor, t: Tensor) -> Tensor:
        """Return x_0 (B, D) as told from x_t (B, D) at timesteps t, (B,) or for all (1,)."""
        said: Tensor = self._denoiser(x, t)  # x_0 is what it predicts: `DenoiserConfig.process`
        return said

    def at(self, x_start: Tensor, x: Tensor, t: Tensor, t_next: Tensor) -> Tensor:
        """Go on from x_t to another timestep, given x_0: a step of DDIM (Song et al., 2021)."""
        eps = self.process.predict_eps_from_xstart(x, t, x_start)
        kept = self.kept[t_next][:, None]
        return kept.sqrt() * x_start + (1 - kept).sqrt() * eps

    def follow_ddim(self, x: Tensor, start: Tensor) -> Tensor:
        """Follow DDIM from timesteps (B,) to x_0, each row on its own deterministic path."""
        for step in range(DDIM_STEPS):
            t, t_next = (
                (start * (DDIM_STEPS - done) / DDIM_STEPS).round().long()
                for done in (step, step + 1)
            )
            x_start = self.estimate(x, t)
            x = self.at(x_start, x, t, t_next)
        return x_start

    def spread(self, timestep: int) -> float:
        """Return the deviation of a joint at a timestep, in radians about each axis."""
        return radians(float(levels(self.process, torch.tensor(timestep)))) / sqrt(3)


@cache
def shipped_prior() -> Prior:
    """Return the prior that ships, read once."""
    return load_prior()


def timesteps(steps: int) -> Tensor:
    """Return the timesteps (N,) that the steps 1..N of a trajectory start from."""
    spread = np.rint(np.arange(1, steps + 1) * (LAST_TIMESTEP / steps))
    return torch.from_numpy(spread.astype(np.int64))


def levels(process: ForwardProcess, t: Tensor) -> NDArray[np.float32]:
    """Return the rotation error in degrees (..., ) that the noise at timesteps amounts to.

    A turn by φ moves the entries of a rotation matrix by φ √2 / 3 (root mean square, small φ).
    """
    kept = process.alphas_cumprod[t.numpy()]
    return np.asarray(np.degrees(np.sqrt(1 / kept - 1) * 3 / sqrt(2)), np.float32)


def load_prior(weights: Path = PRIOR_WEIGHTS, device: torch.device | None = None) -> Prior:
    """Read the prior that ships, or another one, onto a device; None for the CPU.

    Raises
    ------
    MissingModel
        The weights are not there.
    UnreadableInput
        They are no prior, or one of vectors that are not 154 or 226 wide.
    """
    denoiser, digest = load_denoiser(weights)
    if denoiser.config.dim not in WIDTHS:
        raise UnreadableInput(
            f"{weights} is a prior of vectors {denoiser.config.dim} wide, not 154 or 226",
            "Train it again",
        )
    return Prior(denoiser.to(device), digest)
