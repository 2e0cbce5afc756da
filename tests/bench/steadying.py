"""How far a track should be steadied: `python -m tests.bench.steadying MOCAP`.

Motion capture of the validation subjects at 30 frames a second, 15, 10 and 6, every joint of every
frame turned at random. Mean angle to the truth before and after, by the Gaussian's deviation.
"""

import sys
from dataclasses import replace
from math import radians
from pathlib import Path

import numpy as np
import torch

from core.camera import Camera
from core.pose import Parameters
from core.pose.rotations import (
    axis_angle_to_matrix,
    geodesic,
    matrix_to_axis_angle,
    rotations_of,
)
from core.refiners import smoothing
from training.corpora.mocap import read_corpus

EVERY = (1, 2, 3, 5)
NOISE = (1.5, 3.0, 8.0)
"""Degrees about each axis."""
DEVIATIONS = (0.033, 0.05, 0.067, 0.08, 0.1, 0.133)
TAKES, FRAMES = 24, 240


def track_of(poses: np.ndarray) -> Parameters:
    count = len(poses)
    none = np.zeros((count, 10), np.float32), np.tile(np.float32([0, 0, 4]), (count, 1))
    return Parameters(poses[:, 0], poses[:, 1:], *none, Camera.assumed(640, 480))


def disturbed(track: Parameters, degrees: float, draw: np.random.Generator) -> Parameters:
    rotations = rotations_of(track)
    turns = draw.normal(0, radians(degrees), (*rotations.shape[:2], 3)).astype(np.float32)
    poses = matrix_to_axis_angle(rotations @ axis_angle_to_matrix(torch.from_numpy(turns))).numpy()
    return replace(track, global_orient=poses[:, 0], body_pose=poses[:, 1:])


def off(one: Parameters, other: Parameters) -> float:
    return float(np.degrees(geodesic(rotations_of(one), rotations_of(other)).mean().item()))


def main() -> int:
    draw = np.random.default_rng(0)
    takes = [take.poses for take in read_corpus(Path(sys.argv[1]), "validation")]
    some = [takes[at][:FRAMES] for at in draw.permutation(len(takes))[:TAKES]]
    shares: dict[float, list[float]] = {deviation: [] for deviation in DEVIATIONS}
    for every in EVERY:
        for degrees in NOISE:
            before, after = [], {deviation: [] for deviation in DEVIATIONS}
            for poses in some:
                true = track_of(poses[::every])
                rough = disturbed(true, degrees, draw)
                before.append(off(rough, true))
                times, nobody = np.arange(len(true)) * every / 30, np.zeros(len(true), bool)
                for deviation in DEVIATIONS:
                    smoothing.SECONDS = deviation
                    after[deviation].append(off(smoothing.smooth(rough, times, nobody), true))
            first = float(np.mean(before))
            words = [f"{30 / every:4.0f} frames a second, {first:4.1f} degrees off:"]
            for deviation, found in after.items():
                shares[deviation].append(float(np.mean(found)) / first)
                words.append(f"{deviation:g} s {np.mean(found):.1f}")
            sys.stdout.write("  ".join(words) + "\n")
    for deviation, found in shares.items():
        sys.stdout.write(
            f"{deviation:5g} s: {100 * np.mean(found):.0f} % is left on the mean,"
            f" {100 * max(found):.0f} % at worst\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
