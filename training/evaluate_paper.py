"""Measures the refiner `paper`: `python -m training.evaluate_paper --data DIR`.

Poses of the test subjects on the open body, seen by a camera, are made wrong in stated ways
(`training.errors`). COCO keypoints with 4 px of noise on a 224 px crop choose the step. Joint
errors are of the 22 SMPL joints up to the wrists, pelvis at the origin, in mm: plain (MPJPE) and
after Procrustes alignment (PA). An oracle takes the step of least error against the truth. The null
path moves every joint as far from Θ1 as the refiner does, but in a random smooth direction: what
the oracle gains on it is not evidence of anything learnt.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body import BodyModel, load_body
from core.camera import Camera
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.metrics import joint_errors
from core.placement import place
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle, rotations_of
from core.pose.rotations import with_rotations as turned
from core.pose.vectors import from_vector
from core.refiners import Refiner, load_refiner
from core.suggest import score, suggest
from core.trajectory import Trajectory
from training.corpora.mocap import PoseSampler, Take, read_corpus
from training.errors import FAMILIES

CAMERA = Camera.assumed(1280, 960)
DISTANCE = (3.5, 7.0)
KEYPOINT_NOISE = 4 / 224
FIXED_STEP = 36
JOINTS_JUDGED = 22
WORSE = 2.0


@dataclass(frozen=True, eq=False)
class Sample:
    """A true pose, its points (45, 3), a rough annotation of it, and the evidence."""

    truth: NDArray[np.float32]
    theta1: Parameters
    evidence: Evidence


@dataclass(frozen=True, eq=False)
class Outcome:
    """Errors in mm of every step, (N+1, 2): plain, Procrustes; and the step suggested."""

    errors: NDArray[np.floating]
    suggested: int

    def at(self, step: int | None = None) -> NDArray[np.floating]:
        """Errors (2,) at a step, the suggested one if none is given."""
        return np.asarray(self.errors[self.suggested if step is None else step])

    @property
    def oracle(self) -> NDArray[np.floating]:
        """Errors (2,) at the step of least plain error."""
        return np.asarray(self.errors[self.errors[:, 0].argmin()])


def make_samples(
    rotations: Tensor, rough: Tensor, body: BodyModel, generator: torch.Generator
) -> Iterator[Sample]:
    """Photograph true poses (B, 24, 3, 3) and annotate them with the rough ones."""
    count = len(rotations)
    betas = torch.randn(count, 10, generator=generator)
    low, high = DISTANCE
    transl = torch.zeros(count, 3)
    transl[:, 2] = low + (high - low) * torch.rand(count, generator=generator)
    points = body.points(rotations, betas, transl).numpy()
    orient, pose = np.zeros((count, 3), np.float32), np.zeros((count, 23, 3), np.float32)
    everybody = turned(Parameters(orient, pose, betas.numpy(), transl.numpy(), CAMERA), rough)
    index = body_points("coco")
    for row in range(count):
        pixels = CAMERA.project(points[row]).astype(np.float32)
        corner, size = pixels.min(0), np.ptp(pixels, axis=0)
        box = Box(*map(float, (*(corner - 0.1 * size), *(1.2 * size))))
        noise = torch.randn(len(index), 2, generator=generator).numpy() * np.float32(
            KEYPOINT_NOISE * box.side
        )
        keypoints = Keypoints2D("coco", pixels[index] + noise, np.ones(len(index), np.float32))
        theta1 = everybody[row : row + 1]
        if placed := place(theta1, keypoints, body):
            theta1 = replace(theta1, transl=placed.transl.numpy())
        yield Sample(points[row], theta1[0], Evidence(box, keypoints))


def null_path(path: Trajectory, generator: torch.Generator) -> Trajectory:
    """Move each joint as far as a path does at every step, along a random slow curve."""
    rotations = rotations_of(path.steps)
    moved = matrix_to_axis_angle(rotations[0].mT @ rotations).norm(dim=-1, keepdim=True)
    first, second = torch.nn.functional.normalize(
        torch.randn(2, 24, 3, generator=generator), dim=-1
    )
    bend = torch.linspace(0, torch.pi / 2, len(path))[:, None, None]
    direction = torch.nn.functional.normalize(first * bend.cos() + second * bend.sin(), dim=-1)
    noise = axis_angle_to_matrix(direction * moved)
    return replace(path, steps=turned(path.steps, rotations[0] @ noise))


def judge(path: Trajectory, sample: Sample, body: BodyModel) -> Outcome:
    """Measure every step of a path, and let the keypoints suggest one."""
    steps = path.steps
    origin = torch.zeros(len(path), 3)
    points = body.points(rotations_of(steps), torch.from_numpy(steps.betas), origin).numpy()
    joints = 1000 * (points - points[:, :1])[:, :JOINTS_JUDGED]
    truth = 1000 * (sample.truth - sample.truth[:1])[None, :JOINTS_JUDGED]
    truth = np.broadcast_to(truth, joints.shape)
    errors = [joint_errors(joints, truth, how).mean(1) for how in ("none", "procrustes")]
    suggested = suggest(score(path, sample.evidence, body)).step
    return Outcome(np.stack(errors, axis=1), suggested)


def table(rows: dict[str, list[tuple[Outcome, Outcome]]]) -> list[str]:
    """Lay out one line a family: MPJPE / PA in mm, the null path's beside the refiner's."""
    heads = ("Θ1", f"step {FIXED_STEP}", "suggested", "oracle", "null sugg.", "null oracle")
    head = f"{'family':14}{'n':>5}" + "".join(f"{head:>15}" for head in heads) + "  worse kept0"
    lines = [head]
    for family, pairs in rows.items():
        paper, null = ([pair[side] for pair in pairs] for side in (0, 1))
        cells = (
            [o.at(0) for o in paper],
            [o.at(FIXED_STEP) for o in paper],
            [o.at() for o in paper],
            [o.oracle for o in paper],
            [o.at() for o in null],
            [o.oracle for o in null],
        )
        figures = [np.mean(cell, axis=0) for cell in cells]
        text = "".join(f"{plain:8.1f} /{aligned:5.1f}" for plain, aligned in figures)
        worse = np.mean([o.at()[0] > o.at(0)[0] + WORSE for o in paper])
        kept = np.mean([o.suggested == 0 for o in paper])
        lines.append(f"{family:14}{len(pairs):5}{text}  {worse:5.2f} {kept:5.2f}")
    curve = np.mean([paper.errors[:, 0] for paper, _ in rows["all"]], axis=0)
    shown = ", ".join(f"{step}: {curve[step]:.1f}" for step in range(0, len(curve), 8))
    lines.append(f"mean curve {shown}; least at step {curve.argmin()} ({curve.min():.1f} mm)")
    return lines


def evaluate(
    takes: list[Take], count: int, seed: int, refiner: Refiner, body: BodyModel
) -> dict[str, list[tuple[Outcome, Outcome]]]:
    """Run the refiner and the null path on `count` poses of each family."""
    sampler = PoseSampler(takes)
    rows: dict[str, list[tuple[Outcome, Outcome]]] = {}
    for family, corrupt in FAMILIES.items():
        generator = torch.Generator().manual_seed(seed)
        rotations, _ = from_vector(sampler(count, generator, mix=False))
        samples = make_samples(rotations, corrupt(rotations, generator), body, generator)
        rows[family] = []
        for sample in samples:
            path = refiner.trajectory(sample.theta1, sample.evidence)
            null = null_path(path, generator)
            rows[family].append((judge(path, sample, body), judge(null, sample, body)))
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
    main()
