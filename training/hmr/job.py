"""Trains `hmr-open`: the job behind `diffannot train hmr`."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.body import BodyModel, load_body
from core.formats.files import made_folder
from core.frontends.hmr.network import HmrConfig, HmrNetwork, places, save_network
from core.metrics import joint_errors
from core.pose import JOINTS
from core.pose.rotations import rot6d_to_matrix
from core.pose.vectors import BETAS
from core.progress import CancelToken, Progress
from core.render import Renderer
from training.corpora.mocap import PoseSampler, read_corpus
from training.hmr.backgrounds import backgrounds
from training.hmr.composing import Labels
from training.hmr.cutouts import Draughtsman
from training.hmr.stream import Stream, unseen
from training.loop import LoopOptions, Metrics, fit, steps_done
from training.options import TrainingOptions

BACKGROUNDS = 600
WATCHED = 512
"""Crops of validation subjects."""
MOMENT_SAMPLES = 4096
SCALE = 0.9
"""Camera scale that the regressor starts from."""
JOINTS_JUDGED = 22
WEIGHTS = {"joints_3d": 10.0, "joints_2d": 3.0, "pose": 5.0, "shape": 0.05, "landmarks": 0.5}
"""Of metres, halves of the crop, squared entries of rotation matrices, squared betas, nats."""


@dataclass(frozen=True, kw_only=True)
class HmrOptions(TrainingOptions):
    """What `diffannot train hmr` is told.

    Parameters
    ----------
    data : Path
        Folder of motion capture (`training.corpora.mocap`).
    steps : int
        Optimiser steps.
    config : HmrConfig
        Sizes of the network.
    people : int
        At hand at a time.
    """

    data: Path
    steps: int = 8_000
    batch: int = 64
    config: HmrConfig = field(
        default_factory=lambda: HmrConfig(
            32, (2, 2, 4, 2), hidden=512, dropout=0.0, size=96, points=len(JOINTS)
        )
    )
    people: int = 2048
    log_dir: Path | None = None


def train_hmr(options: HmrOptions, cancel: CancelToken | None = None) -> Iterator[Progress]:
    """Train a network on people drawn on the fly, on the training subjects, and write it.

    Raises
    ------
    UnreadableInput
        The folder holds no motion capture, or the checkpoint is of other options.
    UnwritableOutput
        The folder for the weights cannot be made.
    RenderError
        There is no OpenGL.
    Cancelled
        Someone asked to stop; the next call with the same options, but for more or fewer steps,
        goes on from the checkpoint, and sees what it would have seen.
    """
    body, cancel = load_body(), cancel or CancelToken()
    made_folder(options.out.parent)
    start = steps_done(options.checkpoint, _plan(options))
    generator = torch.manual_seed(options.seed)
    sampler = PoseSampler(read_corpus(options.data, "train"))
    network = HmrNetwork(options.config)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _start_from_the_mean(network, sampler(MOMENT_SAMPLES, generator))
    with Renderer() as renderer:
        yield Progress(0, options.steps, "drawing the first people")
        watched = _watched(options, body, renderer)
        scenery = torch.from_numpy(backgrounds(BACKGROUNDS, options.seed))
        draughtsman = Draughtsman(sampler, body, renderer, options.seed)
        sizes = (options.batch, options.config.size, options.people)
        with closing(Stream(draughtsman, scenery, *sizes, options.seed, start)) as stream:
            stream.fill(cancel)
            yield from _fit(options, network, stream, body, watched, generator, cancel)
    save_network(network, options.out)


def _plan(options: HmrOptions) -> str:
    return repr(replace(options, steps=0))


def _fit(
    options: HmrOptions,
    network: HmrNetwork,
    stream: Stream,
    body: BodyModel,
    watched: tuple[Tensor, Labels] | None,
    generator: torch.Generator,
    cancel: CancelToken,
) -> Generator[Progress, None, object]:
    def loss(model: nn.Module, images: Tensor, *truth: Tensor) -> Tensor:
        return losses(model(images), Labels(*truth), body)["loss"].mean()

    def validate(model: nn.Module) -> Metrics:
        return {} if watched is None else errors(model, *watched, body)

    return (
        yield from fit(
            network,
            stream,
            loss,
            validate,
            LoopOptions(options.steps, 1e-3, warmup=300, weight_decay=0.02, mixed=True),
            generator,
            options.checkpoint,
            _plan(options),
            options.log_dir,
            cancel,
        )
    )


def losses(outputs: tuple[Tensor, ...], labels: Labels, body: BodyModel) -> dict[str, Tensor]:
    """Compare what the network says with the truth, as SPIN does but for distances not squared.

    Parameters
    ----------
    outputs : tuple of Tensor
        Of the network: pose (B, 144), betas (B, 10), camera (B, 3), heat (B, 24, H, W).
    labels : Labels
        The truth.
    body : BodyModel
        Whose points are compared.

    Returns
    -------
    dict
        "joints_3d" in metres, "joints_2d" in halves of the crop, "pose", "shape", "landmarks" in
        nats, each (B,), and "loss" (B,), their weighted sum. Landmarks outside do not count.
    """
    pose, betas, camera, heat = (each.float() for each in outputs)
    rotations = rot6d_to_matrix(pose.reshape(-1, len(JOINTS), 6), "columns")
    origin = torch.zeros(len(pose), 3)
    points = body.points(rotations, betas, origin)
    with torch.no_grad():
        true = body.points(labels.rotations, labels.betas, origin)
    pixels = camera[:, None, :1] * (points[..., :2] + camera[:, None, 1:])
    terms = {
        "joints_3d": ((points - points[:, :1]) - (true - true[:, :1])).norm(dim=-1).mean(dim=1),
        "joints_2d": (pixels - labels.pixels).norm(dim=-1).mean(dim=1),
        "pose": (rotations - labels.rotations).square().mean(dim=(1, 2, 3)),
        "shape": (betas - labels.betas).square().mean(dim=1),
        "landmarks": _surprise(heat, labels.pixels[:, : len(JOINTS)]).mean(dim=1),
    }
    total = sum(weight * terms[name] for name, weight in WEIGHTS.items())
    return terms | {"loss": torch.as_tensor(total)}


def _surprise(heat: Tensor, pixels: Tensor) -> Tensor:
    """Cross-entropy (B, P) of heat maps and points shared out among the four cells around them.

    Every cell is told, not the mean place alone.
    """
    rows, columns = heat.shape[2:]
    cells = (pixels + 1) / 2 * torch.tensor([columns, rows]) - 0.5
    x, y = (
        (1 - (torch.arange(count) - cells[..., axis, None]).abs()).clamp(min=0)
        for axis, count in ((0, columns), (1, rows))
    )
    target = y[..., :, None] * x[..., None, :]
    inside = pixels.abs().amax(dim=-1) < 1
    return -(target * heat.clamp(min=1e-6).log()).sum(dim=(2, 3)) * inside


@torch.no_grad()
def errors(model: nn.Module, images: Tensor, labels: Labels, body: BodyModel) -> Metrics:
    """Return MPJPE and PA-MPJPE in mm of 22 joints, and the 2D error in shares of the crop."""
    parts = [model(part) for part in torch.split(images, 64)]
    pose, betas, camera, heat = (torch.cat(each) for each in zip(*parts, strict=True))
    rotations = rot6d_to_matrix(pose.reshape(-1, len(JOINTS), 6), "columns")
    found = places(heat.float())[..., :2]
    origin = torch.zeros(len(pose), 3)
    points = body.points(rotations, betas, origin)
    true = body.points(labels.rotations, labels.betas, origin)
    pixels = camera[:, None, :1] * (points[..., :2] + camera[:, None, 1:])
    joints, truth = (
        1000 * (each - each[:, :1])[:, :JOINTS_JUDGED].double().numpy() for each in (points, true)
    )
    return {
        "mpjpe": float(joint_errors(joints, truth).mean()),
        "pa_mpjpe": float(joint_errors(joints, truth, "procrustes").mean()),
        "landmarks": float((found - labels.pixels[:, : len(JOINTS)]).norm(dim=-1).mean() / 2),
        "share_2d": float((pixels - labels.pixels).norm(dim=-1).mean() / 2),
    }


def _start_from_the_mean(network: HmrNetwork, vectors: Tensor) -> None:
    """Let the regressor start from the mean pose, seen from in front, and a body in the middle."""
    pose = vectors[:, :-BETAS].mean(dim=0)
    pose[:6] = torch.tensor([1.0, 0, 0, 0, -1, 0])  # half a turn about x: y up to y down
    network.head.init_pose.copy_(pose)
    network.head.init_cam.copy_(torch.tensor([SCALE, 0.0, 0.0]))


def _watched(
    options: HmrOptions, body: BodyModel, renderer: Renderer
) -> tuple[Tensor, Labels] | None:
    takes = read_corpus(options.data, "validation")
    if not takes:
        return None
    draughtsman = Draughtsman(PoseSampler(takes), body, renderer, options.seed + 1)
    scenery = torch.from_numpy(backgrounds(BACKGROUNDS, options.seed + 1))
    return unseen(draughtsman, scenery, WATCHED, options.config.size, options.seed + 1)
