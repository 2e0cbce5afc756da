from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.diffusion import (
    GaussianDiffusion,
    LossSecondMomentResampler,
    LossType,
    ModelMeanType,
    ModelVarType,
    SpacedDiffusion,
    create_named_schedule_sampler,
    get_named_beta_schedule,
    space_timesteps,
    timestep_embedding,
)

SPOTS = {
    ("linear", "alphas_cumprod", 0): 0.9999,
    ("linear", "alphas_cumprod", 35): 0.9839758307788469,
    ("linear", "alphas_cumprod", 57): 0.9619971487695815,
    ("linear", "alphas_cumprod", 500): 0.07779665836502389,
    ("linear", "alphas_cumprod", 999): 4.035829765375676e-05,
    ("linear", "posterior_variance", 1): 5.453187661300667e-05,
    ("linear", "posterior_log_variance_clipped", 0): -9.81672513529567,
    ("linear", "posterior_mean_coef1", 999): 0.00012835148717224693,
    ("linear", "posterior_mean_coef2", 999): 0.9899486782675173,
    ("cosine", "betas", 0): 4.128422482196914e-05,
    ("cosine", "alphas_cumprod", 35): 0.9954607007581644,
    ("cosine", "alphas_cumprod", 57): 0.9896129677101194,
    ("cosine", "alphas_cumprod", 999): 2.4287669070348567e-09,
}
"""Of improved-diffusion at T = 1000."""


def build(
    mean_type: ModelMeanType = ModelMeanType.START_X,
    var_type: ModelVarType = ModelVarType.FIXED_LARGE,
    loss_type: LossType = LossType.MSE,
    schedule: str = "linear",
    steps: int = 1000,
) -> GaussianDiffusion:
    return GaussianDiffusion(
        betas=get_named_beta_schedule(schedule, steps),
        model_mean_type=mean_type,
        model_var_type=var_type,
        loss_type=loss_type,
    )


def knows(x_start: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda x, t: x_start


@pytest.mark.parametrize(("schedule", "table", "index"), SPOTS)
def test_spot_values_of_the_tables(schedule: str, table: str, index: int) -> None:
    value = getattr(build(schedule=schedule), table)[index]
    assert value == pytest.approx(SPOTS[schedule, table, index], rel=1e-12)


def test_signal_falls_from_step_to_step() -> None:
    for schedule in ("linear", "cosine"):
        assert (np.diff(build(schedule=schedule).alphas_cumprod) < 0).all()


def test_unknown_schedules_and_impossible_betas_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="quadratic"):
        get_named_beta_schedule("quadratic", 100)
    with pytest.raises(ValueError, match="betas"):
        build(steps=10)  # the linear schedule needs more than 20 steps


def test_fifty_eight_of_a_thousand_timesteps() -> None:
    kept = sorted(space_timesteps(1000, [58]))
    assert kept[:9] == [0, 18, 35, 53, 70, 88, 105, 123, 140]
    assert kept[-3:] == [964, 981, 999]
    assert space_timesteps(100, "ddim4") == {0, 25, 50, 75}
    assert space_timesteps(10, "2,1") == {0, 4, 5}


def test_no_integer_stride_gives_58_of_a_thousand() -> None:
    with pytest.raises(ValueError, match="integer stride"):
        space_timesteps(1000, "ddim58")


@settings(deadline=None)
@given(st.integers(0, 999), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_knowing_the_noise_gives_the_start_back(timestep: int, values: list[float]) -> None:
    process = build()
    x = torch.tensor([values], dtype=torch.float32)
    t, noise = torch.tensor([timestep]), torch.tensor([[0.5, -1.0, 0.2, 2.0]])
    x_t = process.q_sample(x, t, noise)
    scale = float(process.sqrt_recip_alphas_cumprod[timestep])
    start = process.predict_xstart_from_eps(x_t, t, noise)
    torch.testing.assert_close(start, x, atol=2e-6 * scale, rtol=1e-5)
    if timestep > 0:
        eps = process.predict_eps_from_xstart(x_t, t, x)
        torch.testing.assert_close(eps, noise, atol=2e-3, rtol=1e-3)


def test_what_is_drawn_has_the_stated_mean_and_variance() -> None:
    process, x, t = build(), torch.tensor([[0.5, -1.0]]), torch.tensor([500])
    one, other = (process.q_sample(x, t, torch.full_like(x, noise)) for noise in (2.0, -2.0))
    mean, variance, log_variance = process.q_mean_variance(x, t)
    torch.testing.assert_close(mean, (one + other) / 2)
    torch.testing.assert_close(variance.expand_as(x), ((one - other) / 4).square())
    torch.testing.assert_close(log_variance.exp(), variance)


def test_mean_types_describe_the_same_posterior() -> None:
    x, noise, t = torch.randn(3, 4), torch.randn(3, 4), torch.tensor([1, 50, 500])
    process = build()
    x_t = process.q_sample(x, t, noise)
    mean, _, _ = process.q_posterior_mean_variance(x, x_t, t)
    outputs = {
        ModelMeanType.START_X: x,
        ModelMeanType.EPSILON: noise,
        ModelMeanType.PREVIOUS_X: mean,
    }
    for mean_type, output in outputs.items():
        out = build(mean_type).p_mean_variance(knows(output), x_t, t, clip_denoised=False)
        torch.testing.assert_close(out["mean"], mean, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(out["pred_xstart"], x, atol=2e-3, rtol=2e-3)


def test_keeping_all_timesteps_changes_nothing() -> None:
    betas = get_named_beta_schedule("linear", 100)
    spaced = SpacedDiffusion(
        range(100),
        betas=betas,
        model_mean_type=ModelMeanType.EPSILON,
        model_var_type=ModelVarType.FIXED_SMALL,
        loss_type=LossType.MSE,
    )
    np.testing.assert_allclose(spaced.betas, betas, rtol=1e-11)


def test_a_spaced_process_shows_the_model_the_timesteps_it_was_trained_with() -> None:
    seen: list[list[float]] = []

    def model(x: Tensor, t: Tensor) -> Tensor:
        seen.append(t.tolist())
        return x

    for rescale in (False, True):
        SpacedDiffusion(
            [0, 10, 49],
            betas=get_named_beta_schedule("linear", 50),
            model_mean_type=ModelMeanType.START_X,
            model_var_type=ModelVarType.FIXED_SMALL,
            loss_type=LossType.MSE,
            rescale_timesteps=rescale,
        ).p_mean_variance(model, torch.zeros(3, 2), torch.tensor([0, 1, 2]))
    assert seen == [[0, 10, 49], [0, 200, 980]]


def test_loops_end_at_what_the_model_predicts() -> None:
    target = torch.tensor([[0.1, -0.7], [0.9, 0.3]])
    process = build(steps=30)
    for loop in (process.p_sample_loop, process.ddim_sample_loop):
        torch.testing.assert_close(loop(knows(target), (2, 2)), target)


def test_ddim_goes_to_noise_and_back() -> None:
    target, x = torch.tensor([[0.4, -0.2]]), torch.tensor([[0.5, -0.1]])
    process = build(steps=1000)
    for timestep in range(100, 140):
        x = process.ddim_reverse_sample(knows(target), x, torch.tensor([timestep]))["sample"]
    for timestep in range(140, 100, -1):
        x = process.ddim_sample(knows(target), x, torch.tensor([timestep]))["sample"]
    torch.testing.assert_close(x, torch.tensor([[0.5, -0.1]]), atol=1e-4, rtol=0)


def test_clipping_and_denoised_fn_act_on_the_predicted_start() -> None:
    x, t = torch.zeros(1, 2), torch.tensor([5])
    model = knows(torch.tensor([[3.0, -0.5]]))
    out = build().p_mean_variance(model, x, t, denoised_fn=lambda start: start / 2)
    assert out["pred_xstart"].tolist() == [[1.0, -0.25]]


def test_a_perfect_model_has_no_loss_and_a_learned_variance_adds_the_bound() -> None:
    x, t = torch.tensor([[0.2, 0.4]]), torch.tensor([7])
    assert build().training_losses(knows(x), x, t)["loss"].tolist() == [0]
    learned = build(var_type=ModelVarType.LEARNED)
    terms = learned.training_losses(knows(torch.tensor([[0.2, 0.4, 0, 0]])), x, t)
    assert terms["mse"].item() == 0
    assert terms["vb"].item() > 0
    assert terms["loss"].item() == terms["vb"].item()


def test_embedding_of_zero_is_cosines_of_zero_then_sines() -> None:
    assert timestep_embedding(torch.tensor([0]), 5).tolist() == [[1, 1, 0, 0, 0]]
    one = timestep_embedding(torch.tensor([1.0]), 4)
    np.testing.assert_allclose(
        one[0], np.cos([1, 0.01, 1 - np.pi / 2, 0.01 - np.pi / 2]), rtol=1e-5
    )


def test_timesteps_of_large_loss_are_drawn_more_often() -> None:
    sampler = LossSecondMomentResampler(build(steps=25), history_per_term=1)
    assert sampler.weights().tolist() == [1] * 25
    sampler.update_with_local_losses(torch.arange(25), torch.tensor([1.0] * 24 + [76.0]))
    assert sampler.weights()[24] == pytest.approx(0.76 * 0.999 + 0.001 / 25)
    timesteps, factors = sampler.sample(4000, "cpu")
    assert (timesteps == 24).float().mean().item() == pytest.approx(0.76, abs=0.05)
    assert factors[timesteps == 24][0].item() == pytest.approx(1 / (25 * 0.75928), rel=1e-4)


def test_schedule_samplers_by_name() -> None:
    process = build(steps=25)
    assert create_named_schedule_sampler("uniform", process).weights().tolist() == [1] * 25
    second_moment = create_named_schedule_sampler("loss-second-moment", process)
    assert isinstance(second_moment, LossSecondMomentResampler)
    with pytest.raises(NotImplementedError, match="other"):
        create_named_schedule_sampler("other", process)
