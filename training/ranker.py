"""Trains the ranker: to know what steps gain by their signs, and how sure that is."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.body import BodyModel, load_body
from core.formats.files import made_folder
from core.jobs import Job, Report
from core.progress import CancelToken, Progress
from core.refiners import Refiner, load_refiner
from core.suggest.ranker import LEAST, SURE, pick
from core.suggest.ranking import EXACT, Ranking
from core.weights import write_weights
from training.bench.report import WORSE
from training.corpora.mocap import PoseSampler, read_corpus
from training.corpora.records import Split
from training.gathering import Material, told
from training.loop import LoopOptions, Metrics, fit
from training.pairs import Pair
from training.ranker_material import Paths, gather_paths
from training.rough import RoughSource

MILLIMETRE = 10.0
"""Gains are of this order: what the parts of the loss are measured in, mm."""
CHOOSING = 2.0
"""Weight of what a soft choice of the step gains, beside the likelihood of the gains."""
TEMPERATURE = 3.0
"""Softness of that choice, mm."""
SURE_AT_BEST = 0.5
"""No gain is told surer than this, mm."""
SHARES = (0.65, 0.2)
"""Of people as frontends annotate them, and of their mistakes on other poses (`training.rough`)."""
OTHERS = 0.1
"""Share of the people whom refiners after the first are asked about: they take longer."""
HIDDEN = 0.1
"""Share of a path's signs that are not shown to the networks while they learn: people are few."""


@dataclass(frozen=True)
class RankerOptions:
    """How to train.

    Parameters
    ----------
    data : Path
        Motion capture: training subjects to learn from, validation subjects to watch.
    materials : tuple of Material
        The same people as different frontends annotate them, to learn from and to watch; may be
        empty.
    out : Path
        Weights to write.
    refiners : tuple of str
        Whose trajectories are ranked, the first those of everybody, the others of `OTHERS`.
    smpl : Path or None
        The body; None for the open one.
    count, watched : int
        People to refine, and to watch.
    steps, batch : int
        Optimiser steps, and paths in each.
    seed : int
        Of every draw.
    paths : Path or None
        Folder to keep refined people in; None for `<out>.paths`.
    """

    data: Path
    materials: tuple[Material, ...]
    out: Path
    refiners: tuple[str, ...]
    smpl: Path | None = None
    count: int = 960
    watched: int = 160
    steps: int = 1_200
    batch: int = 64
    seed: int = 0
    paths: Path | None = None


def train_ranker(options: RankerOptions, cancel: CancelToken | None = None) -> Job:
    """Refine people, learn what their steps gain, and write the weights.

    Raises
    ------
    Cancelled
        Someone asked to stop; what was refined is kept.
    UnreadableInput
        A data set cannot be read, nobody is left, or there is no such refiner.
    MissingModel
        Weights are not on this machine.
    UnwritableOutput
        A folder takes no files.
    """
    cancel = cancel or CancelToken()
    made_folder(options.out.parent)
    body = load_body(options.smpl)
    people: list[Pair] = []
    watched: list[Pair] = []
    lost: list[str] = []
    for material in options.materials:
        _, (found, failed), (others, also) = yield from material.gather(options.out, cancel)
        people, watched = [*people, *found], [*watched, *others]
        lost += told([*failed, *also])
    refiners = [load_refiner(name, body) for name in options.refiners]
    learnt = yield from _refined(options, "train", people, refiners, body, options.count, cancel)
    seen = yield from _refined(
        options, "validation", watched, refiners, body, options.watched, cancel
    )
    torch.manual_seed(options.seed)
    ranking = Ranking(refiners=options.refiners)
    fresh(ranking, learnt)
    yield from learn(ranking, learnt, seen, options, cancel)
    write_weights(ranking, ranking.config, options.out, EXACT)
    return Report(len(learnt.errors), failures=tuple(lost))


def _refined(
    options: RankerOptions,
    split: Split,
    people: list[Pair],
    refiners: list[Refiner],
    body: BodyModel,
    count: int,
    cancel: CancelToken,
) -> Generator[Progress, None, Paths]:
    source = RoughSource(body, PoseSampler(read_corpus(options.data, split)), people, SHARES)
    folder = options.paths or options.out.with_suffix(".paths")
    told_by = " ".join(material.frontend for material in options.materials)
    made_of = f"{split} {told_by} {len(people)}"
    found = []
    for number, one in enumerate(refiners):
        many = round(OTHERS * count) if number else count
        paths = gather_paths(source, [one], body, many, options.seed, folder, made_of, cancel)
        found.append((yield from paths))
    return Paths.join(found)


def fresh(ranking: Ranking, paths: Paths) -> None:
    """Measure the signs' means and deviations."""
    flat = torch.from_numpy(paths.features.reshape(-1, paths.features.shape[-1]))
    ranking.centre.copy_(flat.mean(0))
    ranking.spread.copy_(flat.std(0).clamp(min=1e-3))


def learn(
    ranking: Ranking,
    paths: Paths,
    watched: Paths,
    options: RankerOptions,
    cancel: CancelToken,
    learning_rate: float = 2e-3,
) -> Generator[Progress, None, None]:
    """Train in place."""
    generator = torch.Generator().manual_seed(options.seed)
    parts = [torch.from_numpy(each) for each in (paths.features, paths.reach, paths.errors)]

    def draw() -> tuple[Tensor, ...]:
        rows = torch.randint(len(paths.errors), (options.batch,), generator=generator)
        signs, *rest = (part[rows] for part in parts)
        hidden = torch.rand(len(rows), 1, signs.shape[-1], generator=generator) < HIDDEN
        return torch.where(hidden, ranking.centre, signs), *rest

    yield from fit(
        ranking,
        draw,
        ranking_loss,
        lambda model: figures(model, watched),
        LoopOptions(
            options.steps, learning_rate, warmup=50, weight_decay=1.0, ema=(0.99,), log_every=400
        ),
        generator,
        options.out.with_suffix(".checkpoint"),
        repr(replace(options, paths=None)),
        cancel=cancel,
    )


def ranking_loss(model: nn.Module, features: Tensor, reach: Tensor, errors: Tensor) -> Tensor:
    """Return the loss of P paths of R rows: features (P, R, F), reach and errors (P, R).

    The likelihood of the gains under a Gaussian, weighted by its deviation (β-NLL with β = 0.5;
    Seitzer et al., ICLR 2022), less what one gains who chooses softly by the gains that are told.
    """
    gains, unsure = model(features.flatten(0, 1), reach.flatten())
    gains, unsure = (each.unflatten(1, reach.shape) for each in (gains, unsure))
    true = errors[:, :1] - errors
    unsure = unsure[..., 1:] + SURE_AT_BEST
    off = (gains[..., 1:] - true[:, 1:]).square() / (2 * unsure.square())
    likelihood = ((off + (unsure / MILLIMETRE).log()) * unsure.detach()).mean() / MILLIMETRE
    chosen = ((gains / TEMPERATURE).softmax(-1) * true).sum(-1).mean() / MILLIMETRE
    loss: Tensor = likelihood - CHOOSING * chosen
    return loss


def figures(model: nn.Module, paths: Paths) -> Metrics:
    """Say how well the model chooses rows of paths: whole bodies, and parts."""
    found: Metrics = {}
    for name, those in (("whole", ~paths.by_part), ("part", paths.by_part)):
        features, reach, errors = (
            each[those] for each in (paths.features, paths.reach, paths.errors)
        )
        gains, unsure = told_of(model, features, reach)
        rows = np.array([pick(g, u, SURE, LEAST) for g, u in zip(gains, unsure, strict=True)])
        taken = errors[np.arange(len(rows)), rows]
        first, best = errors[:, 0], errors.min(1)
        found[f"{name} regret"] = float((taken - best).mean())
        found[f"{name} share"] = float((first - taken).sum() / (first - best).sum())
        found[f"{name} worse"] = float((taken > first + WORSE).mean())
    return found


def told_of(
    model: nn.Module, features: NDArray[np.float32], reach: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return gains and deviations (P, R) of paths, features (P, R, F) and reach (P, R)."""
    assert isinstance(model, Ranking)
    flat = torch.from_numpy(features.reshape(-1, features.shape[-1]))
    gains, unsure = model.told(flat, torch.from_numpy(reach.ravel()))
    return gains.numpy().reshape(reach.shape), unsure.numpy().reshape(reach.shape)
