"""The refiner `paper`: Θ1 is taken as x_s of a diffusion process and denoised to x_0.

Source: DiffAnnot (ICIPMC 2023), inference as its text says, with a prior trained on true poses.
Every step s is the finished end of its own deterministic DDIM path from timestep t(s) to 0, so the
step says how wrong Θ1 is assumed to be (`Trajectory.levels`). The shape is locked: betas stay Θ1's,
for one picture says little about them and a person keeps theirs over pictures.
"""

from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets import PRIOR_WEIGHTS
from core.diffusion.denoiser import Denoiser, load_denoiser
from core.errors import UnreadableInput
from core.evidence import Evidence
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import rotations_of, with_rotations
from core.pose.vectors import MATRIX, ROT6D, from_vector, to_vector
from core.refiners import DEFAULT_STEPS
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

WIDTHS = (ROT6D, MATRIX)
"""Vectors that hold entries of rotation matrices, for which noise has a meaning in degrees."""
LAST_TIMESTEP = 57
"""Timestep that the last step starts from; the paper's figure ends there too."""
DDIM_STEPS = 5
"""Evaluations of the denoiser on each path; 20 measure no better."""


class PaperRefiner:
    """Denoises Θ1 from N assumed error levels, all in one batch.

    Parameters
    ----------
    denoiser : Denoiser
        Prior over vectors of Θ of one of the `WIDTHS`.
    weights_sha256 : str
        Of its file, for the provenance record.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    name = "paper"

    def __init__(self, denoiser: Denoiser, weights_sha256: str, body: "BodyModel") -> None:
        self.weights_sha256 = weights_sha256
        self._denoiser = denoiser
        self._process = denoiser.config.process()
        self._width = denoiser.config.dim
        self._body = body

    @torch.no_grad()
    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        """Refine one annotation; nothing is random.

        Steps after 0 are moved onto the keypoints of the evidence; without any, the pelvis stays.
        """
        timesteps = np.rint(np.arange(1, steps + 1) * (LAST_TIMESTEP / steps))
        start = torch.from_numpy(timesteps.astype(np.int64))
        vector = to_vector(rotations_of(theta1), torch.from_numpy(theta1.betas), self._width)
        rotations, _ = from_vector(self._denoise(vector.expand(steps, -1), start))
        refined = with_rotations(Parameters.stack([theta1] * steps), rotations)
        if placed := place(refined, evidence.keypoints, self._body):
            refined = replace(refined, transl=placed.transl.numpy())
        return Trajectory(
            _prepend(theta1, refined),
            np.append(np.float32(0), self._levels(start)),
            self.name,
        )

    def _denoise(self, x: Tensor, start: Tensor) -> Tensor:
        """Follow DDIM (Song et al., 2021) from timesteps (B,) to x_0, each row on its own path."""
        kept = torch.from_numpy(self._process.alphas_cumprod).float()
        for step in range(DDIM_STEPS):
            t, t_next = (
                (start * (DDIM_STEPS - done) / DDIM_STEPS).round().long()
                for done in (step, step + 1)
            )
            x_start = self._process.p_mean_variance(self._denoiser, x, t, clip_denoised=False)[
                "pred_xstart"
            ]
            eps = self._process.predict_eps_from_xstart(x, t, x_start)
            kept_next = kept[t_next][:, None]
            x = kept_next.sqrt() * x_start + (1 - kept_next).sqrt() * eps
        return x_start

    def _levels(self, start: Tensor) -> NDArray[np.float32]:
        """Return the rotation error in degrees that the noise at timesteps (B,) amounts to.

        A turn by φ moves the entries of a rotation matrix by φ √2 / 3 (root mean square, small φ).
        """
        kept = self._process.alphas_cumprod[start.numpy()]
        radians = np.sqrt(1 / kept - 1) * 3 / sqrt(2)
        return np.asarray(np.degrees(radians), np.float32)


def _prepend(theta1: Parameters, refined: Parameters) -> Parameters:
    """Put Θ1, to the bit, before the refined steps."""

    def join(name: str) -> NDArray[np.float32]:
        return np.concatenate([getattr(theta1, name)[None], getattr(refined, name)])

    return Parameters(
        join("global_orient"), join("body_pose"), join("betas"), join("transl"), theta1.camera
    )


def load(body: "BodyModel", weights: Path = PRIOR_WEIGHTS) -> PaperRefiner:
    """Make the refiner with the prior that ships, or another one.

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
    return PaperRefiner(denoiser, digest, body)
