"""Trains the refiner `level`: the job behind `diffannot train level`.

Each person is refined at two settings of the dial: every part told its own true error in degrees,
and all told something between that and the error of the whole body, as the slider does. Some parts
are right and told so. The Gauss-Newton steps are part of what is trained: the spread that the
network tells is right when the keypoints, weighed by it, lead to the truth. It also learns to guess
the errors that it is told otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from core.body import BodyModel, load_body
from core.formats.files import made_folder
from core.jobs.report import Job, Report
from core.pose import PARTS
from core.pose.rotations import geodesic, matrix_to_axis_angle
from core.progress import CancelToken, Progress
from core.refiners.level.network import (
    NEAR_NOTHING,
    PART_OF_JOINT,
    LevelConfig,
    LevelNetwork,
    features_of,
    load_level,
    save_level,
)
from core.refiners.level.search import at_levels
from core.refiners.reprojection import Pose
from training.corpora.mocap import PoseSampler, read_corpus
from training.gathering import Material, told
from training.loop import LoopOptions, Metrics, fit
from training.pairs import Pair
from training.rough import Rough, RoughSource, Views

SCALES = (0.1, 0.1)
"""Of the Gauss-Newton steps that are trained through; the refiner takes more."""
MISTOLD = (0.15, 0.35)
"""Deviation of the logarithm of what the network is told: nobody knows an error exactly."""
RIGHT = 0.15
"""Share of people some of whose parts are true, and told to be at level 0: `RIGHT_PARTS`."""
RIGHT_PARTS = 0.6
RIGHT_BELOW = 0.1
"""Degrees; a part that is less wrong is told to be at level 0."""
LEAST = 2.0
"""Degrees; on the way to the whole body's error no part is taken to be less wrong."""
DISTANCE = 0.1
"""Metres by which points are off that count as much as joints off by a radian."""
SURPRISE = 25.0
"""Largest squared error, in deviations, that the spread is taught by."""
SPREAD_SAY = 0.02
GUESS_SAY = 0.05
WATCHED = 256
LEARNING_RATE = 8e-4
ON_FROM = 4e-4
"""Learning rate of a training that goes on from other weights."""
JOINTS_JUDGED = 22


@dataclass(frozen=True)
class LevelOptions:
    """What `diffannot train level` is told.

    Parameters
    ----------
    data : Path
        Folder of motion capture (`training.corpora.mocap`).
    materials : tuple of Material
        The same people as different frontends annotate them; may be empty.
    out : Path
        Weights to write, safetensors.
    start : Path or None
        Weights to go on from, whose sizes count; None starts afresh.
    smpl : Path or None
        The body; None for the open one.
    steps, batch, seed : int
        Optimiser steps, people in each, seed of every draw.
    search : bool
        Whether what the network tells is judged after the search for the keypoints; before it takes
        half the time, and is the way to begin.
    config : LevelConfig
        Sizes of the network.
    log_dir : Path or None
        Folder for TensorBoard.
    """

    data: Path
    materials: tuple[Material, ...]
    out: Path
    start: Path | None = None
    smpl: Path | None = None
    steps: int = 4_000
    batch: int = 96
    seed: int = 0
    search: bool = True
    config: LevelConfig = field(default_factory=LevelConfig)
    log_dir: Path | None = None


def train_level(options: LevelOptions, cancel: CancelToken | None = None) -> Job:
    """Gather people, train on them and on synthetic mistakes, and write the weights.

    Raises
    ------
    UnreadableInput
        A data set or checkpoint cannot be read, or nobody is left to train on.
    MissingModel
        Weights of a frontend are not on this machine.
    UnwritableOutput
        The folder for Θ1 takes no files.
    Cancelled
        Someone asked to stop; the next call with the same options goes on from there.
    """
    cancel = cancel or CancelToken()
    made_folder(options.out.parent)
    yield Progress(0, 0, "reading motion capture")
    body = load_body(options.smpl)
    motion = PoseSampler(read_corpus(options.data, "train"))
    unseen = PoseSampler(read_corpus(options.data, "validation"))
    people: list[Pair] = []
    watched: dict[str, list[Pair]] = {}
    lost: list[str] = []
    for material in options.materials:
        _, (found, failed), (others, also) = yield from material.gather(options.out, cancel)
        people += found
        watched[material.frontend] = others
        lost += told([*failed, *also])
    generator = torch.manual_seed(options.seed)
    network, rate = LevelNetwork(options.config), LEARNING_RATE
    if options.start is not None:
        network, rate = load_level(options.start)[0].requires_grad_(True).train(), ON_FROM
    yield from fit(
        network,
        Draw(RoughSource(body, motion, people), body, options.batch, generator),
        Loss(body, SCALES if options.search else ()),
        Validation(body, unseen, watched),
        LoopOptions(options.steps, learning_rate=rate),
        generator,
        options.out.with_suffix(".checkpoint"),
        repr(options),
        options.log_dir,
        cancel,
    )
    save_level(network, options.out)
    return Report(len(people), failures=tuple(lost))


def part_errors(rough: Tensor, true: Tensor) -> Tensor:
    """Return how wrong parts (B, 5) and the whole body (B, 1) are, in that order.

    Parameters
    ----------
    rough, true : Tensor, shape (B, 24, 3, 3)
        Local rotations.

    Returns
    -------
    Tensor, shape (B, 6)
        Degrees, root mean square over joints.
    """
    square = geodesic(rough, true).rad2deg().square()
    parts = [square[:, part == PART_OF_JOINT].mean(1) for part in range(len(PARTS))]
    return torch.stack([*parts, square.mean(1)], dim=1).sqrt()


class Draw:
    """Draws batches: people, what describes them, and the two settings of the dial."""

    def __init__(
        self, source: RoughSource, body: BodyModel, batch: int, generator: torch.Generator
    ) -> None:
        self._source = source
        self._body = body
        self._batch = batch
        self._generator = generator

    def __call__(self) -> tuple[Tensor, ...]:
        """Return the parts of `Rough`, features (B, F), levels (B, 2, 5) and errors (B, 6)."""
        generator = self._generator
        rough = self._source(self._batch, generator)
        shape = len(rough.true), len(PARTS)
        right = torch.rand(shape, generator=generator) < RIGHT_PARTS
        right &= torch.rand(len(rough.true), 1, generator=generator) < RIGHT
        repaired = torch.where(
            right[:, PART_OF_JOINT][..., None, None], rough.true, rough.rotations
        )
        rough = replace(rough, rotations=repaired).placed(self._body)
        wrong = part_errors(rough.rotations, rough.true)
        wrong = wrong * (wrong > RIGHT_BELOW)
        features = features_of(self._body, rough.theta1, rough.sight)
        return *rough.parts(), features, settings(wrong, generator), wrong


def settings(wrong: Tensor, generator: torch.Generator) -> Tensor:
    """Return two settings of the dial (B, 2, 5) for errors (B, 6) of parts and of the whole body.

    The first is the parts' own; the second lies anywhere between them and the whole body's. Both
    are `MISTOLD`.
    """
    own, whole = wrong[:, :-1], wrong[:, -1:]
    share = torch.rand(whole.shape, generator=generator)
    between = whole * (own.clamp(min=LEAST) / whole.clamp(min=LEAST)) ** share
    said = [
        each * (deviation * torch.randn(shape, generator=generator)).exp()
        for each, deviation, shape in zip(
            (own, between), MISTOLD, (own.shape, whole.shape), strict=True
        )
    ]
    return torch.stack(said, dim=1)


class Loss:
    """Where points and joints are off after the search, joints before it, spread and guess.

    Who is twice as wrong as `DISTANCE` counts two thirds of who is as wrong: the lost would drown
    all others.
    """

    def __init__(self, body: BodyModel, scales: Sequence[float]) -> None:
        self._body = body
        self._scales = scales

    def __call__(self, network: nn.Module, *parts: Tensor) -> Tensor:
        """Return the mean loss of what `Draw` gives."""
        *some, features, levels, wrong = parts
        rough = Rough(*some)
        pose, mean, spread = at_levels(
            network, self._body, rough.theta1, rough.sight, features, levels, self._scales
        )
        twice = levels.shape[1]
        true = rough.true.repeat_interleave(twice, dim=0)
        points = self._body.points(pose.rotations, pose.betas, torch.zeros_like(pose.transl))
        off = _astray(points, rough.points.repeat_interleave(twice, dim=0))
        before = self._body.points(rough.rotations, rough.betas, torch.zeros_like(rough.transl))
        counts = 2 * DISTANCE / (DISTANCE + _astray(before, rough.points))
        counts = counts.repeat_interleave(twice)
        joints = geodesic(pose.rotations, true) + 0.5 * geodesic(mean.rotations, true)
        missed = (counts * (off / DISTANCE + joints.mean(1))).mean()
        spread_say = SPREAD_SAY * _surprise(mean.rotations, true, spread)
        guess_say = GUESS_SAY * _misguessed(*cast(LevelNetwork, network).guessed(features), wrong)
        total: Tensor = missed + spread_say + guess_say
        return total


def _astray(points: Tensor, true: Tensor) -> Tensor:
    """Return how far points (B, 45, 3) are from the true ones on average (B,), from the pelvis."""
    off: Tensor = (points - points[:, :1] - true + true[:, :1]).norm(dim=-1)
    return off.mean(1)


def _surprise(mean: Tensor, true: Tensor, spread: Tensor) -> Tensor:
    """Return the mean negative log likelihood of true turns, the means held fixed."""
    error = matrix_to_axis_angle(mean.detach().mT @ true).flatten(1)
    moving = spread > 0
    deviation = spread.clamp(min=1e-4)
    each = (error / deviation).square().clamp(max=SURPRISE) / 2 + deviation.log()
    return (each * moving).sum() / moving.sum().clamp(min=1)


def _misguessed(mean: Tensor, spread: Tensor, wrong: Tensor) -> Tensor:
    """Return the mean negative log likelihood of errors (B, 6) under guesses (B, 6)."""
    off = (NEAR_NOTHING + wrong).log() - mean
    return (off.square() / (2 * spread.square()) + spread.log()).mean()


class Validation:
    """What is left of the error of unseen people, with keypoints and without, as a share."""

    def __init__(
        self, body: BodyModel, motion: PoseSampler, people: Mapping[str, Sequence[Pair]]
    ) -> None:
        generator = torch.Generator().manual_seed(1)
        self._body = body
        source = RoughSource(body, motion)
        groups = {"synthetic": source(WATCHED, generator)}
        for frontend, pairs in people.items():
            if pairs:
                groups[frontend] = source.seen(Views.of(pairs), generator)
        self._groups = {
            name: (
                rough,
                features_of(body, rough.theta1, rough.sight),
                part_errors(rough.rotations, rough.true),
            )
            for name, rough in groups.items()
        }

    @torch.no_grad()
    def __call__(self, network: nn.Module) -> Metrics:
        """Return MPJPE after over before at the whole body's true level, and how it is guessed.

        What is guessed of the parts is taken over; `guess` is the mean error of the logarithm.
        """
        assert isinstance(network, LevelNetwork)
        metrics: Metrics = {}
        for name, (rough, features, wrong) in self._groups.items():
            levels = (wrong[:, -1:] * network.profile(features))[:, None]
            pose, _, _ = at_levels(
                network, self._body, rough.theta1, rough.sight, features, levels, SCALES
            )
            off = (NEAR_NOTHING + wrong).log() - network.guessed(features)[0]
            metrics[f"{name}_guess"] = float(off[:, -1].abs().mean())
            after, before = (self._error(one, rough.points) for one in (pose, rough.theta1))
            seen = (rough.weight > 0).any(1)
            for which, rows in (("seen", seen), ("blind", ~seen)):
                metrics[f"{name}_{which}"] = float(after[rows].mean() / before[rows].mean())
        return metrics

    def _error(self, pose: Pose, true: Tensor) -> Tensor:
        points = self._body.points(pose.rotations, pose.betas, torch.zeros_like(pose.transl))
        off = points - points[:, :1] - true + true[:, :1]
        error: Tensor = off[:, :JOINTS_JUDGED].norm(dim=-1).mean(1)
        return error
