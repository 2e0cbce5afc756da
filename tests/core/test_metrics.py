from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from core.errors import InvalidAnnotation
from core.metrics import (
    accel_error,
    angle_errors,
    auc,
    fitted,
    global_rotations,
    mpjae,
    mpjpe,
    pck,
    pck_2d,
    pve,
    reprojection_normalised,
    reprojection_px,
    similarity,
)
from core.pose import JOINTS

REFERENCE = Path(__file__).resolve().parents[3] / "shared/reference/mmhuman3d_metrics.npz"
ALIGNMENTS = ["none", "scale", "procrustes"]


def along_x(*millimetres: float) -> tuple[np.ndarray, np.ndarray]:
    """One sample whose joints are off by these distances."""
    gt = np.zeros((1, len(millimetres), 3))
    pred = gt.copy()
    pred[0, :, 0] = millimetres
    return pred, gt


def test_equal_joints_have_no_error_and_are_all_correct() -> None:
    gt = np.random.default_rng(0).normal(0, 300, (4, 14, 3))
    for align in ("none", "scale", "procrustes"):
        assert mpjpe(gt, gt, align=align) == pytest.approx(0, abs=1e-9)
        assert pck(gt, gt, align=align) == 100
    assert auc(gt, gt) == pytest.approx(100 * 30 / 31)  # nothing is below the threshold 0
    assert (accel_error(gt, gt) == 0).all()


def test_a_shift_of_three_four_five_is_an_error_of_five() -> None:
    gt = np.zeros((2, 4, 3))
    assert mpjpe(gt + np.array([3.0, 0.0, 4.0]), gt) == 5.0
    assert pve(gt + np.array([3.0, 0.0, 4.0]), gt) == 5.0


def test_masked_joints_do_not_count_and_the_rest_is_pooled() -> None:
    gt = np.zeros((2, 2, 3))
    pred = np.array([[[1.0, 0, 0], [100.0, 0, 0]], [[4.0, 0, 0], [7.0, 0, 0]]])
    mask = np.array([[True, False], [True, True]])
    assert mpjpe(pred, gt, mask) == 4  # (1 + 4 + 7) / 3, not the mean of 1 and 5.5
    assert pck(pred, gt, mask, threshold=7) == pytest.approx(200 / 3)


def test_masked_joints_still_pull_at_the_alignment() -> None:
    gt = np.random.default_rng(1).normal(size=(1, 6, 3))
    pred = gt.copy()
    pred[0, 5] += 10
    mask = np.ones((1, 6), dtype=bool)
    mask[0, 5] = False
    assert mpjpe(pred, gt, mask) == 0
    assert mpjpe(pred, gt, mask, align="procrustes") > 0.1


def test_procrustes_undoes_a_similarity_but_no_mirror() -> None:
    gt = np.random.default_rng(0).normal(size=(3, 17, 3))
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    np.testing.assert_allclose(fitted(2.5 * gt @ turn.T + 7, gt, "procrustes"), gt, atol=1e-12)
    assert mpjpe(2.5 * gt @ turn.T + 7, gt) > 5
    assert mpjpe(gt * [1, 1, -1], gt, align="procrustes") > 0.1


@settings(max_examples=30)
@given(st.floats(0.2, 5), st.integers(0, 2**16))
def test_a_similarity_is_found_again(scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    gt = rng.normal(size=(2, 9, 3))
    turn = Rotation.random(2, rng).as_matrix()
    shift = rng.normal(size=(2, 3))
    pred = (gt - shift[:, None]) @ turn / scale  # gt = scale * turn @ pred + shift
    found = similarity(pred, gt)
    np.testing.assert_allclose(found.scale, scale, rtol=1e-9)
    np.testing.assert_allclose(found.rotation, turn, atol=1e-9)
    np.testing.assert_allclose(found.translation, shift, atol=1e-9)


def test_scaling_leaves_turns_and_shifts() -> None:
    gt = np.array([[[1.0, 0, 0], [0, 1, 0]]])
    assert mpjpe(4 * gt, gt, align="scale") == 0
    assert mpjpe(4 * gt[:, ::-1], gt, align="scale") == 1  # no scale helps: all goes to 0


def test_joints_that_coincide_go_to_the_centre() -> None:
    gt = np.array([[[3.0, 0, 0], [-3, 0, 0]]])
    assert mpjpe(np.full_like(gt, 9), gt, align="procrustes") == pytest.approx(3)
    assert mpjpe(np.zeros_like(gt), gt, align="scale") == 3


def test_a_joint_on_the_threshold_is_not_correct() -> None:
    pred, gt = along_x(149.9, 150, 0, 1000)
    assert pck(pred, gt) == 50
    assert pck(pred, gt, threshold=150.1) == 75


def test_auc_is_the_mean_over_thirty_one_thresholds() -> None:
    pred, gt = along_x(72)
    assert auc(pred, gt) == pytest.approx(100 * 16 / 31)  # 75, 80, .. 150 are above 72
    assert auc(*along_x(75)) == pytest.approx(100 * 15 / 31)
    assert auc(pred, gt, thresholds=[70, 80]) == 50


def test_constant_acceleration_is_its_own_error_against_rest() -> None:
    time = np.arange(6.0)
    pred = np.zeros((6, 2, 3))
    pred[:, :, 1] = 0.5 * 4 * time[:, None] ** 2 + 3 * time[:, None] + 1
    np.testing.assert_allclose(accel_error(pred, np.zeros_like(pred)), [4] * 4)
    np.testing.assert_allclose(accel_error(pred, pred + 50 * time[:, None, None]), 0, atol=1e-9)


def test_a_frame_that_does_not_count_voids_three_windows() -> None:
    pred = np.random.default_rng(0).normal(size=(8, 3, 3))
    every = accel_error(pred, np.zeros_like(pred))
    mask = np.ones(8, dtype=bool)
    mask[4] = False
    np.testing.assert_array_equal(accel_error(pred, np.zeros_like(pred), mask), every[[0, 1, 5]])


def test_angles_are_exact_from_zero_to_half_a_turn() -> None:
    degrees = np.array([0, 1e-6, 30, 179.999, 180])
    turns = Rotation.from_rotvec(np.radians(degrees)[:, None] * [0, 1, 0]).as_matrix()
    np.testing.assert_allclose(angle_errors(np.eye(3), turns), degrees, atol=1e-9)
    pred, gt = turns[None, :4], np.broadcast_to(np.eye(3), (1, 4, 3, 3))
    mask = np.array([[True, False, True, False]])
    assert mpjae(pred, gt, mask) == pytest.approx(15)


def test_global_rotations_add_up_along_the_limb() -> None:
    local = np.broadcast_to(np.eye(3), (1, 24, 3, 3)).copy()
    tenth = Rotation.from_euler("z", 10, degrees=True).as_matrix()
    for name in ("pelvis", "left_hip", "left_knee"):
        local[0, JOINTS.index(name)] = tenth
    found = angle_errors(np.eye(3), global_rotations(local))[0]
    by_name = dict(zip(JOINTS, found, strict=True))
    assert by_name["left_foot"] == by_name["left_knee"] == pytest.approx(30)
    assert by_name["left_hip"] == pytest.approx(20)
    assert by_name["right_hand"] == pytest.approx(10)


def test_a_joint_turns_in_the_frame_of_its_parent() -> None:
    local = np.broadcast_to(np.eye(3), (1, 24, 3, 3)).copy()
    local[0, 0] = Rotation.from_euler("y", 90, degrees=True).as_matrix()
    local[0, JOINTS.index("left_hip")] = Rotation.from_euler("x", 90, degrees=True).as_matrix()
    foot = global_rotations(local)[0, JOINTS.index("left_foot")]
    np.testing.assert_allclose(foot @ [0, -1, 0], [-1, 0, 0], atol=1e-12)  # by x to -z, by y to -x


def test_the_picture_is_measured_in_pixels_and_by_the_box() -> None:
    gt = np.zeros((2, 2, 2))
    pred = np.array([[[3.0, 4], [0, 5]], [[0, 40], [0, 0]]])
    mask = np.array([[True, True], [True, False]])
    sides = np.array([112.0, 448])
    assert reprojection_px(pred, gt, mask) == pytest.approx(50 / 3)
    assert reprojection_normalised(pred, gt, sides, mask) == pytest.approx((10 + 10 + 20) / 3)
    assert pck_2d(pred, gt, sides, mask) == pytest.approx(200 / 3)  # 4.5, 4.5 and 8.9 %
    assert pck_2d(pred, gt, sides, mask, threshold=0.1) == 100


@pytest.mark.parametrize(
    ("pred", "gt", "mask"),
    [
        (np.zeros((2, 3, 3)), np.zeros((2, 4, 3)), None),
        (np.zeros((3, 3)), np.zeros((3, 3)), None),
        (np.full((1, 2, 3), np.nan), np.zeros((1, 2, 3)), None),
        (np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), np.zeros((1, 2), dtype=bool)),
        (np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), np.ones(2, dtype=bool)),
        (np.zeros((0, 2, 3)), np.zeros((0, 2, 3)), None),
    ],
)
def test_what_cannot_be_measured_is_refused(pred: object, gt: object, mask: object) -> None:
    with pytest.raises(InvalidAnnotation):
        mpjpe(pred, gt, mask)


def test_boxes_without_size_and_unknown_alignments_are_refused() -> None:
    points = np.zeros((1, 2, 2))
    with pytest.raises(InvalidAnnotation):
        pck_2d(points, points, np.zeros(1))
    with pytest.raises(ValueError, match="procrustes"):
        mpjpe(np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), align="rigid")


def test_ten_thousand_bodies_take_no_loop() -> None:
    rng = np.random.default_rng(0)
    gt = rng.normal(0, 300, (10_000, 24, 3))
    pred = gt + rng.normal(0, 50, gt.shape)
    start = perf_counter()
    found = mpjpe(pred, gt, align="procrustes")
    seconds = perf_counter() - start
    assert 50 < found < 100
    assert seconds < 1  # 0.05 s on a quiet core


@pytest.mark.skipif(not REFERENCE.exists(), reason="needs ../shared/reference")
def test_every_number_equals_that_of_mmhuman3d() -> None:
    measures = {"mpjpe": mpjpe, "pck150": pck, "auc": auc}
    with np.load(REFERENCE) as file:
        data = dict(file)
    checked = {"gt", "pred", "near", "mask", "gt_vertices", "pred_vertices"}
    for name in ("pred", "near"):
        for measure, function in measures.items():
            for align in ALIGNMENTS:
                found = function(data[name], data["gt"], data["mask"], align)
                key = f"{name}/{measure}/{align}"
                assert found == pytest.approx(float(data[key]), rel=1e-6), key
                checked.add(key)
        accel = accel_error(data[name], data["gt"])
        np.testing.assert_allclose(accel, data[f"{name}/accel"], rtol=1e-6)
        checked.add(f"{name}/accel")
    for align in ALIGNMENTS:
        found = pve(data["pred_vertices"], data["gt_vertices"], align=align)
        assert found == pytest.approx(float(data[f"pve/{align}"]), rel=1e-6)
        checked.add(f"pve/{align}")
    assert checked == set(data)
