from pathlib import Path

import numpy as np
import pytest
import torch

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import InvalidAnnotation
from core.evidence import Box, Keypoints2D
from core.keypoints import BODY_POINTS, COCO, H36M, HALPE
from core.pose import Parameters
from training.corpora.records import Joints3D, Sample, Smpl
from training.supervision import TrainedPoints, joints_2d, joints_3d
from training.targets import targets_of

FOCAL = np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def test_keypoints_find_their_point_by_name_then_the_regressors_then_the_nearest(
    body: BodyModel,
) -> None:
    plain = TrainedPoints(body)
    regressed = TrainedPoints(body, torch.zeros(17, body.num_vertices), "h36m")
    nose, hip, neck = COCO.index("nose"), COCO.index("left_hip_extra"), HALPE.index("neck_extra")
    assert plain.places("coco")[nose] == regressed.places("coco")[nose] == BODY_POINTS.index("nose")
    assert plain.places("coco")[hip] == BODY_POINTS.index("left_hip")
    assert regressed.places("coco")[hip] == 45 + H36M.index("left_hip_extra")
    assert plain.places("halpe")[neck] == -1
    assert regressed.places("halpe")[neck] == 45 + H36M.index("neck_extra")


def theta1() -> Parameters:
    return Parameters(
        np.full(3, 0.1, np.float32), np.zeros((23, 3), np.float32), np.full(10, 0.5, np.float32),
        np.array([0, 0, 3], np.float32),
        Camera(700, 100, 200, 200, 400),
    )  # fmt: skip


def keypoints(convention: str, count: int) -> Keypoints2D:
    points = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    return Keypoints2D(convention, points, np.full(count, 0.5, dtype=np.float32))


def test_people_with_keypoints_only_stand_beside_people_with_everything(body: BodyModel) -> None:
    truth = Smpl(
        np.full(3, 0.2, np.float32), np.zeros((23, 3), np.float32), np.ones(10, np.float32),
        np.array([0, 0, 5], np.float32), "male", "camera",
    )  # fmt: skip
    joints = Joints3D("smpl_24", np.ones((24, 3), np.float32), np.ones(24, bool), 0, "camera")
    box = Box(0, 0, 50, 80)
    outdoors = Sample(
        "3DPW", "train", "a", Path("a.jpg"), box, keypoints("pw3d", 18), joints, truth,
        FOCAL,
    )  # fmt: skip
    halpe = Sample("Halpe", "train", "b", Path("b.jpg"), box, keypoints("halpe", 136))
    got = targets_of([outdoors, halpe], [None, theta1()], TrainedPoints(body), 82)
    assert got.true.tolist() == [True, False]
    torch.testing.assert_close(got.start[0], torch.tensor([0.2] * 3 + [0.0] * 69 + [1.0] * 10))
    torch.testing.assert_close(got.start[1], torch.tensor([0.1] * 3 + [0.0] * 69 + [0.5] * 10))
    assert got.known.sum(1).tolist() == [24, 0]
    assert got.side.tolist() == [80, 80]
    assert got.transl[:, 2].tolist() == [5, 3]
    assert got.intrinsics[0].tolist() == FOCAL.tolist()
    assert got.intrinsics[1].tolist() == [[700, 0, 100], [0, 700, 200], [0, 0, 1]]
    wrist = BODY_POINTS.index("left_wrist")
    assert got.pixels[1, wrist].tolist() == [2 * 9, 2 * 9 + 1]
    assert got.confidence[1, wrist] == 0.5
    stood = TrainedPoints(body)(got.start, got.transl)
    assert joints_2d(stood, got).gt(0).all()
    assert joints_3d(stood, got, "procrustes").ne(0).tolist() == [True, False]


def test_keypoints_of_one_place_are_averaged_by_confidence(body: BodyModel) -> None:
    hand = keypoints("halpe", 136)
    knuckles = [HALPE.index(name) for name in ("left_index_1", "left_pinky_1")]
    hand.points[knuckles] = (10, 0), (30, 8)
    hand.confidence[knuckles] = 0.75, 0.25
    sample = Sample("Halpe", "train", "b", None, Box(0, 0, 1, 1), hand)
    got = targets_of([sample], [theta1()], TrainedPoints(body), 154)
    place = BODY_POINTS.index("left_hand")
    assert got.pixels[0, place].tolist() == [15, 2]
    assert got.confidence[0, place] == 0.5


@pytest.mark.parametrize("lacks", ["box", "camera"])
def test_keypoints_without_box_or_camera_do_not_count(body: BodyModel, lacks: str) -> None:
    truth = Smpl(
        np.zeros(3, np.float32), np.zeros((23, 3), np.float32), np.zeros(10, np.float32),
        None, "neutral", "camera",
    )  # fmt: skip
    sample = Sample(
        "x", "train", "a", None, None if lacks == "box" else Box(0, 0, 9, 9),
        keypoints("coco", 17), None, truth,
    )  # fmt: skip
    rough = None if lacks == "camera" else theta1()
    got = targets_of([sample], [rough], TrainedPoints(body), 154)
    assert got.confidence.eq(0).all()
    assert got.true.all()


def test_somebody_of_whom_nothing_is_known_is_named(body: BodyModel) -> None:
    sample = Sample("Halpe", "train", "picture 7")
    with pytest.raises(InvalidAnnotation, match="picture 7"):
        targets_of([sample], [None], TrainedPoints(body), 154)


def test_true_parameters_without_joints_are_posed_for_them(body: BodyModel) -> None:
    turned = np.array([0, 0.5, 0], np.float32)
    truth = Smpl(turned, np.zeros((23, 3), np.float32), np.ones(10, np.float32), None,
                 "neutral", "camera")  # fmt: skip
    joints = Joints3D("smpl_24", np.ones((24, 3), np.float32), np.ones(24, bool), 0, "camera")
    people = [Sample("x", "train", "a", smpl=truth), Sample("x", "train", "b", None, None, None,
              joints, truth)]  # fmt: skip
    got = targets_of(people, [None, None], TrainedPoints(body), 226)
    assert got.known.sum(1).tolist() == [45, 24]
    posed = Parameters(turned, truth.body_pose, np.ones(10), np.zeros(3), theta1().camera)
    np.testing.assert_allclose(got.joints[0], body.pose(posed)[1], atol=1e-5)
    assert got.joints[1, :24].eq(1).all()


def test_parameters_of_a_world_that_no_camera_sees_are_not_true_here(body: BodyModel) -> None:
    truth = Smpl(np.zeros(3, np.float32), np.zeros((23, 3), np.float32), np.ones(10, np.float32),
                 None, "neutral", "world")  # fmt: skip
    got = targets_of(
        [Sample("mocap", "train", "a", smpl=truth)], [theta1()], TrainedPoints(body), 82
    )
    assert not got.true.any()
    torch.testing.assert_close(got.start[0, :3], torch.full((3,), 0.1))
