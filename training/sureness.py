"""How sure a gain must be before it is suggested: `python -m training.sureness`.

The ranker suggests the largest gain less so many of its standard deviations (`SURE` in
`core.suggest.ranker`). More of them make fewer people worse, and gain less. Validation people of
the open bench, or of a folder of `training.rendered`; MPJPE in mm at the suggested step of `level`
and share made more than 2 mm worse, by how many deviations are asked for.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.body import BodyModel, load_body
from core.jobs import finish
from core.refiners import DEFAULT_REFINER, load_refiner
from core.suggest import load_recommender
from core.suggest.ranker import LEAST, pick
from training.ablations import AT_ONCE, crowds, rendered_crowds
from training.bench.judges import Bodies3D, judge_of
from training.bench.report import WORSE
from training.bench.rows import BENCHES
from training.pairs import Pair
from training.plainly import one_line

ASKED = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)
"""Standard deviations."""


def cells(
    people: Sequence[Pair], body: BodyModel, level: Path | None, ranker: Path | None
) -> list[str]:
    """Return what is left and who is made worse, for each of `ASKED`."""
    refiner = load_refiner(DEFAULT_REFINER, body, level)
    recommender = load_recommender("ranker", body, ranker)
    judge = judge_of(BENCHES["open"], Bodies3D(body))
    taken: list[list[float]] = []
    for start in range(0, len(people), AT_ONCE):
        some = people[start : start + AT_ONCE]
        known = [pair.evidence for pair in some]
        paths = refiner.trajectories([pair.theta1 for pair in some], known)
        for path, pair in zip(paths, some, strict=True):
            errors = judge(path.steps, pair.sample)[:, 0]
            score = recommender.score(path, pair.evidence, parts=False)
            assert score.gains is not None and score.uncertainties is not None
            told = score.gains, score.uncertainties
            taken.append([errors[0], *(errors[pick(*told, sure, LEAST)] for sure in ASKED)])
    first, *suggested = np.array(taken).T
    return [f"{each.mean():.1f} ({np.mean(each > first + WORSE):.0%})" for each in suggested]


def main() -> None:
    """Print a row for each group."""
    parser = argparse.ArgumentParser(description="How sure a gain must be.")
    parser.add_argument("--level", type=Path, help="weights of the refiner")
    parser.add_argument("--ranker", type=Path, help="weights of the recommender")
    parser.add_argument("--people", type=int, default=80)
    parser.add_argument("--corpus", type=Path, help="rendered people")
    parser.add_argument("--pairs", type=Path, help="where their rough annotations are kept")
    options = parser.parse_args()
    body = load_body()
    groups = (
        finish(rendered_crowds(options.corpus, options.pairs, options.people))
        if options.corpus
        else crowds(body, options.people)
    )
    sys.stdout.write(f"| deviations | {' | '.join(map(str, ASKED))} |\n")
    for name, people in groups.items():
        found = cells(people, body, options.level, options.ranker)
        sys.stdout.write(f"| {name} | {' | '.join(found)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    with one_line():
        main()
