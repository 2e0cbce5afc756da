import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.body import BodyModel, load_body
from core.frontends.lift import lift, swing
from core.frontends.limits import joint_limits
from core.keypoints import BLAZEPOSE, BODY_POINTS, body_points
from core.pose import JOINTS

FACING_CAMERA = np.array([np.pi, 0, 0])
DETERMINED = [JOINTS.index(name) for name in JOINTS if not name.endswith(("wrist", "hand"))]
"""Joints whose rotation BlazePose's points tell; fingers have no knuckles on the body."""


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def points_of(body: BodyModel, pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """Body points (45, 3) of local axis-angle (24, 3)."""
    rotations = torch.from_numpy(Rotation.from_rotvec(pose).as_matrix()).float()[None]
    points = body.points(rotations, torch.zeros(1, 10), torch.zeros(1, 3))
    return points[0].double().numpy()


def landmarks_of(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """BlazePose's 33 landmarks where body points stand for them."""
    landmarks = points[body_points("blazepose")]
    for index, name in enumerate(BLAZEPOSE):
        if name.endswith(("index_knuckle", "pinky_knuckle")):
            landmarks[index] = points[BODY_POINTS.index(name.removesuffix("_knuckle"))]
    return landmarks


def lifted_angles(body: BodyModel, pose: NDArray[np.float64]) -> NDArray[np.float64]:
    rest = points_of(body, np.zeros((24, 3)))
    rotations = lift(landmarks_of(points_of(body, pose)), rest)
    return (Rotation.from_matrix(rotations) * Rotation.from_rotvec(pose).inv()).magnitude()


def posed(**angles: tuple[float, float, float]) -> NDArray[np.float64]:
    pose = np.zeros((24, 3))
    pose[0] = FACING_CAMERA
    for name, angle in angles.items():
        pose[JOINTS.index(name)] = angle
    return pose


def test_a_person_who_stands_and_faces_the_camera_has_a_half_turn_about_x(
    body: BodyModel,
) -> None:
    rest = points_of(body, np.zeros((24, 3)))
    turned = lift(landmarks_of(points_of(body, posed())), rest)[0]
    np.testing.assert_allclose(turned, np.diag([1.0, -1, -1]), atol=1e-6)


def test_left_stays_left(body: BodyModel) -> None:
    rest = points_of(body, np.zeros((24, 3)))
    pose = posed(left_elbow=(0, -1.2, 0))
    rotations = lift(landmarks_of(points_of(body, pose)), rest)
    bend = Rotation.from_matrix(rotations).magnitude()
    assert bend[JOINTS.index("left_elbow")] == pytest.approx(1.2, abs=1e-3)
    assert bend[JOINTS.index("right_elbow")] < 0.05


@settings(max_examples=40, deadline=None)
@given(
    orient=st.tuples(*[st.floats(-3, 3)] * 3),
    elbow=st.floats(0.5, 2.2),
    knee=st.floats(0.5, 2.2),
    thigh=st.floats(-1.5, 0),
    arm=st.floats(-1.2, 1.0),
)
def test_bent_limbs_show_their_twist(
    body: BodyModel,
    orient: tuple[float, float, float],
    elbow: float,
    knee: float,
    thigh: float,
    arm: float,
) -> None:
    pose = posed(
        left_elbow=(0, -elbow, 0),
        right_elbow=(0, elbow, 0),
        left_knee=(knee, 0, 0),
        right_knee=(knee / 2, 0, 0),
        left_hip=(thigh, 0, 0),
        left_shoulder=(0, 0, arm),
    )
    pose[0] = orient
    away = np.rad2deg(lifted_angles(body, pose))
    assert away[DETERMINED].max() < 8, dict(zip(JOINTS, away.round(), strict=True))


def test_crossed_legs_fold_inwards_and_not_backwards(body: BodyModel) -> None:
    hip = (
        Rotation.from_euler("y", 60, degrees=True) * Rotation.from_rotvec([-1.5, 0, 0])
    ).as_rotvec()
    pose = posed(left_hip=tuple(hip), left_knee=(2.0, 0, 0))
    away = np.rad2deg(lifted_angles(body, pose))
    assert away[[JOINTS.index("left_hip"), JOINTS.index("left_knee")]].max() < 15


def test_a_knee_that_seems_to_bend_forwards_keeps_the_leg_untwisted(body: BodyModel) -> None:
    pose = posed(left_knee=(-0.3, 0, 0))
    away = np.rad2deg(lifted_angles(body, pose))
    assert away[JOINTS.index("left_hip")] < 8


def test_the_spine_shares_the_turn_of_the_shoulders(body: BodyModel) -> None:
    rest = points_of(body, np.zeros((24, 3)))
    pose = posed(spine2=(0, 0.9, 0))
    rotations = Rotation.from_matrix(lift(landmarks_of(points_of(body, pose)), rest))
    spine = [JOINTS.index(f"spine{number}") for number in (1, 2, 3)]
    np.testing.assert_allclose(rotations[spine].as_rotvec()[:, 1], 0.3, atol=0.03)


def test_the_head_turns_with_ears_and_nose_shared_with_the_neck(body: BodyModel) -> None:
    rest = points_of(body, np.zeros((24, 3)))
    pose = posed(neck=(0, 0.4, 0), head=(0, 0.4, 0))
    rotations = Rotation.from_matrix(lift(landmarks_of(points_of(body, pose)), rest))
    for name in ("neck", "head"):
        np.testing.assert_allclose(
            rotations[JOINTS.index(name)].as_rotvec(), [0, 0.4, 0], atol=0.02
        )


def test_points_that_all_fall_together_still_give_rotations(body: BodyModel) -> None:
    rest = points_of(body, np.zeros((24, 3)))
    rotations = lift(np.zeros((33, 3)), rest)
    assert np.isfinite(rotations).all()


@given(start=st.tuples(*[st.floats(-1, 1)] * 3), end=st.tuples(*[st.floats(-1, 1)] * 3))
def test_swing_brings_one_direction_onto_the_other(
    start: tuple[float, float, float], end: tuple[float, float, float]
) -> None:
    a, b = np.array(start), np.array(end)
    if min(np.linalg.norm(a), np.linalg.norm(b)) < 0.1:
        return
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    if a @ b < -0.99:
        return
    turn = swing(a, b)
    np.testing.assert_allclose(turn @ a, b, atol=1e-9)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    angle = np.arccos(np.clip(a @ b, -1, 1))
    assert Rotation.from_matrix(turn).magnitude() == pytest.approx(angle, abs=1e-6)


def test_limits_let_elbows_and_knees_bend_one_way_and_mirror_left_and_right() -> None:
    limits = np.rad2deg(joint_limits())
    left, right = (limits[JOINTS.index(f"{side}_elbow")] for side in ("left", "right"))
    assert left[1].tolist() == pytest.approx([-155, 2])
    assert right[1].tolist() == pytest.approx([-2, 155])
    assert limits[JOINTS.index("left_knee")][0].tolist() == pytest.approx([-2, 155])
    np.testing.assert_array_equal(limits[JOINTS.index("left_knee")][0], limits[5][0])
    assert np.isinf(limits[0]).all()
    assert (limits[1:, :, 0] < limits[1:, :, 1]).all()
