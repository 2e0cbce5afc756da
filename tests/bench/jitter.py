"""How often real motion is said to jump, and wrong frames: `python -m tests.bench.jitter MOCAP`.

Motion capture of the validation subjects, at 30 frames a second, 15, 10 and 5. Into
every window of 3 seconds one wrong frame is put: an arm or a leg turned by 40 degrees. Then
how long 3,000 frames take.
"""

import sys
import tempfile
import time
from math import radians
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sqlalchemy import insert, select

from core.body import load_body
from core.camera import Camera
from core.evidence import Box
from core.jobs import finish
from core.jobs.motion import motion_of
from core.metrics.jitter import accelerations, jumps
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix
from core.project import Found, Project, Source
from core.project.schema import PersonTable, RunTable, Theta1Table
from core.trajectory import Suggestion, Trajectory
from training.corpora.mocap import read_corpus

SECONDS = 3
LIMBS = (1, 2, 16, 17)
"""Hips and shoulders."""
WRONG = radians(40)


def joints_of(poses: np.ndarray, body: torch.nn.Module) -> np.ndarray:
    rotations = axis_angle_to_matrix(torch.from_numpy(poses))
    none = torch.zeros(len(poses), 3)
    with torch.no_grad():
        return body.points(rotations, torch.zeros(len(poses), 10), none)[:, :24].numpy()


def judge(every: int, folder: Path, body: torch.nn.Module) -> str:
    draw = np.random.default_rng(0)
    window = SECONDS * 30 // every
    times = np.arange(window) * every / 30
    alarms = frames = found = wrong = 0
    typical = []
    for take in read_corpus(folder, "validation"):
        poses = take.poses[::every]
        for start in range(0, len(poses) - window + 1, window):
            some = poses[start : start + window].copy()
            real = accelerations(joints_of(some, body), times)
            typical.append(real)
            alarms += int(jumps(real, times).sum())
            frames += window
            at, limb = draw.integers(5, window - 5), LIMBS[draw.integers(4)]
            axis = draw.normal(size=3)
            some[at, limb] += (WRONG * axis / np.linalg.norm(axis)).astype(np.float32)
            near = jumps(accelerations(joints_of(some, body), times), times)[at - 1 : at + 2]
            found, wrong = found + bool(near.any()), wrong + 1
    middle, high = np.nanquantile(np.concatenate(typical), (0.5, 0.99))
    return (
        f"{30 / every:4.0f} frames a second: real motion {middle:.1f} m/s2 (99 %: {high:.1f}), "
        f"{100 * alarms / frames:.2f} % of {frames} frames said to jump; "
        f"{100 * found / wrong:.0f} % of {wrong} wrong frames found"
    )


def speed(body: torch.nn.Module, count: int = 3000, steps: int = 57) -> str:
    """Measure a track whose persons have runs of full length."""
    none = np.zeros(3), np.zeros((23, 3)), np.zeros(10)
    theta = Parameters(*none, np.float32([0, 0, 3]), Camera.assumed(640, 480))
    path = Trajectory(Parameters.stack([theta] * (steps + 1)), np.arange(steps + 1.0), "identity")
    with tempfile.TemporaryDirectory() as folder:
        Image.new("RGB", (640, 480)).save(Path(folder) / "a.png")
        with Project.create(Path(folder) / "p.diffannot") as project:
            image = project.add_image(Path(folder) / "a.png")
            project.add_people([Found(image, Box(0, 0, 9, 9), None, "a", theta)], Source("x"))
            scores, suggestion = np.zeros(steps + 1, np.float32), Suggestion(3, 1.0, "x")
            project.add_run(1, 1, path, scores, suggestion, "w", 0, "b")
            _copy(project, count)
            rows = project.rows()
            start, own = time.perf_counter(), time.process_time()
            finish(motion_of(project, rows, body))
            clock, own = time.perf_counter() - start, time.process_time() - own
    return f"{count} frames of {steps + 1} steps: {clock:.1f} s, {own:.1f} s of the processor"


def _copy(project: Project, count: int) -> None:
    """Make so many of the one person who is there."""
    with project._store.write() as session:
        for table in (PersonTable, Theta1Table, RunTable):
            one = dict(session.execute(select(table.__table__)).mappings().one())
            keys = [name for name in one if name in ("id", "person_id", "theta1_id", "run_id")]
            keys += ["number"] if "number" in one else []
            for start in range(2, count + 1, 100):
                some = range(start, min(start + 100, count + 1))
                session.execute(insert(table), [one | dict.fromkeys(keys, n) for n in some])


def main() -> int:
    body = load_body()
    for every in (1, 2, 3, 6):
        sys.stdout.write(judge(every, Path(sys.argv[1]), body) + "\n")
    sys.stdout.write(speed(body) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
