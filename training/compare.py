"""Sets every refiner side by side: `python -m training.compare --data DIR --split validation`.

Three groups of people. *synthetic*: poses of the split's subjects, made wrong by the families of
`training.errors`, with COCO keypoints that are 4 px off on a 224 px crop. *clicked*: rendered
people of the open bench, Θ1 by BlazePose, the same keypoints. *own*: the same people with
the landmarks that BlazePose fitted Θ1 to, and nothing else, as in the window. MPJPE in mm of 22
joints. *nearest* chooses by plain 2D error; *null* is a random path as long as the refiner's.
What is chosen is chosen on the validation split; the test split is for reporting.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray

from assets import OPEN_BENCH
from core.body import BodyModel, load_body
from core.formats.records import Failure
from core.frontends import load_frontend
from core.pose.vectors import from_vector
from core.refiners import REFINERS, Refiner, load_refiner
from core.suggest import RECOMMENDERS, load_recommender
from core.trajectory import Trajectory
from training.bench.crowd import Crowd
from training.bench.judges import Bodies3D, judge_of
from training.bench.null import null_path
from training.bench.report import WORSE
from training.bench.rows import BENCHES
from training.corpora.mocap import PoseSampler, read_corpus
from training.corpora.records import Split
from training.errors import FAMILIES
from training.evaluate_paper import make_pairs
from training.pairs import Pair, pairs
from training.plainly import one_line

AT_ONCE = 16
"""Persons in one call."""
TIMINGS = 5


@dataclass(frozen=True, eq=False)
class Row:
    """What one refiner does for P people of a group.

    Parameters
    ----------
    errors, null : NDArray, shape (P, N+1)
        MPJPE in mm by step, of the refiner and of a random path as long.
    suggested : dict of NDArray, shape (P,)
        Step by recommender.
    milliseconds : float
        Processor time of one person's trajectory, trials included.
    """

    errors: NDArray[np.floating]
    null: NDArray[np.floating]
    suggested: dict[str, NDArray[np.int64]]
    milliseconds: float

    def at(self, recommender: str) -> NDArray[np.floating]:
        """Return the errors (P,) of the suggested steps."""
        steps = self.suggested[recommender]
        return np.asarray(self.errors[np.arange(len(steps)), steps])


def synthetic(data: Path, split: Split, count: int, body: BodyModel, seed: int) -> Iterator[Pair]:
    """Yield `count` people of each family of errors."""
    sampler = PoseSampler(read_corpus(data, split))
    for corrupt in FAMILIES.values():
        generator = torch.Generator().manual_seed(seed)
        rotations, _ = from_vector(sampler(count, generator, mix=False))
        yield from make_pairs(rotations, corrupt(rotations, generator), body, generator)


def rendered(split: Split, people: int, body: BodyModel) -> tuple[list[Pair], list[Pair]]:
    """Annotate people of the open bench: with clicked keypoints, and with the frontend's own."""
    frontend = load_frontend("blazepose", body)
    crowd = Crowd(BENCHES["open"], OPEN_BENCH, split, people)
    found = [one for one in crowd.pairs(frontend, None) if not isinstance(one, Failure)]
    blind = (replace(sample, keypoints=None) for sample, _ in found)
    own = [pair for pair in pairs(blind, frontend) if not isinstance(pair, Failure)]
    return [pair for _, pair in found], own


def compare(refiner: Refiner, people: Sequence[Pair], body: BodyModel, seed: int) -> Row:
    """Refine a group and let every recommender choose."""
    judge = judge_of(BENCHES["open"], Bodies3D(body))
    recommenders = [load_recommender(name, body) for name in RECOMMENDERS]
    generator = torch.Generator().manual_seed(seed)
    theta1, evidence = [pair.theta1 for pair in people], [pair.evidence for pair in people]
    paths: list[Trajectory] = []
    for start in range(0, len(people), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        paths += refiner.trajectories(theta1[some], evidence[some], seed=seed)
    errors: list[NDArray[np.floating]] = []
    null: list[NDArray[np.floating]] = []
    suggested: dict[str, list[int]] = {name: [] for name in RECOMMENDERS}
    for pair, path in zip(people, paths, strict=True):
        walk = null_path(path, pair.evidence, body, generator)
        for found, each in ((errors, path), (null, walk)):
            found.append(judge(each.steps, pair.sample)[:, 0])
        for recommender in recommenders:
            score = recommender.score(path, pair.evidence)
            suggested[recommender.name].append(recommender.suggest(score).step)
    steps = {name: np.array(chosen) for name, chosen in suggested.items()}
    return Row(np.array(errors), np.array(null), steps, milliseconds(refiner, people[0]))


def milliseconds(refiner: Refiner, pair: Pair) -> float:
    """Time one person's trajectory, trials included: processor time, the least of a few."""
    spent = []
    for _ in range(TIMINGS):
        start = process_time()
        refiner.trajectory(pair.theta1, pair.evidence)
        spent.append(process_time() - start)
    return 1000 * min(spent)


def table(group: str, rows: dict[str, Row]) -> list[str]:
    """Lay out one line a refiner."""
    people = len(next(iter(rows.values())).errors)
    heads = ("Θ1", "last", "suggested", "nearest", "oracle", "null orcl")
    lines = [
        f"{group}, {people} people",
        f"{'refiner':13}" + "".join(f"{head:>10}" for head in heads) + "   worse   kept     ms",
    ]
    for name, row in rows.items():
        first, suggested = row.errors[:, 0], row.at("held-out")
        cells = (
            first,
            row.errors[:, -1],
            suggested,
            row.at("nearest"),
            row.errors.min(1),
            row.null.min(1),
        )
        worse = np.mean(suggested > first + WORSE)
        kept = np.mean(row.suggested["held-out"] == 0)
        numbers = "".join(f"{np.mean(cell):10.1f}" for cell in cells)
        lines.append(f"{name:13}{numbers}{worse:8.1%}{kept:7.0%}{row.milliseconds:7.0f}")
    return [*lines, ""]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Set every refiner side by side.")
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--count", type=int, default=40, help="poses of each family")
    parser.add_argument("--people", type=int, default=80, help="rendered people")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--refiners", nargs="+", default=list(REFINERS), help="which")
    options = parser.parse_args()
    body = load_body()
    wrong = list(synthetic(options.data, options.split, options.count, body, options.seed))
    clicked, own = rendered(options.split, options.people, body)
    refiners = [load_refiner(name, body) for name in options.refiners]
    for group, people in {"synthetic": wrong, "clicked": clicked, "own": own}.items():
        rows = {one.name: compare(one, people, body, options.seed) for one in refiners}
        sys.stdout.write("\n".join(table(group, rows)) + "\n")


if __name__ == "__main__":
    with one_line():
        main()
