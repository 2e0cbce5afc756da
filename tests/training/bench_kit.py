"""Small crowds and arms whose errors are known by hand, for tests of the benches."""

import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.camera import Camera
from core.contract.people import body
from core.evidence import Box, Evidence, Keypoints2D
from core.frontends import RoughAnnotation
from core.keypoints import body_points
from core.pose import JOINTS, Parameters
from core.refiners import Refiner
from core.trajectory import Trajectory
from training.corpora.mocap import Take
from training.corpora.records import Sample, Smpl
from training.rendered import render

CAMERA = Camera(500.0, 200.0, 250.0, 400, 500)
ELBOW = JOINTS.index("left_elbow") - 1


def upright(bend: float = 0.0) -> Parameters:
    """Somebody 4 m away, the left elbow bent by an angle about the body's z axis."""
    pose = np.zeros((23, 3), np.float32)
    pose[ELBOW, 2] = bend
    orient, transl = np.float32([np.pi, 0, 0]), np.float32([0, 0, 4])
    return Parameters(orient, pose, np.zeros(10, np.float32), transl, CAMERA)


def forearm() -> float:
    """Millimetres from the left elbow to the wrist."""
    joints = body().joints
    ends = (joints[JOINTS.index(name)] for name in ("left_elbow", "left_wrist"))
    return float(1000 * np.linalg.norm(np.subtract(*ends)))


def sample_of(theta: Parameters, name: str = "someone") -> Sample:
    """A person whose truth is this Θ, with its keypoints."""
    smpl = Smpl(
        theta.global_orient, theta.body_pose, theta.betas, theta.transl, "neutral", "camera"
    )
    pixels = CAMERA.project(body().pose(theta)[1][body_points("coco")])
    keypoints = Keypoints2D("coco", pixels, np.ones(17, np.float32))
    return Sample("test", "test", name, None, Box(100, 50, 150, 250), keypoints, smpl=smpl)


class BentFrontend:
    """Says of everybody that they stand upright with the left elbow bent."""

    name = "bent"
    weights_sha256 = "f" * 64

    def __init__(self, bend: float) -> None:
        self._bend = bend
        self.asked = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        return []

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        assert keypoints is None
        self.asked += 1
        return RoughAnnotation(upright(self._bend), None)


class Straighten(Refiner):
    """Straightens the left elbow by so many radians a step."""

    name = "straighten"
    weights_sha256 = "a" * 64

    def __init__(self, by: float) -> None:
        self._by = by

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = 57, seed: int = 0
    ) -> Trajectory:
        made = Parameters.stack([theta1] * (steps + 1))
        pose = made.body_pose.copy()
        pose[1:, ELBOW, 2] -= self._by * np.arange(1, steps + 1)
        path = Parameters(made.global_orient, pose, made.betas, made.transl, made.camera)
        return Trajectory(path, np.zeros(steps + 1, np.float32), self.name)


def write_open(folder: Path, counts: dict[str, int]) -> Path:
    """Render a few people of two takes a split."""
    rng = np.random.default_rng(0)
    for split, count in counts.items():
        poses = rng.normal(0, 0.1, (2, 3, 24, 3)).astype(np.float32)
        takes = [Take(f"{split} {number}", str(number), one) for number, one in enumerate(poses)]
        for _ in render(takes, split, count, 0, body(), folder):
            pass
    return folder


def real_pictures(folder: Path) -> Path:
    """Put grey pictures in the place of the empty files that corpus writers touch."""
    for path in folder.rglob("*.jpg"):
        Image.new("RGB", (64, 48), (90, 90, 90)).save(path)
    return folder


@dataclass
class Alone:
    """A batch of nobody."""

    people = ()
    words = ""


def deaf_to_ctrl_c(_: Alone) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
