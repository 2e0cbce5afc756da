"""Whole trainings of `level` cut short: other seeds, and without a piece that is trained with it.

`python -m training.retrained --data MOCAP --corpus A B … --pairs P --out DIR` trains each of `RUNS`
from scratch with the same number of steps, and prints what it is worth on validation people as
`training.ablations` does. Weights that are there already are only measured, and a command that was
stopped goes on.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from core.body import BodyModel, load_body
from core.jobs import finish
from core.progress import CancelToken
from core.refiners.level.network import LevelConfig, LevelNetwork, load_level, save_level
from training.ablations import FRONTENDS, Deaf, Gateless, crowds, row, turned_into
from training.corpora.mocap import PoseSampler, read_corpus
from training.gathering import Material, Source
from training.level import LEARNING_RATE, ON_FROM, SCALES, Draw, Loss
from training.loop import LoopOptions, fit
from training.pairs import Pair
from training.rough import RoughSource

WORD_ALONE = 0.35
"""Share of the steps, the first, that teach what the network tells before the search."""
BATCHES = (128, 96)
"""People in a batch before and after."""
WARMUP = 0.1
SAVE_EVERY = 200


@dataclass(frozen=True)
class Run:
    """A seed, and what is trained."""

    seed: int = 1
    kind: type[LevelNetwork] = LevelNetwork


RUNS = {
    "seed 1": Run(),
    "no level told": Run(kind=Deaf),
    "no gate": Run(kind=Gateless),
    "seed 2": Run(2),
    "seed 3": Run(3),
}


@dataclass(frozen=True)
class Recipe:
    """What all runs share: the body, true poses, people with annotations, steps, sizes."""

    body: BodyModel
    motion: PoseSampler
    people: Sequence[Pair]
    steps: int
    config: LevelConfig = field(default_factory=LevelConfig)

    def train(self, run: Run, file: Path) -> None:
        """Train in two stages, without the search and with it, and write the weights."""
        generator = torch.manual_seed(run.seed)
        network = run.kind(self.config)
        source = RoughSource(self.body, self.motion, self.people)
        early = round(WORD_ALONE * self.steps)
        checkpoints = [file.with_suffix(f".{stage}") for stage in ("first", "second")]
        for stage, steps in enumerate((early, self.steps - early)):
            if stage == 0 and checkpoints[1].exists():
                continue
            options = LoopOptions(
                steps,
                (LEARNING_RATE, ON_FROM)[stage],
                warmup=round(WARMUP * steps),
                save_every=SAVE_EVERY,
            )
            finish(
                fit(
                    network,
                    Draw(source, self.body, BATCHES[stage], generator),
                    Loss(self.body, ((), SCALES)[stage]),
                    lambda _: {},
                    options,
                    generator,
                    checkpoints[stage],
                    f"{run} {self.steps}",
                )
            )
        save_level(network, file)


def main() -> None:
    """Train what is not there, and print a line for each."""
    parser = argparse.ArgumentParser(description="Train `level` again, shorter, in other ways.")
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="rendered people")
    parser.add_argument("--pairs", type=Path, help="where their rough annotations are kept")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights")
    parser.add_argument("--steps", type=int, default=1_200, help="of each run, both stages")
    parser.add_argument("--runs", nargs="*", default=list(RUNS), choices=RUNS, metavar="NAME")
    parser.add_argument("--people", type=int, default=60, help="validation people of the bench")
    options = parser.parse_args()
    body = load_body()
    people: list[Pair] = []
    sources = tuple(Source("human_data", folder) for folder in options.corpus)
    for name in FRONTENDS:
        material = Material(sources, (), name, kept=options.pairs)
        people += finish(material.gather(options.out / "retrained", CancelToken()))[1][0]
    motion = PoseSampler(read_corpus(options.data, "train"))
    recipe = Recipe(body, motion, people, options.steps)
    groups = crowds(body, options.people)
    for name in options.runs:
        file = options.out / f"{name.replace(' ', '-')}.safetensors"
        if not file.exists():
            recipe.train(RUNS[name], file)
        network = turned_into(RUNS[name].kind, load_level(file)[0])
        sys.stdout.write(row(name, network, body, groups))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
