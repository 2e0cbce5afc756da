"""Someone to try a plug-in on: a body whose truth is known, a rough annotation, keypoints."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.camera import Camera
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.pose import JOINTS, Parameters
from core.pose.parameters import SHAPES
from core.project import AcceptTheta1, Project, Source

if TYPE_CHECKING:
    from core.body import BodyModel

CAMERA = Camera.assumed(640, 480)
BOX = Box(200, 40, 220, 400)
BLIND = Evidence(BOX)
"""Nothing is known but the box."""


@cache
def body() -> "BodyModel":
    """Return the open body."""
    from core.body import load_body

    return load_body()


def truth(number: int = 0) -> Parameters:
    """Return someone who stands before the camera, arms down; each number another pose."""
    pose = np.zeros((23, 3), np.float32)
    pose[JOINTS.index("left_shoulder") - 1, 2] = -1.2
    pose[JOINTS.index("right_shoulder") - 1, 2] = 1.2
    pose += np.random.default_rng(number).normal(0, 0.1, (23, 3))
    betas = np.zeros(10, np.float32)
    betas[0] = 1.5 - number / 2
    transl = np.array([0.05, 0.1, 4.4 + number / 4], np.float32)
    orient = np.array([np.pi - 0.1, 0.1, 0.05], np.float32)
    return Parameters(orient, pose.astype(np.float32), betas, transl, CAMERA)


def rough(number: int = 0, degrees: float = 15) -> Parameters:
    """Return the same person annotated wrongly: every joint turned by about so many degrees."""
    true = truth(number)
    draw = np.random.default_rng(100 + number)
    noise = draw.normal(0, np.radians(degrees) / 3**0.5, (23, 3)).astype(np.float32)
    return replace(true, body_pose=true.body_pose + noise)


def seen(number: int = 0) -> Evidence:
    """Return the box and the true keypoints of the person."""
    points = body().pose(truth(number))[1]
    pixels = CAMERA.project(points[body_points("coco")]).astype(np.float32)
    return Evidence(BOX, Keypoints2D("coco", pixels, np.ones(len(pixels), np.float32)))


def half_seen(number: int = 0) -> Evidence:
    """Return the evidence without the legs, and with two keypoints that are no numbers."""
    known = seen(number).keypoints
    assert known is not None
    confidence = known.confidence.copy()
    confidence[11:] = 0
    confidence[[3, 9]] = np.nan
    return Evidence(BOX, replace(known, confidence=confidence))


def same(one: Parameters, two: Parameters) -> bool:
    """Whether annotations are the same to the bit."""
    return one.camera == two.camera and all(
        getattr(one, name).tobytes() == getattr(two, name).tobytes() for name in SHAPES
    )


def picture(path: Path, number: int = 0) -> Path:
    """Write a picture of 640 x 480 pixels with nobody in it."""
    Image.new("RGB", (CAMERA.width, CAMERA.height), (40 * number % 256, 90, 120)).save(path)
    return path


def project_in(folder: Path, persons: int = 3) -> Project:
    """Make a project: people with keypoints, accepted as they are, the first two on one track."""
    made = Project.create(folder / "contract.diffannot")
    for number in range(persons):
        image = made.add_image(picture(folder / f"picture {number}.png", number))
        track = "t" if number < 2 else None
        box = replace(BOX, x=BOX.x + number)
        person = made.add_person(image, box, seen(number).keypoints, track)
        theta1 = made.add_theta1(person, truth(number), Source("contract"))
        made.decide(AcceptTheta1(person, theta1))
    return made
