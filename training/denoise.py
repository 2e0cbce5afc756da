"""Trains the paper's denoiser B on people of any corpora: the job of `diffannot train denoiser`.

x_0 is true Θ where a corpus has it, else Θ1 with L_ori left out; joints and keypoints pull at what
the network restores (`training.supervision`). With x_0 `rough` it is Θ1 for everybody, as in the
released code, so that the network sees the frontend's errors; motion capture beside the people then
tells what true poses are. The network and its file are the prior's: the refiner `paper` runs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from core.diffusion.denoiser import Denoiser, DenoiserConfig, load_denoiser, save_denoiser
from core.formats.files import made_folder
from core.jobs.report import Job, Report
from core.pose.rotations import rotations_of
from core.pose.vectors import from_vector, to_vector
from core.progress import CancelToken
from training.corpora.mocap import PoseSampler, read_corpus
from training.gathering import Material, told
from training.loop import LoopOptions, Metrics, fit
from training.options import TrainingOptions
from training.pairs import Pair
from training.regressor import points_of
from training.supervision import Supervision, Targets, TrainedPoints, joints_3d
from training.targets import targets_of

X0 = Literal["true", "rough"]

ON_FROM = 2e-4
"""Learning rate of a training that goes on from other weights."""
MOMENT_SAMPLES = 20_000
SMALLEST_STD = 0.01
"""A corpus may hold one shape or few poses; no entry is taken to be known beforehand."""
WATCHED = 512
"""People whose losses are reported, of those to watch, or of those trained on without any."""
WATCHED_TIMESTEPS = (10, 36, 57, 150, 300)
REFINED_FROM = 36
"""Timestep that Θ1 is denoised from, in one evaluation, to report what is left of its error."""


@dataclass(frozen=True, kw_only=True)
class DenoiserOptions(TrainingOptions):
    """What `diffannot train denoiser` is told.

    Parameters
    ----------
    material : Material
        People, and the frontend that gives Θ1.
    start : Path or None
        Weights to go on from; None starts afresh.
    x_0 : str
        `true`: true Θ where it is known. `rough`: Θ1 for everybody.
    regressor : Path or None
        `J_regressor_h36m.npy` of the material's SMPL: true joints and keypoints that SMPL's own
        points are none of, such as MPI-INF-3DHP's hips, are compared with its rows.
    mocap : Path or None
        Folder of motion capture, of which half of each batch is drawn: true poses, for L_ori.
    steps : int
        Optimiser steps.
    config : DenoiserConfig
        Sizes of the network, where it starts afresh.
    processes : int
        That share each batch.
    mixed : bool
        Mixed precision.
    """

    material: Material
    start: Path | None = None
    x_0: X0 = "true"
    regressor: Path | None = None
    mocap: Path | None = None
    steps: int = 4_000
    batch: int = 256
    config: DenoiserConfig = field(default_factory=DenoiserConfig)
    processes: int = 1
    mixed: bool = False


def train_denoiser(options: DenoiserOptions, cancel: CancelToken | None = None) -> Job:
    """Gather people, train on them, and write the weights.

    Timesteps are drawn as those of the prior (`training.prior`). People of all corpora are drawn
    with the same odds.

    Raises
    ------
    UnreadableInput
        A data set, checkpoint, body or regressor cannot be read, or nobody is left to train on.
    MissingModel
        Weights are not on this machine.
    UnwritableOutput
        The folder for Θ1 takes no files.
    Cancelled
        Someone asked to stop; the next call with the same options goes on from there.
    """
    cancel = cancel or CancelToken()
    made_folder(options.out.parent)
    supervision = Supervision(points_of(options.material.smpl, options.regressor))
    _, (people, lost), (watched, also_lost) = yield from options.material.gather(
        options.out, cancel
    )
    generator = torch.manual_seed(options.seed)
    denoiser = _begin(options)
    width = denoiser.config.dim
    draw = _Draw(
        _targets(people, supervision.points, width, options.x_0),
        None if options.mocap is None else _Motion(options.mocap, width),
        options.batch,
        denoiser.config.timesteps,
        generator,
    )
    if options.start is None:
        poses = draw.poses()
        denoiser.mean.copy_(poses.mean(0))
        denoiser.std.copy_(poses.std(0, correction=0).clamp(min=SMALLEST_STD))
    process = denoiser.config.process()

    def loss(model: nn.Module, *parts: Tensor) -> Tensor:
        *some, t, noise, x, t_x, noise_x = parts
        weight = denoiser.loss_weight(t)
        each = supervision.losses(process, model, given(some), t, noise, weight)["loss"]
        if len(x):
            ori = process.training_losses(model, x, t_x, noise=noise_x)["loss"]
            each = torch.cat([each, ori * denoiser.loss_weight(t_x)])
        return each.mean()

    loop = LoopOptions(options.steps, processes=options.processes, mixed=options.mixed)
    yield from fit(
        denoiser,
        draw,
        loss,
        _Validation((watched or people)[:WATCHED], supervision, denoiser),
        loop if options.start is None else replace(loop, learning_rate=ON_FROM),
        generator,
        options.checkpoint,
        repr(options),
        options.log_dir,
        cancel,
    )
    save_denoiser(denoiser, options.out)
    return Report(len(people), failures=told([*lost, *also_lost]))


def taken(targets: Targets, rows: Tensor) -> tuple[Tensor, ...]:
    """Return some rows of every part of targets, in the order of its fields."""
    return tuple(getattr(targets, part.name)[rows] for part in fields(Targets))


def given(parts: Sequence[Tensor]) -> Targets:
    """Make targets of what `taken` returned; all but the start stay with the body, on the CPU."""
    start, *rest = parts
    return Targets(start, *(part.cpu() for part in rest))


def _begin(options: DenoiserOptions) -> Denoiser:
    if options.start is None:
        return Denoiser(options.config)
    denoiser, _ = load_denoiser(options.start)
    return denoiser.requires_grad_(True).train()


def _targets(people: Sequence[Pair], points: TrainedPoints, width: int, x_0: X0) -> Targets:
    """Batch people; with x_0 `rough`, joints of true Θ still count where a corpus has no others."""
    samples = [pair.sample for pair in people]
    theta1 = [pair.theta1 for pair in people]
    known = targets_of(samples, theta1, points, width)
    if x_0 == "true":
        return known
    untold = [replace(sample, smpl=None) for sample in samples]
    rough = targets_of(untold, theta1, points, width)
    return replace(rough, joints=known.joints, known=known.known, root=known.root)


class _Motion:
    """True poses without pictures, seen by random cameras."""

    def __init__(self, folder: Path, width: int) -> None:
        self._sampler = PoseSampler(read_corpus(folder, "train"))
        self._width = width

    def __call__(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw vectors (count, width)."""
        return to_vector(*from_vector(self._sampler(count, generator)), self._width)


class _Draw:
    """Draws batches: people, and of motion capture as many, if there is any."""

    def __init__(
        self,
        targets: Targets,
        motion: _Motion | None,
        batch: int,
        timesteps: int,
        generator: torch.Generator,
    ) -> None:
        self._targets = targets
        self._motion = motion
        self._poses = 0 if motion is None else batch // 2
        self._people = batch - self._poses
        self._timesteps = timesteps
        self._generator = generator

    def poses(self) -> Tensor:
        """Return vectors whose moments are the corpus'."""
        if self._motion is None:
            return self._targets.start
        return self._motion(MOMENT_SAMPLES, self._generator)

    def __call__(self) -> tuple[Tensor, ...]:
        """Return the parts of targets, t and noise; then x_0, t and noise of motion capture."""
        count = len(self._targets.start)
        rows = torch.randint(count, (self._people,), generator=self._generator)
        some = taken(self._targets, rows)
        x = some[0][:0] if self._motion is None else self._motion(self._poses, self._generator)
        return *some, *self._noise(some[0]), x, *self._noise(x)

    def _noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u = torch.rand(len(x), generator=self._generator)
        t = (u**3 * self._timesteps).long()
        return t, torch.randn(x.shape, generator=self._generator)


class _Validation:
    """The three losses on the same people, timesteps and noise; and what is left of Θ1's error."""

    def __init__(
        self, people: Sequence[Pair], supervision: Supervision, denoiser: Denoiser
    ) -> None:
        self._supervision = supervision
        self._targets = _targets(people, supervision.points, denoiser.config.dim, "true")
        rows = torch.arange(len(people))
        self._t = torch.tensor(WATCHED_TIMESTEPS)[rows % len(WATCHED_TIMESTEPS)]
        generator = torch.Generator().manual_seed(1)
        self._noise = torch.randn(self._targets.start.shape, generator=generator)
        self._rough = torch.stack(
            [
                to_vector(
                    rotations_of(pair.theta1),
                    torch.from_numpy(pair.theta1.betas),
                    denoiser.config.dim,
                )
                for pair in people
            ]
        )

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Metrics:
        """Return mean losses of those who have them: L_ori, L3D in mm, L2D in % of the box.

        "left" is the error of Θ1 after Procrustes alignment that denoising leaves, as a share.
        """
        assert isinstance(model, Denoiser)
        device = model.mean.device
        parts = [getattr(self._targets, part.name) for part in fields(Targets)]
        targets = given([parts[0].to(device), *parts[1:]])
        terms = self._supervision.losses(
            model.config.process(),
            model,
            targets,
            self._t.to(device),
            self._noise.to(device),
            model.loss_weight(self._t.to(device)),
        )
        metrics: Metrics = {}
        for term, name, scale in (
            ("ori", "L_ori", 1),
            ("joints_3d", "L3D_mm", 1000),
            ("joints_2d", "L2D_percent", 100),
        ):
            values = terms[term]
            if (has := values > 0).any():
                metrics[name] = scale * float(values[has].mean())
        before = self._error(self._rough)
        if before > 0:
            t = torch.full((len(self._t),), REFINED_FROM, device=device)
            metrics["left"] = self._error(model(self._rough.to(device), t).cpu()) / before
        return metrics

    def _error(self, vectors: Tensor) -> float:
        points = self._supervision.points(vectors, self._targets.transl)
        return float(joints_3d(points, self._targets, "procrustes").mean())
