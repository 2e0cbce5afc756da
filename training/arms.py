"""Trains the refiners `one-shot` and `bridge`: the jobs of `diffannot train one-shot` and `bridge`.

Both learn from the same people (`training.rough`) with the same loss: how far every joint's turn is
from the one that leads to the truth, and how far the points of the body are then from their true
places. `one-shot` is asked at Θ1 alone, `bridge` all along the straight way to the truth.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from core.body import BodyModel, load_body
from core.formats.files import made_folder
from core.jobs.report import Job, Report
from core.pose.rotations import matrix_to_axis_angle
from core.progress import CancelToken, Progress
from core.refiners.bridge import follow
from core.refiners.correction import Corrector, CorrectorConfig, features, save_corrector
from core.refiners.iterates import placed
from core.refiners.reprojection import Pose
from training.corpora.mocap import PoseSampler, read_corpus
from training.gathering import Gathered, Material, told
from training.loop import LoopOptions, Metrics, fit
from training.options import TrainingOptions
from training.rough import Rough, RoughSource

Arm = Literal["one-shot", "bridge"]

POINT_METRE = 10.0
"""What a point a metre off counts, a joint turned by a radian being 1."""
WATCHED = 512
"""People whose errors are reported."""
WATCHED_STEPS = 8
"""Euler steps of the bridge there."""
JUDGED = 22
"""Joints that errors are reported of: those up to the wrists."""


@dataclass(frozen=True, kw_only=True)
class ArmOptions(TrainingOptions):
    """What the two commands are told.

    Parameters
    ----------
    arm : str
        Which.
    mocap : Path
        Folder of motion capture.
    materials : tuple of Material
        People whom frontends annotate; may be empty.
    steps : int
        Optimiser steps.
    config : CorrectorConfig
        Sizes of the network.
    """

    arm: Arm
    mocap: Path
    materials: tuple[Material, ...] = ()
    steps: int = 2_500
    batch: int = 256
    config: CorrectorConfig = field(default_factory=CorrectorConfig)
    log_dir: Path | None = None


def train_arm(options: ArmOptions, cancel: CancelToken | None = None) -> Job:
    """Gather people, train on them and on motion capture, and write the weights.

    Raises
    ------
    UnreadableInput
        A data set, checkpoint or body cannot be read, or the checkpoint is of other options.
    MissingModel
        Weights are not on this machine.
    UnwritableOutput
        The folder for Θ1 takes no files.
    Cancelled
        Someone asked to stop; the next call with the same options, but for more or fewer steps,
        goes on from there.
    """
    cancel = cancel or CancelToken()
    made_folder(options.out.parent)
    body, (people, lost), (watched, also_lost) = yield from _gather(options, cancel)
    source = RoughSource(body, PoseSampler(read_corpus(options.mocap, "train")), people)
    unseen = read_corpus(options.mocap, "validation")
    generator = torch.manual_seed(options.seed)

    def draw() -> tuple[Tensor, ...]:
        gone = torch.rand(options.batch, generator=generator)
        return *source(options.batch, generator).parts(), gone * (options.arm == "bridge")

    def loss(model: nn.Module, *parts: Tensor) -> Tensor:
        *some, gone = parts
        return missed(model, _there(body, gone.device), Rough(*some), gone)

    network = Corrector(options.config)
    yield from fit(
        network,
        draw,
        loss,
        _Validation(options.arm, body, RoughSource(body, PoseSampler(unseen), watched))
        if unseen
        else lambda _: {},
        LoopOptions(options.steps),
        generator,
        options.checkpoint,
        repr(replace(options, steps=0)),
        options.log_dir,
        cancel,
    )
    save_corrector(network, options.out)
    return Report(len(people), failures=told([*lost, *also_lost]))


def missed(model: nn.Module, body: BodyModel, rough: Rough, gone: Tensor) -> Tensor:
    """Return the mean loss where shares (B,) of the way from Θ1 to the truth are gone."""
    whole = matrix_to_axis_angle(rough.rotations.mT @ rough.true)
    still = torch.zeros_like(rough.transl)
    share = gone[:, None, None]
    pose = placed(rough.theta1.moved(share * whole, still), rough.sight, body)
    turns = model(features(body, pose, rough.sight), gone)
    end = pose.moved((1 - share) * turns, still)
    turned: Tensor = (turns - whole).norm(dim=-1).mean(1)
    astray = _astray(body, end, rough, rough.points.shape[1])
    return (turned + POINT_METRE * astray).mean()


def _astray(body: BodyModel, pose: Pose, rough: Rough, points: int) -> Tensor:
    """Return how far points are from the true ones on average (B,), from the pelvis, metres."""
    seen = body.points(pose.rotations, pose.betas, pose.transl)[:, :points]
    true = rough.points[:, :points]
    miss: Tensor = (seen - seen[:, :1] - true + true[:, :1]).norm(dim=-1)
    return miss.mean(1)


@cache
def _there(body: BodyModel, device: torch.device) -> BodyModel:
    return body.on(device)


def _gather(
    options: ArmOptions, cancel: CancelToken
) -> Generator[Progress, None, tuple[BodyModel, Gathered, Gathered]]:
    body: BodyModel | None = None
    trained: Gathered = ([], [])
    watched: Gathered = ([], [])
    for material in options.materials:
        body, *found = yield from material.gather(options.out, cancel)
        for whole, part in zip((trained, watched), found, strict=True):
            whole[0].extend(part[0])
            whole[1].extend(part[1])
    return body or load_body(), trained, watched


class _Validation:
    """What is left of Θ1's error on people of other subjects, with keypoints and without."""

    def __init__(self, arm: Arm, body: BodyModel, source: RoughSource) -> None:
        self._arm = arm
        self._body = body
        self._rough = source(WATCHED, torch.Generator().manual_seed(1))
        self._before = self._error(self._rough.theta1)

    @torch.no_grad()
    def __call__(self, model: nn.Module) -> Metrics:
        """Return the error of Θ1 in mm, and the shares of it that are left at the last step."""
        assert isinstance(model, Corrector)
        device = model.leave.weight.device
        network = model.cpu()
        given = (self._rough.weight > 0).any(1)
        metrics = {"mm": 1000 * float(self._before.mean())}
        blind = replace(self._rough, weight=torch.zeros_like(self._rough.weight))
        steps = WATCHED_STEPS if self._arm == "bridge" else 1
        for name, rough, who in (
            ("left", self._rough, given),
            ("blind", blind, torch.ones_like(given)),
        ):
            end = follow(network, self._body, rough.theta1, rough.sight, steps)[-1]
            metrics[name] = float(self._error(end)[who].mean() / self._before[who].mean())
        model.to(device)
        return metrics

    def _error(self, pose: Pose) -> Tensor:
        return _astray(self._body, pose, self._rough, JUDGED)
