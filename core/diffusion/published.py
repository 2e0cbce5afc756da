"""The network of the released DiffAnnot code, for the reproduction arm alone.

Its last layer is a ReLU, so it never predicts noise below zero; `core.diffusion.denoiser` is what
we use. Source: github.com/PaperL/Human-3D-Diffusion, branch `main`.
"""

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from core.diffusion.embedding import timestep_embedding
from core.diffusion.gaussian import GaussianDiffusion
from core.diffusion.kinds import LossType, ModelMeanType, ModelVarType
from core.diffusion.schedule import get_named_beta_schedule
from core.weights import read_weights, write_weights


@dataclass(frozen=True)
class PublishedConfig:
    """What the released code leaves open.

    Parameters
    ----------
    dim : int
        Length of the vector of Θ: 82 or 226 in the released code.
    """

    dim: int = 226

    def process(self) -> GaussianDiffusion:
        """Build its process: improved-diffusion's defaults; the noise is predicted."""
        return GaussianDiffusion(
            betas=get_named_beta_schedule("linear", 1000),
            model_mean_type=ModelMeanType.EPSILON,
            model_var_type=ModelVarType.FIXED_LARGE,
            loss_type=LossType.RESCALED_MSE,
            rescale_timesteps=True,
        )


class PublishedMlp(nn.Module):
    """Three layers as wide as the vector, a ReLU after each; the time is added to the input.

    Parameters
    ----------
    config : PublishedConfig
        Length of the vector.
    """

    def __init__(self, config: PublishedConfig) -> None:
        super().__init__()
        self.config = config
        dim = config.dim
        self.time = nn.Sequential(nn.Linear(dim, dim), nn.SiLU(), nn.Linear(dim, dim))
        self.layers = nn.Sequential(
            *(layer for _ in range(3) for layer in (nn.Linear(dim, dim), nn.ReLU()))
        )

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Predict the noise (B, dim), never below zero, in x_t (B, dim) at timesteps t (B,)."""
        noise: Tensor = self.layers(x + self.time(timestep_embedding(t, self.config.dim)))
        return noise


def save_published(network: PublishedMlp, path: Path) -> None:
    """Write weights in half precision, their configuration in the metadata (safetensors)."""
    write_weights(network, network.config, path)


def load_published(path: Path) -> tuple[PublishedMlp, str]:
    """Read the network, in float32 and ready to use, and the sha256 of its file.

    Raises
    ------
    MissingModel
        The file is not there.
    UnreadableInput
        It is no such network, or its tensors do not fit its configuration.
    """
    return read_weights(
        path,
        lambda **sizes: PublishedMlp(PublishedConfig(**sizes)),
        "the published network",
        "Train them with `diffannot train as-published`",
    )
