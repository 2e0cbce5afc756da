"""The reverse process: sampling and training losses (Ho et al., 2020; Song et al., 2021)."""

from collections.abc import Callable, Iterator, Sequence
from math import log
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.diffusion.forward import ForwardProcess, extract
from core.diffusion.kinds import LossType, ModelMeanType, ModelVarType
from core.diffusion.likelihood import discretized_gaussian_log_likelihood, mean_flat, normal_kl

Model = Callable[..., Tensor]
Step = Callable[[Tensor, Tensor], dict[str, Tensor]]
DenoisedFn = Callable[[Tensor], Tensor]
ModelKwargs = dict[str, Any]


class GaussianDiffusion(ForwardProcess):
    """A diffusion process with a model, named and signed as in improved-diffusion.

    Works on any tensor (B, C, ...); here on pose vectors (B, D).

    Parameters
    ----------
    betas : array_like, shape (T,)
        Variance added in each step.
    model_mean_type, model_var_type, loss_type
        What the model predicts, where the variance comes from, what trains it.
    rescale_timesteps : bool
        Show the model timesteps scaled to 0..1000 as floats, whatever T is.
    """

    def __init__(
        self,
        *,
        betas: ArrayLike,
        model_mean_type: ModelMeanType,
        model_var_type: ModelVarType,
        loss_type: LossType,
        rescale_timesteps: bool = False,
    ) -> None:
        super().__init__(betas)
        self.model_mean_type = model_mean_type
        self.model_var_type = model_var_type
        self.loss_type = loss_type
        self.rescale_timesteps = rescale_timesteps

    def p_mean_variance(
        self,
        model: Model,
        x: Tensor,
        t: Tensor,
        clip_denoised: bool = True,
        denoised_fn: DenoisedFn | None = None,
        model_kwargs: ModelKwargs | None = None,
    ) -> dict[str, Tensor]:
        """Apply the model to x_t and describe p(x_{t-1} | x_t).

        Returns
        -------
        dict
            "mean", "variance", "log_variance" and "pred_xstart", all of the shape of `x`.
        """
        output = model(x, self._scale_timesteps(t), **(model_kwargs or {}))
        values = None
        if self.model_var_type.learned:
            output, values = torch.split(output, x.shape[1], dim=1)
        variance, log_variance = self._model_variance(x, t, values)

        pred_xstart = self._model_xstart(x, t, output)
        if denoised_fn is not None:
            pred_xstart = denoised_fn(pred_xstart)
        if clip_denoised:
            pred_xstart = pred_xstart.clamp(-1, 1)
        if self.model_mean_type is ModelMeanType.PREVIOUS_X:
            mean = output
        else:
            mean, _, _ = self.q_posterior_mean_variance(pred_xstart, x, t)
        return {
            "mean": mean,
            "variance": variance,
            "log_variance": log_variance,
            "pred_xstart": pred_xstart,
        }

    def _model_xstart(self, x: Tensor, t: Tensor, output: Tensor) -> Tensor:
        if self.model_mean_type is ModelMeanType.PREVIOUS_X:
            return self.predict_xstart_from_xprev(x, t, output)
        if self.model_mean_type is ModelMeanType.EPSILON:
            return self.predict_xstart_from_eps(x, t, output)
        return output

    def _model_variance(self, x: Tensor, t: Tensor, values: Tensor | None) -> tuple[Tensor, Tensor]:
        small, small_log = self.posterior_variance, self.posterior_log_variance_clipped
        if values is not None:
            log_variance = values
            if self.model_var_type is ModelVarType.LEARNED_RANGE:
                share = (values + 1) / 2
                low, high = extract(small_log, t, x), extract(np.log(self.betas), t, x)
                log_variance = share * high + (1 - share) * low
            return log_variance.exp(), log_variance
        if self.model_var_type is ModelVarType.FIXED_LARGE:
            small = np.append(small[1], self.betas[1:])
            small_log = np.log(small)
        return extract(small, t, x).expand(x.shape), extract(small_log, t, x).expand(x.shape)

    def _scale_timesteps(self, t: Tensor) -> Tensor:
        return t.float() * (1000.0 / self.num_timesteps) if self.rescale_timesteps else t

    def p_sample(
        self,
        model: Model,
        x: Tensor,
        t: Tensor,
        clip_denoised: bool = True,
        denoised_fn: DenoisedFn | None = None,
        model_kwargs: ModelKwargs | None = None,
    ) -> dict[str, Tensor]:
        """Draw x_{t-1}: "sample" and "pred_xstart"."""
        out = self.p_mean_variance(model, x, t, clip_denoised, denoised_fn, model_kwargs)
        spread = torch.exp(0.5 * out["log_variance"]) * torch.randn_like(x)
        sample = out["mean"] + _unless_last(t, x) * spread
        return {"sample": sample, "pred_xstart": out["pred_xstart"]}

    def ddim_sample(
        self,
        model: Model,
        x: Tensor,
        t: Tensor,
        clip_denoised: bool = True,
        denoised_fn: DenoisedFn | None = None,
        model_kwargs: ModelKwargs | None = None,
        eta: float = 0.0,
    ) -> dict[str, Tensor]:
        """Take one DDIM step to x_{t-1}; eta 0 is deterministic, 1 as noisy as `p_sample`."""
        out = self.p_mean_variance(model, x, t, clip_denoised, denoised_fn, model_kwargs)
        eps = self.predict_eps_from_xstart(x, t, out["pred_xstart"])
        kept = extract(self.alphas_cumprod, t, x)
        kept_prev = extract(self.alphas_cumprod_prev, t, x)
        sigma = eta * ((1 - kept_prev) / (1 - kept)).sqrt() * (1 - kept / kept_prev).sqrt()
        direction = (1 - kept_prev - sigma.square()).sqrt() * eps
        sample = out["pred_xstart"] * kept_prev.sqrt() + direction
        sample = sample + _unless_last(t, x) * sigma * torch.randn_like(x)
        return {"sample": sample, "pred_xstart": out["pred_xstart"]}

    def ddim_reverse_sample(
        self,
        model: Model,
        x: Tensor,
        t: Tensor,
        clip_denoised: bool = True,
        denoised_fn: DenoisedFn | None = None,
        model_kwargs: ModelKwargs | None = None,
        eta: float = 0.0,
    ) -> dict[str, Tensor]:
        """Take one step of the deterministic DDIM equation towards noise, to x_{t+1}."""
        if eta != 0.0:
            raise ValueError("only the deterministic path (eta 0) can be reversed")
        out = self.p_mean_variance(model, x, t, clip_denoised, denoised_fn, model_kwargs)
        eps = self.predict_eps_from_xstart(x, t, out["pred_xstart"])
        kept_next = extract(self.alphas_cumprod_next, t, x)
        sample = out["pred_xstart"] * kept_next.sqrt() + (1 - kept_next).sqrt() * eps
        return {"sample": sample, "pred_xstart": out["pred_xstart"]}

    def p_sample_loop(
        self, model: Model, shape: Sequence[int], noise: Tensor | None = None, **options: Any
    ) -> Tensor:
        """Draw from the model; options as of `p_sample_loop_progressive`."""
        return _last(self.p_sample_loop_progressive(model, shape, noise, **options))

    def p_sample_loop_progressive(
        self,
        model: Model,
        shape: Sequence[int],
        noise: Tensor | None = None,
        clip_denoised: bool = True,
        denoised_fn: DenoisedFn | None = None,
        model_kwargs: ModelKwargs | None = None,
        device: torch.device | str | None = None,
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the dict of `p_sample` for t = T-1..0, from `noise` or fresh noise of `shape`."""

        def step(x: Tensor, t: Tensor) -> dict[str, Tensor]:
            return self.p_sample(model, x, t, clip_denoised, denoised_fn, model_kwargs)

        yield from self._walk(step, shape, noise, device)

    def ddim_sample_loop(
        self, model: Model, shape: Sequence[int], noise: Tensor | None = None, **options: Any
    ) -> Tensor:
        """Draw from the model by DDIM; options as of `ddim_sample_loop_progressive`."""
        return _last(self.ddim_sample_loop_progressive(model, shape, noise, **options))

    def ddim_sample_loop_progressive(
        self,
        model: Model,
        shape: Sequence[int],
        noise: Tensor | None = None,
        clip_denoised: bool = True,
        denoised_fn: DenoisedFn | None = None,
        model_kwargs: ModelKwargs | None = None,
        device: torch.device | str | None = None,
        eta: float = 0.0,
    ) -> Iterator[dict[str, Tensor]]:
        """Yield the dict of `ddim_sample` for t = T-1..0."""

        def step(x: Tensor, t: Tensor) -> dict[str, Tensor]:
            return self.ddim_sample(model, x, t, clip_denoised, denoised_fn, model_kwargs, eta)

        yield from self._walk(step, shape, noise, device)

    @torch.no_grad()
    def _walk(
        self,
        step: Step,
        shape: Sequence[int],
        noise: Tensor | None,
        device: torch.device | str | None,
    ) -> Iterator[dict[str, Tensor]]:
        x = torch.randn(*shape, device=device) if noise is None else noise
        for timestep in reversed(range(self.num_timesteps)):
            out = step(x, torch.full((shape[0],), timestep, device=x.device))
            yield out
            x = out["sample"]

    def training_losses(
        self,
        model: Model,
        x_start: Tensor,
        t: Tensor,
        model_kwargs: ModelKwargs | None = None,
        noise: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Loss of each sample at its timestep.

        Returns
        -------
        dict
            "loss" (B,); for the squared-error kinds also "mse" (B,), and "vb" (B,) in bits where
            the variance is learned.
        """
        noise = torch.randn_like(x_start) if noise is None else noise
        x_t = self.q_sample(x_start, t, noise)
        if self.loss_type.is_vb:
            bound = self._vb_terms_bpd(model, x_start, x_t, t, False, model_kwargs)["output"]
            scale = self.num_timesteps if self.loss_type is LossType.RESCALED_KL else 1
            return {"loss": bound * scale}

        output = model(x_t, self._scale_timesteps(t), **(model_kwargs or {}))
        terms: dict[str, Tensor] = {}
        if self.model_var_type.learned:
            output, values = torch.split(output, x_start.shape[1], dim=1)
            # The bound trains the variance alone; the mean learns from the squared error.
            frozen = torch.cat([output.detach(), values], dim=1)
            bound = self._vb_terms_bpd(lambda *_: frozen, x_start, x_t, t, False)["output"]
            rescaled = self.loss_type is LossType.RESCALED_MSE
            terms["vb"] = bound * (self.num_timesteps / 1000.0 if rescaled else 1.0)
        target = {
            ModelMeanType.PREVIOUS_X: self.q_posterior_mean_variance(x_start, x_t, t)[0],
            ModelMeanType.START_X: x_start,
            ModelMeanType.EPSILON: noise,
        }[self.model_mean_type]
        terms["mse"] = mean_flat((target - output).square())
        terms["loss"] = sum(terms.values(), start=torch.zeros_like(terms["mse"]))
        return terms

    def _vb_terms_bpd(
        self,
        model: Model,
        x_start: Tensor,
        x_t: Tensor,
        t: Tensor,
        clip_denoised: bool = True,
        model_kwargs: ModelKwargs | None = None,
    ) -> dict[str, Tensor]:
        """One term of the variational bound, in bits a dimension: "output" (B,), "pred_xstart"."""
        true_mean, _, true_log_variance = self.q_posterior_mean_variance(x_start, x_t, t)
        out = self.p_mean_variance(model, x_t, t, clip_denoised, model_kwargs=model_kwargs)
        mean, log_variance = out["mean"], out["log_variance"]
        kl = mean_flat(normal_kl(true_mean, true_log_variance, mean, log_variance))
        decoder = -mean_flat(
            discretized_gaussian_log_likelihood(x_start, means=mean, log_scales=0.5 * log_variance)
        )
        bound = torch.where(t == 0, decoder, kl) / log(2.0)
        return {"output": bound, "pred_xstart": out["pred_xstart"]}


def _unless_last(t: Tensor, x: Tensor) -> Tensor:
    """0 where t is 0 (the last step adds no noise), else 1; broadcasts against x."""
    return (t != 0).float().reshape(-1, *[1] * (x.dim() - 1))


def _last(steps: Iterator[dict[str, Tensor]]) -> Tensor:
    for out in steps:
        sample = out["sample"]
    return sample
