import json
from functools import cache
from math import cos, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.diffusion import (
    GaussianDiffusion,
    LossSecondMomentResampler,
    LossType,
    ModelMeanType,
    ModelVarType,
    SpacedDiffusion,
    get_named_beta_schedule,
    space_timesteps,
    timestep_embedding,
)

GOLDEN = Path(__file__).parents[3] / "shared" / "reference" / "diffusion_golden.json"
pytestmark = pytest.mark.skipif(
    not GOLDEN.exists(), reason="../shared/reference/diffusion_golden.json is absent"
)

X = torch.tensor([0.8 * sin(i) for i in range(18)]).reshape(3, 6)
NOISE = torch.tensor([1.1 * cos(1.7 * i) for i in range(18)]).reshape(3, 6)
A = torch.tensor([0.15 * cos(0.37 * i) for i in range(72)]).reshape(12, 6)


@cache
def golden() -> dict[str, Any]:
    return dict(json.loads(GOLDEN.read_text()))


@pytest.fixture(autouse=True)
def given_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "randn_like", lambda _: NOISE.clone())


class Stub:
    def __init__(self, learned: bool) -> None:
        self.learned = learned
        self.seen: list[float] = []

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        self.seen = t.float().tolist()
        out = x @ A[:6].T + 0.001 * t.float()[:, None]
        return torch.cat([out, x @ A[6:].T], dim=1) if self.learned else out


def build(case: dict[str, Any], loss_type: LossType = LossType.MSE) -> GaussianDiffusion:
    options: dict[str, Any] = {
        "betas": get_named_beta_schedule(case["schedule"], case["T"]),
        "model_mean_type": ModelMeanType[case["mean_type"]],
        "model_var_type": ModelVarType[case["var_type"]],
        "loss_type": loss_type,
        "rescale_timesteps": case["rescale_timesteps"],
    }
    if case["respacing"] is None:
        return GaussianDiffusion(**options)
    return SpacedDiffusion(space_timesteps(case["T"], case["respacing"]), **options)


def close(ours: Tensor, theirs: list[float]) -> None:
    expected = np.array(theirs)
    np.testing.assert_allclose(ours.numpy().ravel(), expected, rtol=1e-5, atol=2e-6)


def test_tables_equal_the_reference() -> None:
    for key, table in golden()["tables"].items():
        schedule, steps = key.split("/")
        process = build(
            {
                "schedule": schedule,
                "T": int(steps),
                "mean_type": "EPSILON",
                "var_type": "FIXED_LARGE",
                "rescale_timesteps": False,
                "respacing": None,
            }
        )
        for name, values in table.items():
            if name != "index":
                ours = getattr(process, name)[table["index"]]
                np.testing.assert_allclose(ours, values, rtol=1e-12, err_msg=f"{key} {name}")


def test_spaced_timesteps_equal_the_reference() -> None:
    for key, expected in golden()["space_timesteps"].items():
        assert sorted(space_timesteps(*json.loads(key))) == expected, key
    for key, message in golden()["space_timesteps_errors"].items():
        with pytest.raises(ValueError) as caught:
            space_timesteps(*json.loads(key))
        assert f"ValueError: {caught.value}" == message


def test_every_step_equals_the_reference() -> None:
    assert len(golden()["steps"]) == 120
    for case in golden()["steps"]:
        process = build(case)
        model = Stub(process.model_var_type.learned)
        t = torch.tensor(case["t"])
        options = {"clip_denoised": case["clip_denoised"]}
        x_t = process.q_sample(X, t, NOISE)
        close(x_t, case["q_sample"])
        out = process.p_mean_variance(model, x_t, t, **options)
        assert model.seen == pytest.approx(case["t_seen_by_model"])
        for name in ("mean", "log_variance", "pred_xstart"):
            close(out[name], case[name])
        close(process.p_sample(model, x_t, t, **options)["sample"], case["p_sample"])
        for eta in (0, 1):
            sample = process.ddim_sample(model, x_t, t, **options, eta=eta)["sample"]
            close(sample, case[f"ddim_eta{eta}"])
        reverse = process.ddim_reverse_sample(model, x_t, t, **options)["sample"]
        close(reverse, case["ddim_reverse"])


def test_training_losses_equal_the_reference() -> None:
    cases = golden()["training_losses"]
    assert len(cases) == 48
    loss_types = (LossType.MSE, LossType.RESCALED_MSE, LossType.KL, LossType.RESCALED_KL)
    for number, case in enumerate(cases):
        common = {"schedule": "linear", "T": 1000, "respacing": None, "rescale_timesteps": False}
        process = build(case | common, loss_types[number % 4])
        model = Stub(process.model_var_type.learned)
        terms = process.training_losses(model, X, torch.tensor(case["t"]), noise=NOISE)
        expected = {name for name in ("loss", "mse", "vb") if name in case}
        assert set(terms) == expected
        for name in expected:
            close(terms[name], case[name])


def test_sampling_loops_equal_the_reference() -> None:
    case = {
        "schedule": "linear",
        "T": 1000,
        "respacing": [58],
        "rescale_timesteps": True,
        "mean_type": "EPSILON",
        "var_type": "FIXED_LARGE",
    }
    process, model = build(case), Stub(learned=False)
    loops = {
        "p_sample_loop_58": process.p_sample_loop,
        "ddim_sample_loop_58": process.ddim_sample_loop,
    }
    for name, loop in loops.items():
        close(loop(model, (3, 6), noise=X, clip_denoised=False), golden()[name])


def test_timestep_embedding_equals_the_reference() -> None:
    expected = golden()["timestep_embedding"]
    for dim in (7, 8):
        ours = timestep_embedding(torch.tensor(expected["t"]), dim)
        close(ours, np.array(expected[f"dim{dim}"]).ravel().tolist())


def test_second_moment_sampler_equals_the_reference() -> None:
    expected = golden()["loss_second_moment"]
    steps = expected["T"]
    process = build(
        {
            "schedule": "linear",
            "T": steps,
            "respacing": None,
            "rescale_timesteps": False,
            "mean_type": "EPSILON",
            "var_type": "FIXED_LARGE",
        }
    )
    sampler = LossSecondMomentResampler(process, history_per_term=expected["history"])
    np.testing.assert_allclose(sampler.weights(), expected["weights_before"])
    for _ in range(2):
        sampler.update_with_all_losses(list(range(steps)), [i + 1.0 for i in range(steps)])
    np.testing.assert_allclose(sampler.weights(), expected["weights_after"], rtol=1e-12)
