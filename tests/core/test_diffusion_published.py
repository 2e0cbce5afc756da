from pathlib import Path

import pytest
import torch
from torch import Tensor

from core.diffusion import LossType, ModelMeanType, timestep_embedding
from core.diffusion.denoiser import load_denoiser
from core.diffusion.published import PublishedConfig, PublishedMlp, load_published, save_published
from core.errors import MissingModel, UnreadableInput


def identity(dim: int) -> PublishedMlp:
    """A network whose layers change nothing and whose time says 0."""
    network = PublishedMlp(PublishedConfig(dim))
    for name, value in network.named_parameters():
        square = name.startswith("layers") and name.endswith("weight")
        value.data = torch.eye(dim) if square else torch.zeros(value.shape)
    return network


def by_hand(network: PublishedMlp, x: Tensor, t: Tensor) -> Tensor:
    weights = dict(network.named_parameters())

    def linear(name: str, value: Tensor) -> Tensor:
        return value @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    time = linear("time.0", timestep_embedding(t, x.shape[1]))
    hidden = x + linear("time.2", time * torch.sigmoid(time))
    for number in (0, 2, 4):
        hidden = linear(f"layers.{number}", hidden).clamp(min=0)
    return hidden


def test_the_last_layer_cuts_noise_below_zero() -> None:
    x = torch.tensor([[-2.0, 0.5, 3, -0.1]])
    assert identity(4)(x, torch.tensor([7])).tolist() == [[0, 0.5, 3, 0]]


def test_it_is_three_layers_and_a_time_added_to_the_input() -> None:
    torch.manual_seed(0)
    network = PublishedMlp(PublishedConfig(82))
    x, t = torch.randn(5, 82), torch.tensor([0, 1, 57, 500, 999])
    torch.testing.assert_close(network(x, t), by_hand(network, x, t))
    assert sum(value.numel() for value in network.parameters()) == 5 * (82 * 82 + 82)


def test_its_process_is_improved_diffusions_default() -> None:
    process = PublishedConfig().process()
    assert (process.model_mean_type, process.loss_type) == (
        ModelMeanType.EPSILON, LossType.RESCALED_MSE,
    )  # fmt: skip
    assert process.rescale_timesteps
    assert process.num_timesteps == 1000


def test_one_file_holds_weights_and_configuration(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = PublishedMlp(PublishedConfig(82))
    save_published(network, tmp_path / "mlp.safetensors")
    loaded, digest = load_published(tmp_path / "mlp.safetensors")
    assert loaded.config == PublishedConfig(82)
    assert len(digest) == 64
    x, t = torch.randn(5, 82), torch.arange(5) * 100
    torch.testing.assert_close(loaded(x, t), network(x, t), atol=5e-3, rtol=5e-3)


def test_it_is_not_taken_for_a_prior_nor_found_where_nothing_is(tmp_path: Path) -> None:
    save_published(PublishedMlp(PublishedConfig(82)), tmp_path / "mlp.safetensors")
    with pytest.raises(UnreadableInput, match="prior"):
        load_denoiser(tmp_path / "mlp.safetensors")
    with pytest.raises(MissingModel, match="published"):
        load_published(tmp_path / "none.safetensors")
