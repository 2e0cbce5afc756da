import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Box, Keypoints2D
from core.frontends import DEFAULT_FRONTEND, FRONTENDS, load_frontend
from core.frontends.fit import Target, fit
from core.frontends.standing import Standing
from core.keypoints import BODY_POINTS
from core.pose import JOINTS, Parameters

CAMERA = Camera.assumed(800, 600)
SIDE = 400.0


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def someone(**angles: tuple[float, float, float]) -> Parameters:
    pose = np.zeros((24, 3), dtype=np.float32)
    pose[0] = (np.pi, 0, 0)
    for name, angle in angles.items():
        pose[JOINTS.index(name)] = angle
    transl = np.array([0.4, -0.2, 4.5], dtype=np.float32)
    return Parameters(pose[0], pose[1:], np.zeros(10), transl, CAMERA)


def seen(body: BodyModel, who: Parameters) -> Keypoints2D:
    pixels = CAMERA.project(body.pose(who)[1])
    return Keypoints2D("smpl_45", pixels, np.ones(len(BODY_POINTS)))


def rotations_of(who: Parameters) -> NDArray[np.float64]:
    angles = np.concatenate([who.global_orient[None], who.body_pose])
    return Rotation.from_rotvec(angles).as_matrix()


def fitted(
    body: BodyModel, truth: Parameters, start: Parameters, keypoints: Keypoints2D
) -> tuple[Parameters, NDArray[np.float64]]:
    """Fit from another pose; also returns the misses (45,) from the truth, share of the side."""
    world = body.pose(start)[1]
    found = fit(body, rotations_of(start), world, Target.of([keypoints], SIDE), CAMERA)
    miss = CAMERA.project(body.pose(found)[1]) - CAMERA.project(body.pose(truth)[1])
    return found, np.linalg.norm(miss, axis=1) / SIDE


def test_the_truth_is_left_where_it_is(body: BodyModel) -> None:
    truth = someone(left_elbow=(0, -1, 0), right_knee=(0.8, 0, 0))
    found, miss = fitted(body, truth, truth, seen(body, truth))
    assert miss.max() < 1e-3
    np.testing.assert_allclose(found.transl, truth.transl, atol=0.02)
    np.testing.assert_allclose(found.body_pose, truth.body_pose, atol=0.02)


def test_a_rough_pose_is_brought_onto_the_keypoints(body: BodyModel) -> None:
    truth = someone(left_shoulder=(0, 0, 0.9), right_hip=(-0.8, 0, 0), right_knee=(1, 0, 0))
    start = someone(left_shoulder=(0, 0, 0.3), right_hip=(-0.3, 0, 0), right_knee=(0.5, 0, 0))
    _, miss = fitted(body, truth, start, seen(body, truth))
    assert miss.mean() < 0.01


def test_one_wrong_keypoint_pulls_nothing_along(body: BodyModel) -> None:
    truth = someone()
    keypoints = seen(body, truth)
    wrist = BODY_POINTS.index("left_wrist")
    keypoints.points[wrist] += (0, 0.6 * SIDE)
    _, miss = fitted(body, truth, truth, keypoints)
    assert miss.max() < 0.03


def test_knees_and_elbows_do_not_bend_the_wrong_way(body: BodyModel) -> None:
    wrong = someone(left_knee=(-1.0, 0, 0), right_elbow=(0, -1.0, 0))
    found, _ = fitted(body, wrong, wrong, seen(body, wrong))
    knee = found.body_pose[JOINTS.index("left_knee") - 1]
    elbow = found.body_pose[JOINTS.index("right_elbow") - 1]
    assert knee[0] > -0.25
    assert elbow[1] > -0.25


def test_a_taller_person_is_taller_or_nearer_but_not_misshapen(body: BodyModel) -> None:
    truth = someone()
    tall = Parameters(truth.global_orient, truth.body_pose, np.eye(10)[0] * 2, truth.transl, CAMERA)
    found, miss = fitted(body, tall, truth, seen(body, tall))
    assert miss.mean() < 0.01
    assert np.abs(found.betas).max() < 2.5


def test_the_same_input_gives_the_same_bytes(body: BodyModel) -> None:
    truth, start = someone(left_hip=(-0.5, 0, 0)), someone()
    first, _ = fitted(body, truth, start, seen(body, truth))
    again, _ = fitted(body, truth, start, seen(body, truth))
    assert first.body_pose.tobytes() == again.body_pose.tobytes()
    assert first.transl.tobytes() == again.transl.tobytes()


def test_given_keypoints_take_the_place_of_the_frontends_own() -> None:
    own = Keypoints2D("blazepose", np.full((33, 2), 5.0), np.full(33, 0.7))
    confidence = np.zeros(17)
    confidence[9] = 1
    given = Keypoints2D("coco", np.full((17, 2), 9.0), confidence)
    target = Target.of([own, given], SIDE)
    left, right = (BODY_POINTS.index(f"{side}_wrist") for side in ("left", "right"))
    assert target.pixels[left].tolist() == [9, 9]
    assert target.weight[left] == 1
    assert target.pixels[right].tolist() == [5, 5]
    assert target.weight[right] == pytest.approx(0.7)
    assert target.weight[BODY_POINTS.index("spine1")] == 0


def test_keypoints_of_one_body_point_are_averaged_by_confidence() -> None:
    points, confidence = np.zeros((33, 2)), np.zeros(33)
    points[19], confidence[19] = (10, 0), 0.9  # left index
    points[17], confidence[17] = (40, 0), 0.3  # left pinky
    target = Target.of([Keypoints2D("blazepose", points, confidence)], SIDE)
    hand = BODY_POINTS.index("left_hand")
    np.testing.assert_allclose(target.pixels[hand], [17.5, 0])
    assert target.weight[hand] == pytest.approx(0.9)


@pytest.mark.parametrize("box", [Box(300, 100, 150, 400), Box(5, 300, 60, 120)])
def test_the_standing_body_fills_its_box_and_faces_the_camera(body: BodyModel, box: Box) -> None:
    image = np.zeros((600, 800, 3), dtype=np.uint8)
    rough = load_frontend("standing", body).annotate(image, box)
    pixels = CAMERA.project(body.pose(rough.theta1)[0])
    assert np.ptp(pixels[:, 1]) == pytest.approx(box.height, rel=0.01)
    middle = (pixels.min(0) + pixels.max(0)) / 2
    np.testing.assert_allclose(middle, box.centre, atol=0.01 * box.height)
    points = body.pose(rough.theta1)[1]
    nose, head, foot = (points[BODY_POINTS.index(n)] for n in ("nose", "head", "left_foot"))
    assert nose[2] < head[2]
    assert head[1] < foot[1]
    assert rough.keypoints is None


def test_frontends_are_made_by_name(body: BodyModel) -> None:
    assert DEFAULT_FRONTEND == "blazepose"
    assert isinstance(load_frontend("standing", body), Standing)
    with pytest.raises(UnreadableInput, match=", ".join(FRONTENDS)):
        load_frontend("nobody", body)


def test_the_fit_leaves_the_callers_gradients_alone(body: BodyModel) -> None:
    truth = someone()
    fitted(body, truth, truth, seen(body, truth))
    assert torch.is_grad_enabled()
