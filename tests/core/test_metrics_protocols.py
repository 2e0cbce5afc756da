import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.errors import InvalidAnnotation
from core.keypoints import CONVENTIONS
from core.metrics import mpjpe
from core.metrics.evaluation import MEASURES, Bodies, errors_by_sample, evaluate
from core.metrics.protocols import PROTOCOLS

H36M_TO_J17 = [6, 5, 4, 1, 2, 3, 16, 15, 14, 11, 12, 13, 8, 10, 0, 7, 9]
"""As SPIN's and mmhuman3d's constants have it."""


def places(order: str, names: tuple[str, ...]) -> list[int]:
    return [CONVENTIONS[order].index(name) for name in names]


def people(name: str, count: int = 3, seed: int = 0) -> np.ndarray:
    """True joints in metres, away from the origin."""
    row = PROTOCOLS[name]
    assert row.pred_order == row.gt_order
    shape = (count, len(CONVENTIONS[row.gt_order]), 3)
    return np.random.default_rng(seed).normal([0, 0, 4], 0.3, shape)


def test_the_names_select_the_published_indices() -> None:
    for name in ("mmhuman3d-pw3d", "spin-pw3d", "wham-pw3d"):
        row = PROTOCOLS[name]
        assert places(row.pred_order, row.joints) == H36M_TO_J17[:14]
        assert len(CONVENTIONS[row.pred_order]) == 17
    for name in ("mmhuman3d-pw3d", "spin-pw3d", "spin-mpi-inf-3dhp"):
        assert places("h36m", PROTOCOLS[name].root) == [0]
    wham = PROTOCOLS["wham-pw3d"]
    assert [wham.joints.index(name) for name in wham.root] == [2, 3]


def test_the_truth_of_mpi_inf_3dhp_is_reordered_to_the_prediction() -> None:
    row = PROTOCOLS["spin-mpi-inf-3dhp"]
    assert places(row.pred_order, row.joints) == H36M_TO_J17
    spin_17_of_test = [14, 11, 12, 13, 8, 9, 10, 15, 1, 16, 0, 5, 6, 7, 2, 3, 4]
    spin_24 = [14, 3, 4, 5, 2, 1, 0, 16, 12, 17, 18, 9, 10, 11, 8, 7, 6]
    of_24 = dict(zip(spin_24, spin_17_of_test, strict=True))
    j24_to_j17 = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 18, 14, 16, 17]
    assert places(row.gt_order, row.joints) == [of_24[joint] for joint in j24_to_j17]
    assert places(row.gt_order, row.root) == [14]


def test_4d_humans_measures_fourteen_of_its_forty_four() -> None:
    row = PROTOCOLS["4d-humans-pw3d"]
    assert places(row.pred_order, row.joints) == [*range(25, 38), 43]
    assert places(row.pred_order, row.root) == [39]


def test_every_row_names_measures_that_exist_and_every_measure_is_used() -> None:
    used = {name for row in PROTOCOLS.values() for name in row.measures}
    assert used == set(MEASURES)
    assert all(name == row.name for name, row in PROTOCOLS.items())


def test_a_shift_of_the_whole_person_is_no_error() -> None:
    for name, row in PROTOCOLS.items():
        if row.pred_order != row.gt_order:
            continue
        gt = people(name)
        values = evaluate(row, Bodies(gt + np.array([0.1, 0.2, 3])), Bodies(gt)).values
        assert values["MPJPE mm"] == pytest.approx(0, abs=1e-9), name
        assert values["PA-MPJPE mm"] == pytest.approx(0, abs=1e-9), name


def test_roots_differ_between_protocols() -> None:
    gt = people("spin-pw3d")
    pred = gt.copy()
    pred[:, 0] += [0, 0, 0.05]  # the regressed pelvis alone, which is none of the 14
    spin, wham = (
        evaluate(PROTOCOLS[name], Bodies(pred), Bodies(gt)).values["MPJPE mm"]
        for name in ("spin-pw3d", "wham-pw3d")
    )
    assert spin == pytest.approx(50)
    assert wham == pytest.approx(0, abs=1e-9)


def test_pooling_weighs_joints_and_samples_differently() -> None:
    gt = np.zeros((2, 17, 3))
    pred = gt.copy()
    pred[0, H36M_TO_J17[0]] = [0.014, 0, 0]
    pred[1, H36M_TO_J17[:2]] = [0.030, 0, 0]
    mask = np.zeros((2, 17), dtype=bool)
    mask[0, H36M_TO_J17[0]] = True  # one joint known, off by 14
    mask[1, H36M_TO_J17[:3]] = True  # three joints known, off by 30, 30 and 0
    pooled, per_sample = (
        evaluate(PROTOCOLS[name], Bodies(pred), Bodies(gt), mask).values["MPJPE mm"]
        for name in ("mmhuman3d-pw3d", "spin-pw3d")
    )
    assert pooled == pytest.approx((14 + 30 + 30) / 4)
    assert per_sample == pytest.approx((14 + 20) / 2)


def test_protocol_and_plain_functions_agree() -> None:
    row = PROTOCOLS["mmhuman3d-pw3d"]
    gt = people(row.name)
    pred = gt + np.random.default_rng(1).normal(0, 0.1, gt.shape)
    values = evaluate(row, Bodies(pred), Bodies(gt)).values
    rooted = [(1000 * (j - j[:, :1]))[:, H36M_TO_J17[:14]] for j in (pred, gt)]
    assert values["MPJPE mm"] == pytest.approx(mpjpe(*rooted))
    assert values["PA-MPJPE mm"] == pytest.approx(mpjpe(*rooted, align="procrustes"))


def test_vertices_are_centred_only_where_the_protocol_says_so() -> None:
    gt = people("wham-pw3d")
    vertices = np.random.default_rng(2).normal(size=(3, 50, 3))
    shift = np.array([0.3, 0, 0.4])
    moved = [Bodies(gt + shift, vertices + shift), Bodies(gt, vertices)]
    plain = evaluate(PROTOCOLS["mmhuman3d-pw3d"], *moved).values
    centred = evaluate(PROTOCOLS["wham-pw3d"], *moved).values
    assert plain["PVE mm"] == pytest.approx(500)
    assert centred["PVE mm (roots aligned)"] == pytest.approx(0, abs=1e-9)


def test_acceleration_is_per_second_and_never_spans_two_sequences() -> None:
    gt = np.broadcast_to(people("wham-pw3d", 1), (12, 17, 3))
    pred = gt.copy()
    time = np.arange(6.0) / 30
    fall = 0.5 * 2.0 * time**2  # 2 m/s²; the pelvis and the hips stay
    row = PROTOCOLS["wham-pw3d"]
    still = places("h36m", row.root)
    moving = [joint for joint in range(17) if joint not in still]
    pred[:6, moving, 1] += fall[:, None]
    pred[6:, moving, 1] += fall[:, None] + 9
    sequence = np.repeat([4, 7], 6)
    values = evaluate(row, Bodies(pred), Bodies(gt), sequence=sequence).values
    assert values["accel m/s2"] == pytest.approx(2 * 12 / 14)  # 12 of the 14 joints move
    joined = evaluate(row, Bodies(pred), Bodies(gt)).values["accel m/s2"]
    assert joined is not None and joined > 100


def test_the_first_and_last_window_of_a_sequence_do_not_count() -> None:
    row = PROTOCOLS["wham-pw3d"]
    gt = np.broadcast_to(people(row.name, 1), (6, 17, 3))
    pred = gt.copy()
    pred[[0, 5], 10] += 0.1  # the head jumps in the first and in the last frame
    assert evaluate(row, Bodies(pred), Bodies(gt)).values["accel m/s2"] == 0
    assert evaluate(row, Bodies(pred[:4]), Bodies(gt[:4])).values["accel m/s2"] is None


def test_the_challenge_counts_an_error_on_the_threshold_and_only_twelve_joints() -> None:
    row = PROTOCOLS["3dpw-challenge"]
    gt = np.zeros((1, 24, 3))
    pred = gt.copy()
    pred[0, [15, 22]] = [1.0, 0, 0]  # head and hand are none of the twelve
    pred[0, 1:3] = [[0.050, 0, 0], [0.0500001, 0, 0]]
    values = evaluate(row, Bodies(pred), Bodies(gt)).values
    assert values["PCK@50 %"] == pytest.approx(100 * 11 / 12)
    pred = np.zeros((1, 24, 3))
    pred[0, 1:] = [0.100, 0, 0]
    area = (99.5 + 0.0) / 199  # one from 100 to 199, and half of the step from 99 to 100
    assert evaluate(row, Bodies(pred), Bodies(gt)).values["AUC 0-199 %"] == pytest.approx(
        100 * area
    )


def test_the_challenge_compares_global_rotations_and_aligns_them_by_the_joints() -> None:
    row = PROTOCOLS["3dpw-challenge"]
    gt = people(row.name, 2)
    turn = Rotation.from_euler("y", 40, degrees=True).as_matrix()
    local = np.broadcast_to(np.eye(3), (2, 24, 3, 3)).copy()
    turned = local.copy()
    turned[:, 0] = turn
    values = evaluate(row, Bodies(gt @ turn.T, rotations=turned), Bodies(gt, rotations=local))
    assert values.values["MPJAE deg"] == pytest.approx(40)
    assert values.values["MPJAE-PA deg"] == pytest.approx(0, abs=1e-6)
    wrist = local.copy()
    wrist[:, 20] = turn  # neither one of the nine nor above one
    values = evaluate(row, Bodies(gt, rotations=wrist), Bodies(gt, rotations=local))
    assert values.values["MPJAE deg"] == 0


def test_the_output_names_what_stands_behind_the_number() -> None:
    row = PROTOCOLS["wham-pw3d"]
    gt = people(row.name)
    measured = evaluate(row, Bodies(gt), Bodies(gt))
    report = json.loads(json.dumps(measured.to_json()))
    assert report["root"] == "right_hip_extra + left_hip_extra"
    assert len(report["joints"]) == 14 and report["averaging"] == "per sample"
    assert report["truth"] == row.truth and report["samples"] == 3
    assert report["PVE mm (roots aligned)"] is None
    assert "MPJPE mm 0.00" in str(measured) and "not measured" in str(measured)
    assert all(word in str(measured) for word in (row.truth, "per sample", "14 joints"))


def test_joints_in_another_order_are_refused() -> None:
    row = PROTOCOLS["spin-pw3d"]
    gt = people(row.name)
    with pytest.raises(InvalidAnnotation, match="predicted joints"):
        evaluate(row, Bodies(gt[:, :14]), Bodies(gt))
    with pytest.raises(InvalidAnnotation, match="No joint"):
        evaluate(row, Bodies(gt), Bodies(gt), np.zeros((3, 17), dtype=bool))


def test_errors_of_each_person_average_to_what_evaluate_says() -> None:
    for name in ("mmhuman3d-pw3d", "open"):
        gt = people(name)
        pred = gt + np.random.default_rng(2).normal(0, 0.05, gt.shape)
        vertices = np.random.default_rng(3).normal(size=(2, 3, 50, 3))
        both = Bodies(pred, vertices[0]), Bodies(gt, vertices[1])
        alone = errors_by_sample(PROTOCOLS[name], *both)
        assert set(alone) == set(PROTOCOLS[name].measures)
        together = evaluate(PROTOCOLS[name], *both).values
        for measure, values in alone.items():
            assert values.shape == (3,)
            assert values.mean() == pytest.approx(together[measure], rel=1e-9)


def test_joints_that_are_not_known_do_not_count_for_a_person() -> None:
    gt = people("open", 2)
    pred = gt.copy()
    pred[0, 4] += [0.1, 0, 0]
    pred[0, 5] += [0.5, 0, 0]
    known = np.ones((2, 24), dtype=bool)
    known[0, 5] = False
    found = errors_by_sample(PROTOCOLS["open"], Bodies(pred), Bodies(gt), known)["MPJPE mm"]
    np.testing.assert_allclose(found, [100 / 21, 0], atol=1e-9)
    with pytest.raises(InvalidAnnotation, match="of somebody"):
        errors_by_sample(PROTOCOLS["open"], Bodies(pred), Bodies(gt), known & [[True], [False]])
