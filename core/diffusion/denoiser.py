"""The denoiser of pose vectors: a residual MLP that knows how noisy its input is."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.diffusion.embedding import timestep_embedding
from core.diffusion.gaussian import GaussianDiffusion
from core.diffusion.kinds import LossType, ModelMeanType, ModelVarType
from core.diffusion.schedule import get_named_beta_schedule
from core.weights import read_weights, write_weights

DROPOUT = 0.1
"""In training; free motion capture is little, and the network learns it by heart otherwise."""


@dataclass(frozen=True)
class DenoiserConfig:
    """Sizes of a denoiser and the process it belongs to; kept in the weights file.

    Parameters
    ----------
    dim : int
        Length of the vector of Θ (`core.pose.vectors`).
    width, blocks : int
        Width and number of the residual blocks.
    embedding : int
        Length of the timestep embedding.
    schedule : str
        Beta schedule by name.
    timesteps : int
        T of the process.
    """

    dim: int = 154
    width: int = 512
    blocks: int = 4
    embedding: int = 128
    schedule: str = "linear"
    timesteps: int = 1000

    def process(self) -> GaussianDiffusion:
        """Build the diffusion process: x_0 is predicted, the loss is the squared error."""
        return GaussianDiffusion(
            betas=get_named_beta_schedule(self.schedule, self.timesteps),
            model_mean_type=ModelMeanType.START_X,
            model_var_type=ModelVarType.FIXED_LARGE,
            loss_type=LossType.MSE,
        )


class ResidualBlock(nn.Module):
    """x + MLP(FiLM(LayerNorm(x))); starts as the identity."""

    def __init__(self, width: int, time: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.film = nn.Linear(time, 2 * width)
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """Go on from x (B, width), at embeddings (B, time) or, for all, (1, time)."""
        scale, shift = self.film(time).chunk(2, dim=-1)
        inner = self.inner(self.norm(x) * (1 + scale) + shift)
        active = nn.functional.dropout(nn.functional.silu(inner), DROPOUT, self.training)
        residual: Tensor = self.outer(active)
        return x + residual


class Denoiser(nn.Module):
    """Predicts x_0 from x_t.

    The network only learns what a Gaussian of the corpus' mean and deviation per entry does not
    know already: its input, output and skip are scaled after Karras et al. (Elucidating the Design
    Space of Diffusion-Based Generative Models, 2022), with one deviation per entry. Entries are
    not z-scored, so that the noise keeps its meaning in degrees (`level_degrees`).

    Parameters
    ----------
    config : DenoiserConfig
        Sizes.
    mean, std : Tensor, shape (dim,), optional
        Moments of the corpus; zeros and ones where weights are loaded afterwards.
    """

    mean: Tensor
    std: Tensor
    alphas_cumprod: Tensor

    def __init__(
        self, config: DenoiserConfig, mean: Tensor | None = None, std: Tensor | None = None
    ) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(config.dim) if mean is None else mean)
        self.register_buffer("std", torch.ones(config.dim) if std is None else std)
        kept = torch.from_numpy(config.process().alphas_cumprod).float()
        self.register_buffer("alphas_cumprod", kept, persistent=False)
        self.time = nn.Sequential(
            nn.Linear(config.embedding, config.embedding),
            nn.SiLU(),
            nn.Linear(config.embedding, config.embedding),
            nn.SiLU(),
        )
        self.enter = nn.Linear(config.dim, config.width)
        self.blocks = nn.ModuleList(
            ResidualBlock(config.width, config.embedding) for _ in range(config.blocks)
        )
        self.leave = nn.Linear(config.width, config.dim)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Predict x_0 (B, dim) from x_t (B, dim) at timesteps t (B,)."""
        kept = self.alphas_cumprod[t][:, None]
        variance = (1 - kept) / kept
        total = (variance + self.std.square()).sqrt()
        centred = x / kept.sqrt() - self.mean
        hidden = self.enter(centred / total)
        time = self.time(timestep_embedding(t, self.config.embedding))
        for block in self.blocks:
            hidden = block(hidden, time)
        skip = self.mean + centred * (self.std / total).square()
        denoised: Tensor = skip + self.leave(hidden) * variance.sqrt() * self.std / total
        return denoised

    def loss_weight(self, t: Tensor) -> Tensor:
        """Factor (B,) that brings the squared error at every timestep to about 1."""
        kept = self.alphas_cumprod[t][:, None]
        variance = (1 - kept) / kept
        reach = variance * self.std.square() / (variance + self.std.square())
        return reach.mean(dim=1).reciprocal()


def save_denoiser(denoiser: Denoiser, path: Path) -> None:
    """Write weights in half precision, their configuration in the metadata (safetensors)."""
    write_weights(denoiser, denoiser.config, path, exact=("mean", "std"))


def load_denoiser(path: Path) -> tuple[Denoiser, str]:
    """Read a denoiser, in float32 and ready to use, and the sha256 of its file.

    Raises
    ------
    MissingModel
        The file is not there.
    UnreadableInput
        It is not a denoiser of ours, or its tensors do not fit its configuration.
    """
    return read_weights(
        path,
        lambda **sizes: Denoiser(DenoiserConfig(**sizes)),
        "a prior",
        "Train them with `diffannot train prior`",
    )
