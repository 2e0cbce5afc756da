from json import dumps
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.diffusion.denoiser import Denoiser, DenoiserConfig, load_denoiser, save_denoiser
from core.errors import MissingModel, UnreadableInput

SMALL = DenoiserConfig(dim=3, width=8, blocks=2, embedding=4)


def test_untrained_it_shrinks_each_entry_to_its_mean_as_much_as_the_noise_asks() -> None:
    mean, std = torch.tensor([0.0, 1.0, -1.0]), torch.tensor([0.1, 0.2, 1.0])
    denoiser = Denoiser(SMALL, mean, std)
    t = torch.tensor([57])
    kept = SMALL.process().alphas_cumprod[57]
    variance = 1 / kept - 1
    truth = torch.tensor([0.3, 0.7, -1.5])
    expected = mean + (truth - mean) * std**2 / (std**2 + variance)
    estimate = denoiser(truth[None] * kept**0.5, t)[0]
    torch.testing.assert_close(estimate, expected, atol=1e-5, rtol=1e-4)


def test_loss_weight_undoes_the_size_of_the_noise() -> None:
    torch.manual_seed(0)
    mean, std = torch.zeros(3), torch.full((3,), 0.3)
    denoiser, process = Denoiser(SMALL, mean, std), SMALL.process()
    for timestep in (5, 57, 900):
        t = torch.full((20000,), timestep)
        with torch.no_grad():
            loss = process.training_losses(denoiser, 0.3 * torch.randn(20000, 3), t)["loss"]
        assert (loss * denoiser.loss_weight(t)).mean().item() == pytest.approx(1, rel=0.05)


def test_it_can_learn_what_a_gaussian_cannot_know() -> None:
    torch.manual_seed(0)
    denoiser, process = Denoiser(SMALL, torch.zeros(3), torch.ones(3)), SMALL.process()
    optimizer = torch.optim.Adam(denoiser.parameters(), lr=1e-2)
    losses = []
    for _ in range(150):
        sign = torch.randint(2, (256, 1)) * 2.0 - 1
        t = torch.randint(300, 700, (256,))
        each = process.training_losses(denoiser, sign.expand(-1, 3), t)["loss"]
        loss = (each * denoiser.loss_weight(t)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.85 * losses[0]


def test_weights_come_back_from_half_precision(tmp_path: Path) -> None:
    torch.manual_seed(0)
    denoiser = Denoiser(SMALL, torch.tensor([0.1, 0.2, 0.3]), torch.tensor([1.0, 2.0, 3.0]))
    torch.nn.init.normal_(denoiser.leave.weight)
    save_denoiser(denoiser, tmp_path / "prior.safetensors")
    loaded, digest = load_denoiser(tmp_path / "prior.safetensors")
    assert loaded.config == SMALL
    assert len(digest) == 64
    x, t = torch.randn(5, 3), torch.arange(5) * 100
    torch.testing.assert_close(loaded(x, t), denoiser(x, t), atol=2e-2, rtol=2e-2)
    assert load_file(tmp_path / "prior.safetensors")["enter.weight"].dtype == torch.float16


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="train prior"):
        load_denoiser(tmp_path / "none.safetensors")


@pytest.mark.parametrize("fault", ["torn", "no config", "other shape", "extra key", "huge"])
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "prior.safetensors"
    save_denoiser(Denoiser(SMALL), path)
    tensors = load_file(path)
    config = '{"dim": 3, "width": 8, "blocks": 2, "embedding": 4}'
    if fault == "torn":
        path.write_bytes(path.read_bytes()[:-10])
    elif fault == "no config":
        save_file(tensors, path)
    elif fault == "other shape":
        save_file(tensors | {"enter.weight": torch.zeros(8, 4)}, path, {"config": config})
    elif fault == "extra key":
        save_file(tensors | {"more": torch.zeros(1)}, path, {"config": config})
    else:
        save_file(tensors, path, {"config": dumps({"dim": 3, "width": 10**9, "blocks": 1})})
    with pytest.raises(UnreadableInput, match="prior"):
        load_denoiser(path)
