"""Skin about a joint keeps its distance from it: neither collapse nor candy-wrapping."""

import dataclasses

import numpy as np
import pytest
import torch

from assets import OPEN_BODY
from core.body import BodyModel
from core.body.files import BodyData, read_body
from core.pose import JOINTS, PARENTS
from core.pose.rotations import axis_angle_to_matrix

Turn = tuple[float, float, float]


@pytest.fixture(scope="module")
def data() -> BodyData:
    return read_body(OPEN_BODY)


@pytest.fixture(scope="module")
def body(data: BodyData) -> BodyModel:
    return BodyModel(data)


def crease(data: BodyData, joint: int) -> torch.Tensor:
    """Vertices that follow a joint by between 30 and 70 %."""
    below = [joint]
    for child, parent in enumerate(PARENTS):
        if parent in below:
            below.append(child)
    follows = data.weights[:, below].sum(axis=1)
    return torch.from_numpy(np.flatnonzero((follows > 0.3) & (follows < 0.7)))


def kept_distance(data: BodyData, body: BodyModel, name: str, turn: Turn) -> torch.Tensor:
    """Distance of the crease from its joint, as a share of that at rest."""
    joint = JOINTS.index(name)
    pose = torch.zeros(2, 24, 3)
    pose[1, joint] = torch.deg2rad(torch.tensor(turn))
    vertices, points = body.forward(
        axis_angle_to_matrix(pose), torch.zeros(2, 10), torch.zeros(2, 3)
    )
    distance = (vertices[:, crease(data, joint)] - points[:, joint : joint + 1]).norm(dim=-1)
    return distance[1] / distance[0]


BENDS = [
    ("left_shoulder", (0.0, 0.0, 80.0)),
    ("right_shoulder", (0.0, 90.0, 0.0)),
    ("left_elbow", (0.0, -90.0, 0.0)),
    ("left_hip", (-90.0, 0.0, 0.0)),
    ("right_hip", (-90.0, 0.0, 0.0)),
    ("right_knee", (90.0, 0.0, 0.0)),
]
TWISTS = [("left_shoulder", (80.0, 0.0, 0.0)), ("right_wrist", (-90.0, 0.0, 0.0))]


@pytest.mark.parametrize("name,turn", BENDS + TWISTS)
def test_a_right_angle_hardly_thins_the_limb(
    data: BodyData, body: BodyModel, name: str, turn: Turn
) -> None:
    kept = kept_distance(data, body, name, turn)
    assert kept.mean() > 0.9
    assert kept.min() > 0.75
    assert kept.mean() < 1.06


@pytest.mark.parametrize("name,turn", BENDS + TWISTS)
def test_the_correctives_are_what_keeps_it(data: BodyData, name: str, turn: Turn) -> None:
    plain = BodyModel(dataclasses.replace(data, posedirs=np.zeros_like(data.posedirs)))
    assert kept_distance(data, plain, name, turn).mean() < 0.89


@pytest.mark.parametrize(
    "name,turn", [("left_hip", (-120.0, 0.0, 0.0)), ("left_knee", (120.0, 0.0, 0.0))]
)
def test_far_bends_do_not_collapse(data: BodyData, body: BodyModel, name: str, turn: Turn) -> None:
    kept = kept_distance(data, body, name, turn)
    assert kept.mean() > 0.84
    assert kept.min() > 0.7


def test_a_turned_wrist_twists_the_forearm_gradually(body: BodyModel) -> None:
    pose = torch.zeros(2, 24, 3)
    pose[1, JOINTS.index("left_wrist"), 0] = torch.pi / 2
    vertices, points = body.forward(
        axis_angle_to_matrix(pose), torch.zeros(2, 10), torch.zeros(2, 3)
    )
    elbow, wrist = points[0, JOINTS.index("left_elbow")], points[0, JOINTS.index("left_wrist")]
    along = (vertices[0, :, 0] - elbow[0]) / (wrist[0] - elbow[0])
    turned = []
    for share in (0.2, 0.4, 0.6, 0.8):
        ring = (along - share).abs() < 0.06
        around = vertices[:, ring][..., 1:] - elbow[1:]
        angle = torch.atan2(around[..., 1], around[..., 0])
        difference = torch.remainder(angle[0] - angle[1] + torch.pi, 2 * torch.pi) - torch.pi
        turned.append(difference.median().abs().rad2deg().item())
    assert turned == sorted(turned)
    assert turned[0] < 15
    assert 25 < turned[2] < 65
