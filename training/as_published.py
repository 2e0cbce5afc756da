"""Trains the network of the released DiffAnnot code as that code did, for the reproduction arm.

Source: github.com/PaperL/Human-3D-Diffusion, branch `main`. What it does unlike the paper's text:
x_0 is Θ1, never the truth; the losses of joints and keypoints are computed on detached arrays, so
nothing learns from them, and on the network's noise read as SMPL parameters; nothing is scaled; the
network ends in a ReLU. Ours, where it makes no difference or nothing is told: people are drawn with
replacement, and the average of the weights forgets its start sooner (`training.loop`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, inf
from pathlib import Path

import torch
from torch import Tensor, nn

from core.body import BodyModel
from core.diffusion.published import PublishedConfig, PublishedMlp, save_published
from core.formats.files import made_folder
from core.jobs.report import Job, Report
from core.pose.vectors import MATRIX
from core.progress import CancelToken
from core.refiners.as_published import fed_to_smpl
from training.denoise import WATCHED
from training.gathering import Material, told
from training.loop import LoopOptions, Metrics, fit
from training.options import TrainingOptions
from training.pairs import Pair
from training.supervision import Targets, TrainedPoints, joints_2d, joints_3d
from training.targets import targets_of

LEARNING_RATE = 8e-5
AVERAGE = 0.9999
DIVISOR = 200.0
"""Of L3D in millimetres."""


@dataclass(frozen=True, kw_only=True)
class PublishedOptions(TrainingOptions):
    """What `diffannot train as-published` is told.

    Parameters
    ----------
    material : Material
        People, and the frontend that gives Θ1.
    width : int
        Of the vectors of Θ: 226, matrices and betas, or 82, axis-angle and betas.
    epochs : int
        Times that everybody is drawn on average.
    """

    material: Material
    width: int = MATRIX
    epochs: int = 50
    batch: int = 4
    log_dir: Path | None = None


def train_as_published(options: PublishedOptions, cancel: CancelToken | None = None) -> Job:
    """Gather people, train on their Θ1, and write the weights; errors as of `train_denoiser`."""
    cancel = cancel or CancelToken()
    made_folder(options.out.parent)
    body, (people, lost), (watched, also_lost) = yield from options.material.gather(
        options.out, cancel
    )
    generator = torch.manual_seed(options.seed)
    network = PublishedMlp(PublishedConfig(options.width))
    process = network.config.process()
    points = TrainedPoints(body)
    rough = _rough(people, points, options.width).start

    def draw() -> tuple[Tensor, Tensor, Tensor]:
        rows = torch.randint(len(people), (options.batch,), generator=generator)
        t = torch.randint(process.num_timesteps, (options.batch,), generator=generator)
        x = rough[rows]
        return x, t, torch.randn(x.shape, generator=generator)

    def loss(model: nn.Module, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        # the released code adds the two detached losses here: a number, and no gradient
        return process.training_losses(model, x, t, noise=noise)["loss"].mean()

    seen = (watched or people)[:WATCHED]
    yield from fit(
        network,
        draw,
        loss,
        _Validation(_rough(seen, points, options.width), body),
        LoopOptions(
            options.epochs * ceil(len(people) / options.batch),
            LEARNING_RATE,
            warmup=0,
            anneal="none",
            weight_decay=0,
            clip=inf,
            ema=(AVERAGE,),
        ),
        generator,
        options.checkpoint,
        repr(options),
        options.log_dir,
        cancel,
    )
    save_published(network, options.out)
    return Report(len(people), failures=told([*lost, *also_lost]))


def _rough(people: Sequence[Pair], points: TrainedPoints, width: int) -> Targets:
    """Θ1 in the place of the truth; joints and keypoints are the corpus'."""
    samples = [replace(pair.sample, smpl=None) for pair in people]
    return targets_of(samples, [pair.theta1 for pair in people], points, width)


class _Validation:
    """The loss on the same people and noise, and the two that the released code detaches."""

    def __init__(self, targets: Targets, body: BodyModel) -> None:
        self._targets = targets
        self._body = body
        generator = torch.Generator().manual_seed(1)
        self._noise = torch.randn(targets.start.shape, generator=generator)
        self._t = torch.randint(1000, (len(targets.start),), generator=generator)

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Metrics:
        """Return the loss of the noise, and the detached ones of the noise read as parameters."""
        assert isinstance(model, PublishedMlp)
        device = next(model.parameters()).device
        process = model.config.process()
        said: list[Tensor] = []

        def watched(x: Tensor, timesteps: Tensor) -> Tensor:
            said.append(model(x, timesteps))
            return said[0]

        x, t, noise = (part.to(device) for part in (self._targets.start, self._t, self._noise))
        missed = process.training_losses(watched, x, t, noise=noise)["loss"].mean()
        points = self._body.points(*fed_to_smpl(said[0].cpu()), self._targets.transl)
        return {
            "noise": float(missed),
            "detached_3d": float(
                1000 / DIVISOR * joints_3d(points, self._targets, "procrustes").mean()
            ),
            "detached_2d": float(joints_2d(points, self._targets).mean()),
        }
