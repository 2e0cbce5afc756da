"""Noise schedules and shorter schedules cut out of them (Nichol and Dhariwal, 2021)."""

from collections.abc import Callable, Sequence
from math import cos, pi

import numpy as np
from numpy.typing import NDArray

MAX_BETA = 0.999


def get_named_beta_schedule(
    schedule_name: str, num_diffusion_timesteps: int
) -> NDArray[np.float64]:
    """Return the betas of the schedule "linear" or "cosine".

    "linear" is Ho et al.'s (2020) 1e-4..0.02 for 1000 steps, scaled so that fewer or more steps end
    at the same noise; it needs more than 20 steps. "cosine" is Nichol and Dhariwal's.

    Returns
    -------
    NDArray, shape (num_diffusion_timesteps,), float64
    """
    if schedule_name == "linear":
        scale = 1000 / num_diffusion_timesteps
        return np.linspace(scale * 1e-4, scale * 0.02, num_diffusion_timesteps, dtype=np.float64)
    if schedule_name == "cosine":
        return betas_for_alpha_bar(
            num_diffusion_timesteps, lambda t: cos((t + 0.008) / 1.008 * pi / 2) ** 2
        )
    raise NotImplementedError(f"unknown beta schedule: {schedule_name}")


def betas_for_alpha_bar(
    num_diffusion_timesteps: int,
    alpha_bar: Callable[[float], float],
    max_beta: float = MAX_BETA,
) -> NDArray[np.float64]:
    """Return betas whose cumulated alphas follow `alpha_bar` on [0, 1].

    Returns
    -------
    NDArray, shape (num_diffusion_timesteps,), float64
    """
    grid = [alpha_bar(i / num_diffusion_timesteps) for i in range(num_diffusion_timesteps + 1)]
    kept = np.array(grid[1:]) / np.array(grid[:-1])
    return np.asarray(np.minimum(1 - kept, max_beta))


def space_timesteps(num_timesteps: int, section_counts: str | Sequence[int]) -> set[int]:
    """Choose the timesteps that a shorter process keeps.

    Parameters
    ----------
    num_timesteps : int
        T of the full process.
    section_counts : str or sequence of int
        Steps to keep in each of as many equal sections ("10,10,20" or [10, 10, 20]), or "ddimN" for
        N steps at an integer stride (Song et al., 2021).

    Raises
    ------
    ValueError
        The counts do not fit.
    """
    if isinstance(section_counts, str):
        if section_counts.startswith("ddim"):
            return _integer_stride(num_timesteps, int(section_counts.removeprefix("ddim")))
        section_counts = [int(count) for count in section_counts.split(",")]
    size, longer = divmod(num_timesteps, len(section_counts))
    kept: set[int] = set()
    start = 0
    for section, count in enumerate(section_counts):
        length = size + (section < longer)
        if length < count:
            raise ValueError(f"cannot divide section of {length} steps into {count}")
        stride = (length - 1) / (count - 1) if count > 1 else 1.0
        # A running sum, not i * stride: the two round differently.
        position = 0.0
        for _ in range(count):
            kept.add(start + round(position))
            position += stride
        start += length
    return kept


def _integer_stride(num_timesteps: int, count: int) -> set[int]:
    for stride in range(1, num_timesteps):
        steps = range(0, num_timesteps, stride)
        if len(steps) == count:
            return set(steps)
    raise ValueError(f"cannot create exactly {num_timesteps} steps with an integer stride")
