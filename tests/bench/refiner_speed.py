"""What a trajectory costs: `python -m tests.bench.refiner_speed [--refiners paper fit …]`.

58 steps with all their meshes, for one person and for each of 32 in one call, trials included: the
median of a few warm runs, in milliseconds, of the processor on one thread and of the clock on two.
A machine that does other work beside makes them longer, above all those of the clock. *floor* is
what cannot be saved: the network's forward passes on the rows they are made on, and the 58 meshes.
*reference* is improved-diffusion's own sampling loop, `ddim_sample_loop` over 58 timesteps, which
gives one chain of one person, and no mesh, with the prior.
"""

import argparse
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from assets import PRIOR_WEIGHTS
from core.body import BodyModel, load_body
from core.camera import Camera
from core.diffusion import SpacedDiffusion
from core.diffusion.denoiser import load_denoiser
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.pose import Parameters
from core.refiners import DEFAULT_STEPS, REFINERS, Refiner, load_refiner

CAMERA = Camera.assumed(640, 480)
PEOPLE = 32
RUNS = 5
THREADS = (1, 2)


def milliseconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Return the median time of a few runs, after one to get warm."""
    clock = process_time if torch.get_num_threads() == 1 else perf_counter
    work()
    spent = []
    for _ in range(runs):
        start = clock()
        work()
        spent.append(clock() - start)
    return 1000 * median(spent)


def people(body: BodyModel, count: int) -> tuple[list[Parameters], list[Evidence]]:
    """Make up people who are seen at COCO's keypoints, and not where Θ1 has them."""
    rng = np.random.default_rng(0)
    theta1, evidence = [], []
    for _ in range(count):
        pose = rng.normal(0, 0.2, (23, 3)).astype(np.float32)
        orient = np.array([np.pi, *rng.normal(0, 0.1, 2)], np.float32)
        transl, betas = np.array([0, 0.2, 4], np.float32), rng.normal(size=10).astype(np.float32)
        true = Parameters(orient, pose, betas, transl, CAMERA)
        points = body.pose(true)[1][body_points("coco")]
        pixels = CAMERA.project(points).astype(np.float32)
        keypoints = Keypoints2D("coco", pixels, np.ones(len(pixels), np.float32))
        rough = pose + rng.normal(0, 0.15, pose.shape).astype(np.float32)
        theta1.append(Parameters(orient, rough, betas, transl, CAMERA))
        evidence.append(Evidence(Box(200, 50, 150, 400), keypoints))
    return theta1, evidence


def passes(refiner: Refiner, *asked: object) -> list[tuple[nn.Module, tuple[torch.Tensor, ...]]]:
    """Return every forward pass of a network that a call makes, with what it was given."""
    made: list[tuple[nn.Module, tuple[torch.Tensor, ...]]] = []
    hooks = [
        module.register_forward_pre_hook(lambda network, given: made.append((network, given)))
        for part in vars(refiner).values()
        if (module := _network_of(part)) is not None
    ]
    refiner.trajectories(*asked)
    for hook in hooks:
        hook.remove()
    return made


class Cost(NamedTuple):
    """Milliseconds a person: everything, the 58 meshes, and the network's passes."""

    whole: float
    meshes: float
    network: float


def timed(
    refiner: Refiner,
    body: BodyModel,
    theta1: list[Parameters],
    evidence: list[Evidence],
) -> Cost:
    """Time a refiner on people in one call."""
    path, count = refiner.trajectories(theta1, evidence)[0], len(theta1)
    made = passes(refiner, theta1, evidence)
    meshes = milliseconds(lambda: body.pose(path.steps))
    refining = milliseconds(lambda: refiner.trajectories(theta1, evidence)) / count
    network = milliseconds(lambda: [one(*given) for one, given in made]) / count
    return Cost(refining + meshes, meshes, network)


def _network_of(part: object) -> nn.Module | None:
    if isinstance(part, nn.Module) and not isinstance(part, BodyModel):
        return part
    return getattr(part, "_denoiser", None)


def reference() -> float:
    """Time improved-diffusion's own loop: 58 passes for one person."""
    denoiser, _ = load_denoiser(PRIOR_WEIGHTS)
    process = denoiser.config.process()
    spaced = SpacedDiffusion(
        range(DEFAULT_STEPS + 1),
        betas=process.betas,
        model_mean_type=process.model_mean_type,
        model_var_type=process.model_var_type,
        loss_type=process.loss_type,
    )
    noise = torch.zeros(1, denoiser.config.dim)
    return milliseconds(lambda: spaced.ddim_sample_loop(denoiser, noise.shape, noise=noise))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refiners", nargs="+", default=["paper", "guided", "fit"])
    options = parser.parse_args()
    unheard = set(options.refiners) - set(REFINERS)
    if unheard:
        parser.error(f"no refiner is named {', '.join(unheard)}")
    torch.set_grad_enabled(False)
    body = load_body()
    theta1, evidence = people(body, PEOPLE)
    for threads in THREADS:
        torch.set_num_threads(threads)
        loop = reference()
        print(  # noqa: T201 - a command's answer
            f"threads {threads}, reference loop {loop:.0f} ms\n"
            f"{'refiner':12}{'people':>7}{'ms each':>9}{'meshes':>9}{'network':>9}{'x floor':>9}"
            f"{'x reference':>13}"
        )
        for name in options.refiners:
            refiner = load_refiner(name, body)
            for count in (1, PEOPLE):
                cost = timed(refiner, body, theta1[:count], evidence[:count])
                print(  # noqa: T201
                    f"{name:12}{count:7}{cost.whole:9.1f}{cost.meshes:9.1f}{cost.network:9.1f}"
                    f"{cost.whole / (cost.network + cost.meshes):9.2f}{cost.whole / loop:13.2f}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
