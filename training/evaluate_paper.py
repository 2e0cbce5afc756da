"""Measures the refiner `paper`: `python -m training.evaluate_paper --data DIR`.

Poses of the test subjects on the open body, seen by a camera, are made wrong in stated ways
(`training.errors`). COCO keypoints with 4 px of noise on a 224 px crop choose the step. Joint
errors are of the 22 SMPL joints up to the wrists, pelvis at the origin, in mm: plain (MPJPE) and
after Procrustes alignment (PA). An oracle takes the step of least error against the truth. The null
path moves every joint as far from Θ1 as the refiner does, but in a random smooth direction: what
the oracle gains on it is not evidence of anything learnt. Judge and null path are the benches'
(`training.bench`).
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body import BodyModel, load_body
from core.camera import Camera
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.metrics.picture import CROP
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import with_rotations as turned
from core.pose.vectors import from_vector
from core.refiners import Refiner, load_refiner
from core.suggest import DEFAULT_RECOMMENDER, load_recommender
from training.bench.judges import Bodies3D, judge_of
from training.bench.null import null_path
from training.bench.report import WORSE
from training.bench.rows import BENCHES, CLICKING
from training.bench.running import Walk, judged
from training.corpora.mocap import PoseSampler, Take, read_corpus
from training.corpora.records import Sample, Smpl
from training.errors import FAMILIES
from training.pairs import Pair
from training.plainly import one_line

CAMERA = Camera.assumed(1280, 960)
DISTANCE = (3.5, 7.0)
FIXED_STEP = 36


def make_pairs(
    rotations: Tensor, rough: Tensor, body: BodyModel, generator: torch.Generator
) -> Iterator[Pair]:
    """Photograph true poses (B, 24, 3, 3) and annotate them with the rough ones."""
    count = len(rotations)
    betas = torch.randn(count, 10, generator=generator)
    low, high = DISTANCE
    transl = torch.zeros(count, 3)
    transl[:, 2] = low + (high - low) * torch.rand(count, generator=generator)
    points = body.points(rotations, betas, transl).numpy()
    orient, pose = np.zeros((count, 3), np.float32), np.zeros((count, 23, 3), np.float32)
    still = Parameters(orient, pose, betas.numpy(), transl.numpy(), CAMERA)
    true, wrong = turned(still, rotations), turned(still, rough)
    index = body_points("coco")
    for row in range(count):
        pixels = CAMERA.project(points[row]).astype(np.float32)
        corner, size = pixels.min(0), np.ptp(pixels, axis=0)
        box = Box(*map(float, (*(corner - 0.1 * size), *(1.2 * size))))
        noise = torch.randn(len(index), 2, generator=generator).numpy() * np.float32(
            CLICKING / CROP * box.side
        )
        keypoints = Keypoints2D("coco", pixels[index] + noise, np.ones(len(index), np.float32))
        theta1 = wrong[row : row + 1]
        if placed := place(theta1, keypoints, body):
            theta1 = replace(theta1, transl=placed.transl.numpy())
        yield Pair(_sample(true[row], row), theta1[0], Evidence(box, keypoints))


def _sample(truth: Parameters, row: int) -> Sample:
    smpl = Smpl(
        truth.global_orient, truth.body_pose, truth.betas, truth.transl, "neutral", "camera"
    )
    return Sample("motion capture", "test", str(row), smpl=smpl)


def table(rows: dict[str, list[tuple[Walk, Walk]]]) -> list[str]:
    """Lay out one line a family: MPJPE / PA in mm, the null path's beside the refiner's."""
    heads = ("Θ1", f"step {FIXED_STEP}", "suggested", "oracle", "null sugg.", "null oracle")
    head = f"{'family':14}{'n':>5}" + "".join(f"{head:>15}" for head in heads) + "  worse kept0"
    lines = [head]
    for family, pairs in rows.items():
        paper, null = ([pair[side] for pair in pairs] for side in (0, 1))
        cells = (
            [walk.errors[0] for walk in paper],
            [walk.errors[FIXED_STEP] for walk in paper],
            [_suggested(walk) for walk in paper],
            [_oracle(walk) for walk in paper],
            [_suggested(walk) for walk in null],
            [_oracle(walk) for walk in null],
        )
        figures = [np.mean(cell, axis=0) for cell in cells]
        text = "".join(f"{plain:8.1f} /{aligned:5.1f}" for plain, aligned in figures)
        worse = np.mean([_suggested(walk)[0] > walk.errors[0, 0] + WORSE for walk in paper])
        kept = np.mean([walk.suggested == 0 for walk in paper])
        lines.append(f"{family:14}{len(pairs):5}{text}  {worse:5.2f} {kept:5.2f}")
    curve = np.mean([paper.errors[:, 0] for paper, _ in rows["all"]], axis=0)
    shown = ", ".join(f"{step}: {curve[step]:.1f}" for step in range(0, len(curve), 8))
    lines.append(f"mean curve {shown}; least at step {curve.argmin()} ({curve.min():.1f} mm)")
    return lines


def _suggested(walk: Walk) -> NDArray[np.floating]:
    return np.asarray(walk.errors[walk.suggested])


def _oracle(walk: Walk) -> NDArray[np.floating]:
    """Return the errors (2,) at the step of least plain error."""
    return np.asarray(walk.errors[walk.errors[:, 0].argmin()])


def evaluate(
    takes: list[Take], count: int, seed: int, refiner: Refiner, body: BodyModel
) -> dict[str, list[tuple[Walk, Walk]]]:
    """Run the refiner and the null path on `count` poses of each family."""
    sampler, judge = PoseSampler(takes), judge_of(BENCHES["open"], Bodies3D(body))
    recommender = load_recommender(DEFAULT_RECOMMENDER, body)
    rows: dict[str, list[tuple[Walk, Walk]]] = {}
    for family, corrupt in FAMILIES.items():
        generator = torch.Generator().manual_seed(seed)
        rotations, _ = from_vector(sampler(count, generator, mix=False))
        rows[family] = []
        for pair in make_pairs(rotations, corrupt(rotations, generator), body, generator):
            evidence = pair.evidence
            path = refiner.trajectory(pair.theta1, evidence)
            null = null_path(path, evidence, body, generator)
            ours, theirs = (
                judged(each, pair.sample, evidence, recommender, judge) for each in (path, null)
            )
            rows[family].append((ours, theirs))
    rows["all"] = [pair for pairs in rows.values() for pair in pairs]
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure the refiner `paper`.")
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--count", type=int, default=100, help="poses of each family")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    body = load_body()
    takes, refiner = read_corpus(options.data, "test"), load_refiner("paper", body)
    rows = evaluate(takes, options.count, options.seed, refiner, body)
    sys.stdout.write("\n".join(table(rows)) + "\n")


if __name__ == "__main__":
    with one_line():
        main()
