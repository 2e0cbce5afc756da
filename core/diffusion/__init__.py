"""The diffusion process of improved-diffusion (Nichol and Dhariwal, 2021) for pose vectors.

Same names, signatures and numbers (`progress=` aside: loop over the `*_progressive` generators).
"""

from core.diffusion.embedding import timestep_embedding
from core.diffusion.gaussian import GaussianDiffusion
from core.diffusion.kinds import LossType, ModelMeanType, ModelVarType
from core.diffusion.samplers import (
    LossSecondMomentResampler,
    ScheduleSampler,
    UniformSampler,
    create_named_schedule_sampler,
)
from core.diffusion.schedule import betas_for_alpha_bar, get_named_beta_schedule, space_timesteps
from core.diffusion.spaced import SpacedDiffusion

__all__ = [
    "GaussianDiffusion",
    "LossSecondMomentResampler",
    "LossType",
    "ModelMeanType",
    "ModelVarType",
    "ScheduleSampler",
    "SpacedDiffusion",
    "UniformSampler",
    "betas_for_alpha_bar",
    "create_named_schedule_sampler",
    "get_named_beta_schedule",
    "space_timesteps",
    "timestep_embedding",
]
