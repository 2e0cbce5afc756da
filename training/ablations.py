"""What each piece of `level` and of the ranker is worth: `python -m training.ablations WHAT …`.

`search` leaves pieces of the refiner out that was trained with them (`training.retrained` trains
without them); `ranker` trains the ranker without groups of its signs; `weights` measures several
files, such as those of other seeds, or one on people that it has seen.
Validation people of the open bench; MPJPE in mm of 22 joints: Θ1, the step that the network
guesses, the best fixed step, the best step of each (*oracle*), made more than 2 mm worse at the
guessed step.
"""

import argparse
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets import LEVEL_WEIGHTS, OPEN_BENCH
from core import resection
from core.body import BodyModel, load_body
from core.formats.records import Failure
from core.frontends import load_frontend
from core.jobs import finish
from core.progress import CancelToken, Progress
from core.refiners import DEFAULT_STEPS
from core.refiners.level import SCALES, LevelRefiner, starts
from core.refiners.level.network import (
    PART_OF_JOINT,
    USUAL,
    LevelNetwork,
    load_level,
)
from core.suggest.ranking import Ranking
from training.bench.contest.conditions import CONDITIONS, MAIN, evidence_of
from training.bench.crowd import Crowd
from training.bench.judges import Bodies3D, judge_of
from training.bench.report import WORSE
from training.bench.rows import BENCHES
from training.gathering import Material, Source
from training.pairs import Pair
from training.plainly import one_line
from training.ranker import RankerOptions, figures, fresh, learn
from training.ranker_material import read_paths

FRONTENDS = ("hmr-open", "blazepose")
AT_ONCE = 16
GROUPS: dict[str, Sequence[int]] = {
    "how far it moves": (0, 1, *range(22, 32)),
    "level": (2,),
    "prior and joint limits": range(6, 22),
    "guess of the error": range(32, 40),
    "keypoints by trials": range(42, 49),
    "keypoints plainly": range(49, 56),
    "keypoints of parts": range(56, 71),
}
"""Columns of `core.suggest.signs`."""


class Deaf(LevelNetwork):
    """Is told the same level whatever the step: the gate alone makes steps differ."""

    def heard(self, levels: Tensor) -> Tensor:
        """Return the usual level."""
        return torch.full_like(levels, USUAL)


class Gateless(LevelNetwork):
    """Is told the level, and may turn joints by any angle."""

    def reach(self, levels: Tensor) -> Tensor:
        """Return the usual level in radians."""
        return torch.full_like(levels, USUAL).deg2rad()[..., PART_OF_JOINT]


class Untrusting(LevelNetwork):
    """Takes all keypoints as they are given."""

    def forward(self, features: Tensor, levels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return turns, their spread, and ones."""
        turns, spread, trust = super().forward(features, levels)
        return turns, spread, torch.ones_like(trust)


class Alike(LevelNetwork):
    """Takes all parts for as wrong as the whole body."""

    def profile(self, features: Tensor) -> Tensor:
        """Return ones."""
        return torch.ones_like(super().profile(features))


def turned_into(kind: type[LevelNetwork], network: LevelNetwork) -> LevelNetwork:
    """Return a network of the same weights that lacks a piece, ready to use."""
    other = kind(network.config)
    other.load_state_dict(network.state_dict())
    return other.eval().requires_grad_(False)


def crowds(body: BodyModel, people: int) -> dict[str, list[Pair]]:
    """Return validation people by frontend and by whether keypoints are given."""
    found = {}
    for name in FRONTENDS:
        crowd = Crowd(BENCHES["open"], OPEN_BENCH, "validation", people)
        pairs = crowd.pairs(load_frontend(name, body), None)
        seen = [one[1] for one in pairs if not isinstance(one, Failure)]
        found[f"{name}, 4 px"] = seen
        found[f"{name}, none"] = [
            replace(pair, evidence=replace(pair.evidence, keypoints=None)) for pair in seen
        ]
    return found


def rendered_crowds(
    folder: Path, kept: Path | None, people: int
) -> Generator[Progress, None, dict[str, list[Pair]]]:
    """Return people of a folder of `training.rendered` instead, with keypoints made as wrong."""
    found = {}
    for name in FRONTENDS:
        material = Material((Source("human_data", folder),), (), name, kept=kept)
        _, (pairs, _), _ = yield from material.gather(folder, CancelToken())
        for condition in MAIN:
            how = CONDITIONS[condition]
            found[f"{name}, {condition}"] = [
                replace(pair, evidence=evidence_of(pair.sample, pair.evidence.box, how))
                for pair in pairs[:: max(1, len(pairs) // people)]
            ]
    return found


def measured(
    network: LevelNetwork, body: BodyModel, people: Sequence[Pair], scales: Sequence[float]
) -> list[float]:
    """Return Θ1, guessed, fixed, oracle (mm), and the share made worse at the guessed step."""
    refiner = LevelRefiner(network, "", body, scales)
    judge = judge_of(BENCHES["open"], Bodies3D(body))
    errors: list[NDArray[np.floating]] = []
    steps: list[int] = []
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        theta1, known = [pair.theta1 for pair in some], [pair.evidence for pair in some]
        for path, pair in zip(refiner.refine(theta1, known, DEFAULT_STEPS, 0), some, strict=True):
            errors.append(judge(path.steps, pair.sample)[:, 0])
            guessed = refiner.guess(pair.theta1, pair.evidence)
            steps.append(int(np.abs(path.levels - guessed).argmin()))
    table = np.array(errors)
    taken, first = table[np.arange(len(table)), steps], table[:, 0]
    worse = float(np.mean(taken > first + WORSE))
    best = (first, taken, table[:, table.mean(0).argmin()], table.min(1))
    return [*(float(each.mean()) for each in best), worse]


def row(
    name: str,
    network: LevelNetwork,
    body: BodyModel,
    groups: dict[str, list[Pair]],
    scales: Sequence[float] = SCALES,
) -> str:
    """Lay out one line of a table."""
    cells = []
    for people in groups.values():
        first, guessed, fixed, oracle, worse = measured(network, body, people, scales)
        cells.append(f"{first:.1f} | {guessed:.1f} ({worse:.0%}) | {fixed:.1f} | {oracle:.1f}")
    return f"| {name} | {' | '.join(cells)} |\n"


def of_search(body: BodyModel, groups: dict[str, list[Pair]]) -> Iterator[str]:
    """Leave pieces out of the weights that ship."""
    shipped, _ = load_level(LEVEL_WEIGHTS)
    yield row("as it ships", shipped, body, groups)
    for few in ((), SCALES[:1], (*SCALES, SCALES[-1]), (*SCALES, *SCALES[-1:] * 3)):
        yield row(f"{len(few)} steps onto the keypoints", shipped, body, groups, few)
    for name, kind in (
        ("keypoints as sure as given", Untrusting),
        ("all parts as wrong", Alike),
        ("told the same level always", Deaf),
    ):
        yield row(name, turned_into(kind, shipped), body, groups)
    with patch.object(starts, "GROSS", inf):
        yield row("from Θ1 alone", shipped, body, groups)
        with patch.object(resection, "_nearest", lambda points, *_: points.new_tensor(-inf)):
            yield row("and placed at any depth", shipped, body, groups)


def of_ranker(folder: Path, steps: int) -> Iterator[str]:
    """Train the ranker on four fifths of kept paths, judge it on the rest, without groups."""
    paths = read_paths(folder)
    learnt, seen = paths.split(0.8)
    options = RankerOptions(folder, (), folder / "ablation", (), steps=steps)
    groups: dict[str, Sequence[int]] = {"all signs": (), **GROUPS}
    for name, columns in groups.items():
        mine, theirs = learnt.without(columns), seen.without(columns)
        torch.manual_seed(0)
        ranking = Ranking()
        fresh(ranking, mine)
        finish(learn(ranking, mine, theirs, options, CancelToken()))
        found = figures(ranking, theirs)
        cells = " | ".join(f"{value:.3g}" for value in found.values())
        yield f"| {'without ' * bool(columns)}{name} | {cells} |\n"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="Leave pieces out.")
    parser.add_argument("what", choices=("search", "ranker", "weights"))
    parser.add_argument("--weights", type=Path, nargs="*", default=[], help="weights: files")
    parser.add_argument("--people", type=int, default=80, help="validation people of the bench")
    parser.add_argument("--corpus", type=Path, nargs="*", default=[], help="rendered people")
    parser.add_argument("--pairs", type=Path, help="where their rough annotations are kept")
    parser.add_argument("--paths", type=Path, help="ranker: refined people of `train ranker`")
    parser.add_argument("--steps", type=int, default=1_000, help="ranker: of each run")
    options = parser.parse_args()
    body = load_body()
    if options.what == "ranker":
        lines = of_ranker(options.paths, options.steps)
    elif options.what == "search":
        lines = of_search(body, crowds(body, options.people))
    else:
        groups = (
            finish(rendered_crowds(options.corpus[0], options.pairs, options.people))
            if options.corpus
            else crowds(body, options.people)
        )
        named = ((file.stem, load_level(file)[0]) for file in options.weights)
        lines = (row(name, network, body, groups) for name, network in named)
    for line in lines:
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    with one_line():
        main()
