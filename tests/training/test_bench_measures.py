from dataclasses import replace
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
import torch
from bench_kit import CAMERA, Straighten, body, forearm, sample_of, upright

from assets import OPEN_BODY
from core.errors import InvalidAnnotation, UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import H36M, MPI_INF_3DHP, MPI_INF_3DHP_TEST
from core.pose import Parameters
from core.pose.rotations import geodesic, rotations_of
from training.bench.bootstrap import Bootstrap
from training.bench.choices import algorithm_1, fixed, oracle
from training.bench.judges import Bodies3D, judge_of
from training.bench.null import null_path
from training.bench.rows import BENCHES
from training.corpora.records import Joints3D, Sample
from training.regressor import read_regressor

PUBLISHED = {
    0: 45.3, 5: 43.4, 10: 41.6, 15: 39.7, 20: 37.9, 25: 36.9, 30: 36.0, 35: 34.71, 40: 34.95,
    45: 36.0, 50: 36.3, 55: 37.8,
}  # fmt: skip
"""Loss by step of the picture in the paper's figures 4 and 5."""


def test_algorithm_1_takes_the_published_step() -> None:
    steps = list(PUBLISHED)
    (chosen,) = algorithm_1(np.array([list(PUBLISHED.values())]))
    assert steps[chosen] == 35


def test_algorithm_1_never_sees_what_lies_behind_ten_rises() -> None:
    ten, nine = np.arange(11.0), np.arange(10.0)
    low = [-5.0]
    people = [[*ten, *low, *low], [*nine, 8.5, *low, -6.0]]
    assert algorithm_1(np.array(people, dtype=float)[:, :12]).tolist() == [0, 11]
    assert oracle(np.array(people, dtype=float)[:, :12]).tolist() == [11, 11]
    assert algorithm_1(np.array([[3.0, 4, 1]]), patience=1).tolist() == [0]


def test_the_fixed_step_is_the_best_on_average_not_for_most() -> None:
    losses = np.array([[5.0, 4, 6], [5, 4, 6], [5, 9, 0]])
    assert fixed(losses) == 2


def test_drawing_takes_makes_people_of_one_take_count_as_one() -> None:
    alike = Bootstrap(["a"] * 3 + ["b"])
    low, high = alike(np.array([0.0, 0, 0, 1]))
    assert (low, high) == (0, 1)
    apart = Bootstrap(list("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    low, high = apart(np.repeat([0.0, 1], 26))
    assert 0.3 < low < 0.45 and 0.55 < high < 0.7
    assert alike.interval(np.ones(4)).mean == alike.interval(np.ones(4)).low == 1
    low, high = alike(np.ones((4, 6)))
    assert low.shape == high.shape == (6,)


def test_a_bent_elbow_costs_the_way_of_the_wrist_over_the_joints() -> None:
    judge = judge_of(BENCHES["open"], Bodies3D(body()))
    steps = Parameters.stack([upright(0), upright(np.pi / 2), upright(np.pi)])
    errors = judge(steps, sample_of(upright(0)))
    assert errors.shape == (3, 2)
    way = forearm() * np.array([0, 2**0.5, 2]) / 22
    np.testing.assert_allclose(errors[:, 0], way, rtol=1e-3, atol=1e-3)
    (whole,) = judge(replace(steps[:1], global_orient=[[3.0, 0, 0]]), sample_of(upright(0)))
    assert whole[0] > 20 and whole[1] < 0.01  # Procrustes turns a whole body back


def test_joints_of_a_corpus_are_found_by_name_in_either_order() -> None:
    regressor = np.zeros((17, body().num_vertices), np.float32)
    regressor[np.arange(17), np.arange(17) * 100] = 1
    judge = judge_of(BENCHES["mpi_inf_3dhp"], Bodies3D(body(), None, regressor))
    steps = Parameters.stack([upright()])
    vertices = body().pose(steps)[0][0, np.arange(17) * 100]
    true = dict(zip(H36M, vertices, strict=True))
    true["left_wrist"] = true["left_wrist"] + np.float32([0, 0.17, 0])
    for order, name in ((MPI_INF_3DHP, "mpi_inf_3dhp"), (MPI_INF_3DHP_TEST, "mpi_inf_3dhp_test")):
        points = np.array([true.get(joint, np.zeros(3)) for joint in order], np.float32)
        joints = Joints3D(name, points, np.ones(len(points), bool), 0, "camera")
        errors = judge(steps, Sample("x", "test", "one", joints=joints))
        assert errors[0, 0] == pytest.approx(10, rel=1e-4)
        assert errors[0, 2] == pytest.approx(100 * 16 / 17)  # 170 mm is more than 150


def test_vertices_are_compared_on_the_true_gender_wherever_the_person_stands(
    tmp_path: Path,
) -> None:
    for gender in ("MALE", "FEMALE"):
        copy(OPEN_BODY, tmp_path / f"SMPL_{gender}.npz")
    regressor = np.zeros((17, body().num_vertices), np.float32)
    regressor[np.arange(17), np.arange(17) * 100] = 1
    judge = judge_of(BENCHES["pw3d"], Bodies3D(body(), tmp_path, regressor))
    steps = Parameters.stack([upright(0), upright(np.pi / 2)])
    one = sample_of(replace(upright(0), transl=np.float32([1, 2, 9])))
    assert one.smpl is not None
    errors = judge(steps, replace(one, smpl=replace(one.smpl, gender="female")))
    assert errors.shape == (2, 7)
    np.testing.assert_allclose(errors[0], [0, 0, 0, 100, 100, 3000 / 31, 3000 / 31], atol=1e-2)
    vertices = body().pose(steps)[0]
    way = 1000 * np.linalg.norm(vertices[1] - vertices[0], axis=-1).mean()
    assert errors[1, 2] == pytest.approx(way, rel=1e-3)


def test_keypoints_are_measured_in_pixels_and_in_shares_of_the_box() -> None:
    judge = judge_of(BENCHES["halpe"], Bodies3D(body()))
    one = sample_of(upright())
    assert one.keypoints is not None
    shifted = one.keypoints.points + np.float32([3, 4])
    shifted[0] += 1000
    confidence = np.ones(17, np.float32)
    confidence[0] = 0
    moved = replace(one, keypoints=Keypoints2D("coco", shifted, confidence))
    (errors,) = judge(Parameters.stack([upright()]), moved)
    np.testing.assert_allclose(errors, [5, 5 / 250 * 224, 100], rtol=1e-3)
    small = replace(moved, box=Box(0, 0, 50, 90))
    assert judge(Parameters.stack([upright()]), small)[0, 2] == 0


def test_people_whose_truth_is_not_known_are_not_measured() -> None:
    bare = Sample("x", "test", "one", box=Box(0, 0, 9, 9))
    for bench in ("open", "halpe"):
        with pytest.raises(InvalidAnnotation):
            judge_of(BENCHES[bench], Bodies3D(body()))(Parameters.stack([upright()]), bare)


def test_what_a_protocol_needs_is_asked_for(tmp_path: Path) -> None:
    for bench in ("pw3d", "mpi_inf_3dhp"):
        with pytest.raises(UnreadableInput, match="--regressor"):
            judge_of(BENCHES[bench], Bodies3D(body()))
    regressor = np.zeros((17, body().num_vertices), np.float32)
    with pytest.raises(UnreadableInput, match="every gender"):
        judge_of(BENCHES["pw3d"], Bodies3D(body(), None, regressor))
    path = tmp_path / "regressor.npy"
    for wrong in (np.zeros((17, 6890)), np.array([{}], dtype=object)):
        np.save(path, wrong)
        with pytest.raises(UnreadableInput, match=r"regressor\.npy"):
            read_regressor(path, body())
    np.save(path, regressor)
    assert read_regressor(path, body()).shape == regressor.shape


def test_the_null_path_goes_as_far_joint_by_joint_and_stands_on_the_keypoints() -> None:
    one = sample_of(upright())
    assert one.box is not None
    path = Straighten(0.01).trajectory(upright(0.3), Evidence(one.box))
    generator = torch.Generator().manual_seed(0)
    null = null_path(path, Evidence(one.box, one.keypoints), body(), generator)
    ours, theirs = (rotations_of(each.steps) for each in (path, null))
    for name in ("global_orient", "body_pose", "betas", "transl"):
        ends = (getattr(each.steps, name)[0] for each in (path, null))
        np.testing.assert_array_equal(*ends)
    torch.testing.assert_close(
        geodesic(theirs, theirs[:1]), geodesic(ours, ours[:1]), atol=2e-3, rtol=0
    )
    assert geodesic(theirs[57], ours[57]).max() > 0.3
    pixels = CAMERA.project(body().pose(null.steps)[1][57, 5:7])
    assert np.isfinite(pixels).all() and null.steps.transl[57, 2] != 4
