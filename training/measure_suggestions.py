"""Measures suggestions: `python -m training.measure_suggestions --data DIR`.

Steps chosen without the truth, by every recommender, on the groups of `training.compare` and on the
same people without any keypoints (*blind*). MPJPE in mm of 22 joints. *regret*: what the best step
has less, mean and nine tenths; *share*: of the best step's gain; *worse*: made more than 2 mm
worse; *r*: correlation of the promised gain with the true one, over people whose Θ1 was left;
*top 3*: best of the three steps that are ranked first; *by part*: each part at its own step, and
the paired change from the whole body's step. Intervals are 95 % of a bootstrap over takes.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body import BodyModel, load_body
from core.parts import compose
from core.pose import Parameters
from core.refiners import load_refiner
from core.suggest import RECOMMENDERS, Recommender, Score, load_recommender
from core.trajectory import Suggestion, Trajectory
from training.bench.bootstrap import Bootstrap
from training.bench.judges import Bodies3D, Judge, judge_of
from training.bench.report import WORSE
from training.bench.rows import BENCHES
from training.compare import AT_ONCE, rendered, synthetic
from training.corpora.records import Split
from training.pairs import Pair
from training.plainly import one_line

Floats = NDArray[np.floating]

RIVAL = "held-out"
"""What every other recommender is compared with."""
APART = 5
"""Steps that are shown as different choices are so far apart."""


@dataclass(frozen=True, eq=False)
class Choices:
    """What one recommender does for P people.

    Parameters
    ----------
    errors : NDArray, shape (P, N+1)
        MPJPE by step, mm.
    steps : NDArray, shape (P,)
        Suggested.
    promised, unsure : NDArray, shape (P,)
        Gain, and its standard deviation, mm.
    by_part : NDArray, shape (P,)
        MPJPE with every part at its own step.
    top : NDArray, shape (P,)
        MPJPE of the best of the three steps ranked first.
    """

    errors: Floats
    steps: NDArray[np.int64]
    promised: Floats
    unsure: Floats
    by_part: Floats
    top: Floats

    @property
    def taken(self) -> Floats:
        """MPJPE (P,) of the suggested steps."""
        return np.asarray(self.errors[np.arange(len(self.steps)), self.steps])


def choose(
    recommender: Recommender,
    paths: Sequence[Trajectory],
    people: Sequence[Pair],
    errors: Floats,
    judge: Judge,
) -> Choices:
    """Let a recommender choose for everybody."""
    made: list[Suggestion] = []
    by_part: list[float] = []
    top: list[float] = []
    for path, pair, each in zip(paths, people, errors, strict=True):
        score = recommender.score(path, pair.evidence)
        suggestion = recommender.suggest(score)
        made.append(suggestion)
        mixed = compose(path, suggestion.part_steps, suggestion.step)
        by_part.append(float(judge(Parameters.stack([mixed]), pair.sample)[0, 0]))
        top.append(float(each[first_of(score, suggestion.step, 3)].min()))
    return Choices(
        errors,
        np.array([one.step for one in made]),
        np.array([one.expected_gain for one in made]),
        np.array([one.uncertainty for one in made]),
        np.array(by_part),
        np.array(top),
    )


def first_of(score: Score, suggested: int, count: int) -> list[int]:
    """Return the steps that a person is shown first: the suggested one, then others by rank."""
    rank = -score.values if score.gains is None else score.gains
    shown = [suggested]
    for step in np.argsort(-np.nan_to_num(rank), kind="stable").tolist():
        if len(shown) < count and all(abs(step - other) >= APART for other in shown):
            shown.append(step)
    return shown


HEAD = (
    f"{'':11}{'Θ1':>7}{'taken':>7}{'best':>7}{'regret':>8}{'p90':>6}{'share':>7}{'worse':>7}"
    f"{'kept':>6}{'r':>6}{'top 3':>7}{'parts':>7}   by part - whole      less than {RIVAL}"
)


def line(name: str, own: Choices, rival: Choices, bootstrap: Bootstrap) -> str:
    """Lay out what one recommender does."""
    first, best, taken = own.errors[:, 0], own.errors.min(1), own.taken
    regret = taken - best
    left = own.steps > 0
    related = np.nan
    if left.sum() > 2 and own.promised[left].std() > 0:
        related = np.corrcoef(own.promised[left], (first - taken)[left])[0, 1]
    cells = f"{first.mean():7.1f}{taken.mean():7.1f}{best.mean():7.1f}{regret.mean():8.2f}"
    cells += f"{np.quantile(regret, 0.9):6.1f}{(first - taken).sum() / (first - best).sum():7.2f}"
    cells += f"{np.mean(taken > first + WORSE):7.1%}{1 - left.mean():6.0%}{related:6.2f}"
    cells += f"{own.top.mean():7.1f}{own.by_part.mean():7.1f}"
    for change in (own.by_part - taken, taken - rival.taken):
        found = bootstrap.interval(change)
        cells += f"   {found.mean:+5.2f} [{found.low:+5.2f},{found.high:+5.2f}]"
    return f"{name:11}{cells}"


def calibration(own: Choices) -> str:
    """Compare promised with true gains where Θ1 was left: by thirds, and how many lie within σ."""
    left = np.flatnonzero(own.steps)
    if len(left) < 3 or not own.unsure[left].all():
        return ""
    true = own.errors[left, 0] - own.taken[left]
    promised, unsure = own.promised[left], own.unsure[left]
    thirds = np.array_split(np.argsort(promised), 3)
    pairs = ", ".join(f"{promised[t].mean():.0f} -> {true[t].mean():.0f}" for t in thirds)
    inside = np.mean(np.abs(true - promised) < unsure)
    return f"{'':11}promised -> true, mm: {pairs}; within one deviation {inside:.0%}"


def groups(
    data: Path, split: Split, count: int, people: int, body: BodyModel, seed: int
) -> dict[str, list[Pair]]:
    """Gather the people of every group."""
    wrong = list(synthetic(data, split, count, body, seed))
    clicked, own = rendered(split, people, body)
    blind = [
        replace(pair, evidence=replace(pair.evidence, keypoints=None))
        for pair in (*wrong, *clicked)
    ]
    return {"synthetic": wrong, "clicked": clicked, "own": own, "blind": blind}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure suggestions.")
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--count", type=int, default=20, help="poses of each family")
    parser.add_argument("--people", type=int, default=80, help="rendered people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--refiners", nargs="+", default=["fit", "guided", "paper"])
    parser.add_argument("--ranker", type=Path, help="weights of the recommender ranker")
    options = parser.parse_args()
    body = load_body()
    judge = judge_of(BENCHES["open"], Bodies3D(body))
    recommenders = {
        name: load_recommender(name, body, options.ranker if name == "ranker" else None)
        for name in RECOMMENDERS
    }
    everybody = groups(
        options.data, options.split, options.count, options.people, body, options.seed
    )
    for name in options.refiners:
        refiner = load_refiner(name, body)
        for group, people in everybody.items():
            paths: list[Trajectory] = []
            for start in range(0, len(people), AT_ONCE):
                some = people[start : start + AT_ONCE]
                known = [pair.evidence for pair in some]
                paths += refiner.trajectories([pair.theta1 for pair in some], known)
            pairs = zip(paths, people, strict=True)
            errors = np.array([judge(path.steps, pair.sample)[:, 0] for path, pair in pairs])
            found = {
                key: choose(each, paths, people, errors, judge)
                for key, each in recommenders.items()
            }
            bootstrap = Bootstrap([BENCHES["open"].grouped(pair.sample) for pair in people])
            lines = [f"{name}, {group}, {len(people)} people", HEAD]
            lines += [line(key, own, found[RIVAL], bootstrap) for key, own in found.items()]
            lines += [words for own in found.values() if (words := calibration(own))]
            sys.stdout.write("\n".join([*lines, "", ""]))
            sys.stdout.flush()


if __name__ == "__main__":
    with one_line():
        main()
