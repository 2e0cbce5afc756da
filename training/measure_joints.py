"""What joints in space are worth to refiners: `python -m training.measure_joints`.

Validation people of the open bench, as two frontends see them: with nothing besides Θ1, with
keypoints 4 px off on a 224 px crop, with COCO's points in space, 20 mm off along each axis, and
with both. MPJPE in mm of 22 joints; *suggested* by the rule `held-out`, without the truth; *null*
is a random path as long as the refiner's.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from assets import OPEN_BENCH
from core.body import BodyModel, load_body
from core.evidence import Joints3D
from core.formats.records import Failure
from core.frontends import load_frontend
from core.keypoints import body_points
from core.refiners import REFINERS, load_refiner
from training.ablations import FRONTENDS
from training.bench.contest.people import truth_of
from training.bench.crowd import Crowd, random_of
from training.bench.rows import BENCHES
from training.compare import compare, table
from training.corpora.records import Sample
from training.pairs import Pair
from training.plainly import one_line

NOISE = 0.02
"""Metres, along each axis."""


def measured_joints(sample: Sample, body: BodyModel) -> Joints3D | None:
    """Return COCO's points of the true body, `NOISE` off; None where the truth is not known."""
    truth = truth_of(sample)
    if truth is None:
        return None
    points = body.pose(truth)[1][body_points("coco")]
    off = random_of(sample).normal(0, NOISE, points.shape)
    return Joints3D("coco", (points + off).astype(np.float32), np.ones(len(points), np.float32))


def groups(frontend: str, body: BodyModel, people: int) -> Iterator[tuple[str, Sequence[Pair]]]:
    """Yield the same people with each kind of evidence."""
    crowd = Crowd(BENCHES["open"], OPEN_BENCH, "validation", people)
    found = [one for one in crowd.pairs(load_frontend(frontend, body), None)]
    seen = [one[1] for one in found if not isinstance(one, Failure)]
    both = [
        replace(pair, evidence=replace(pair.evidence, joints=measured_joints(pair.sample, body)))
        for pair in seen
    ]
    yield f"{frontend}, nothing", [_without_keypoints(pair) for pair in seen]
    yield f"{frontend}, keypoints", seen
    yield f"{frontend}, joints", [_without_keypoints(pair) for pair in both]
    yield f"{frontend}, keypoints and joints", both


def _without_keypoints(pair: Pair) -> Pair:
    return replace(pair, evidence=replace(pair.evidence, keypoints=None))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure what joints in space are worth.")
    parser.add_argument("--people", type=int, default=80, help="validation people of the bench")
    parser.add_argument("--refiners", nargs="+", default=["level", "fit"], choices=REFINERS)
    options = parser.parse_args()
    body = load_body()
    refiners = [load_refiner(name, body) for name in options.refiners]
    for frontend in FRONTENDS:
        for group, people in groups(frontend, body, options.people):
            rows = {one.name: compare(one, people, body, 0) for one in refiners}
            sys.stdout.write("\n".join(table(group, rows)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    with one_line():
        main()
