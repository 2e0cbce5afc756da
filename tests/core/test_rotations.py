import subprocess
import sys
from math import pi
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.camera import Camera
from core.pose import Parameters
from core.pose.rotations import (
    Rot6dLayout,
    axis_angle_to_matrix,
    geodesic,
    matrix_to_axis_angle,
    matrix_to_rot6d,
    project_to_so3,
    rot6d_to_matrix,
    rotations_of,
    turned_between,
    with_rotations,
)
from core.pose.vectors import from_vector, to_vector

LAYOUTS = get_args(Rot6dLayout)
QUARTER_TURN_Z = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
triples = st.lists(st.floats(-1.8, 1.8), min_size=3, max_size=3)  # shorter than π


def some_rotations(*batch: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return axis_angle_to_matrix(torch.randn(*batch, 3, generator=generator))


def test_a_quarter_turn_about_z_takes_x_to_y() -> None:
    matrix = axis_angle_to_matrix(torch.tensor([0.0, 0.0, pi / 2]))
    torch.testing.assert_close(matrix, QUARTER_TURN_Z, atol=1e-6, rtol=0)


@given(triples)
def test_axis_angle_returns_from_a_matrix(values: list[float]) -> None:
    turn = torch.tensor(values, dtype=torch.float64)
    if turn.norm() < pi - 1e-3:
        back = matrix_to_axis_angle(axis_angle_to_matrix(turn))
        torch.testing.assert_close(back, turn, atol=1e-9, rtol=0)


def test_a_half_turn_returns_from_a_matrix() -> None:
    turn = torch.tensor([pi, 0.0, 0.0])
    back = matrix_to_axis_angle(axis_angle_to_matrix(turn)).abs()
    torch.testing.assert_close(back, turn, atol=1e-5, rtol=0)


def test_the_three_layouts_of_a_quarter_turn_differ_as_published() -> None:
    expected = {
        "columns": [0, 1, 0, -1, 0, 0],
        "interleaved_columns": [0, -1, 1, 0, 0, 0],
        "rows": [0, -1, 0, 1, 0, 0],
    }
    for layout in LAYOUTS:
        assert matrix_to_rot6d(QUARTER_TURN_Z, layout).tolist() == expected[layout]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rot6d_returns_the_matrix_even_when_scaled(layout: Rot6dLayout) -> None:
    matrix = some_rotations(5, 24)
    back = rot6d_to_matrix(matrix_to_rot6d(matrix, layout) * 3, layout)
    torch.testing.assert_close(back, matrix, atol=1e-5, rtol=0)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_any_six_numbers_give_a_rotation(layout: Rot6dLayout, seed: int) -> None:
    six = torch.randn(8, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    matrix = rot6d_to_matrix(six, layout)
    torch.testing.assert_close(matrix @ matrix.mT, torch.eye(3).double().expand(8, 3, 3))
    torch.testing.assert_close(torch.linalg.det(matrix), torch.ones(8).double())


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="layout"):
        matrix_to_rot6d(QUARTER_TURN_Z, "spin")
    with pytest.raises(ValueError, match="layout"):
        rot6d_to_matrix(torch.ones(6), "spin")


def test_projection_undoes_scaling_and_repairs_a_reflection() -> None:
    matrix = some_rotations(7)
    torch.testing.assert_close(project_to_so3(2.5 * matrix), matrix, atol=1e-5, rtol=0)
    mirrored = project_to_so3(torch.diag(torch.tensor([1.0, 1.0, -1.0])))
    assert torch.linalg.det(mirrored) > 0.999


@pytest.mark.parametrize("angle", [0.0, 1e-4, 1.0, pi - 1e-4, pi])
def test_geodesic_is_the_angle_turned(angle: float) -> None:
    start = axis_angle_to_matrix(torch.tensor([0.3, -0.8, 1.1]).double())
    axis = torch.nn.functional.normalize(torch.tensor([1.0, 2.0, -0.5]).double(), dim=0)
    end = start @ axis_angle_to_matrix(axis * angle)
    assert geodesic(start, end).item() == pytest.approx(angle, abs=1e-7)


def test_geodesic_has_a_finite_gradient_where_nothing_turns() -> None:
    matrix = some_rotations(3).requires_grad_()
    geodesic(matrix, matrix.detach()).sum().backward()
    assert matrix.grad is not None
    assert matrix.grad.isfinite().all()


def some_parameters(batch: tuple[int, ...]) -> Parameters:
    rng = np.random.default_rng(0)
    shapes = {"global_orient": (3,), "body_pose": (23, 3), "betas": (10,), "transl": (3,)}
    arrays = {key: rng.normal(size=batch + size) * 0.5 for key, size in shapes.items()}
    return Parameters(**arrays, camera=Camera.assumed(640, 480))


@pytest.mark.parametrize("batch", [(), (4,), (2, 3)])
def test_rotations_leave_and_enter_parameters(batch: tuple[int, ...]) -> None:
    before = some_parameters(batch)
    rotations = rotations_of(before)
    assert rotations.shape == (*batch, 24, 3, 3)
    after = with_rotations(before, rotations)
    np.testing.assert_allclose(after.global_orient, before.global_orient, atol=1e-5)
    np.testing.assert_allclose(after.body_pose, before.body_pose, atol=1e-5)
    assert after.transl is before.transl


@pytest.mark.parametrize("width", [82, 154, 226])
def test_vectors_of_theta_round_trip(width: int) -> None:
    rotations, betas = some_rotations(2, 5, 24), torch.randn(2, 5, 10)
    vector = to_vector(rotations, betas, width)
    assert vector.shape == (2, 5, width)
    back_rotations, back_betas = from_vector(vector)
    assert geodesic(back_rotations, rotations).max() < 1e-3
    assert torch.equal(back_betas, betas)


def test_the_pelvis_leads_and_betas_end_each_vector() -> None:
    rotations = torch.eye(3).expand(24, 3, 3).clone()
    rotations[0] = QUARTER_TURN_Z
    betas = torch.arange(10.0)
    for width, head in {82: [0, 0, pi / 2], 154: [0, 1, 0], 226: [0, -1, 0]}.items():
        vector = to_vector(rotations, betas, width)
        assert vector[:3].tolist() == pytest.approx(head, abs=1e-6)
        assert vector[-10:].tolist() == betas.tolist()


def test_a_vector_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="85"):
        from_vector(torch.zeros(85))
    with pytest.raises(ValueError, match="85"):
        to_vector(torch.eye(3).expand(24, 3, 3), torch.zeros(10), 85)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_between_two_rotations_joints_turn_evenly_the_shorter_way(seed: int, share: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    rows = axis_angle_to_matrix(1.5 * torch.randn(2, 3, 4, 3, generator=generator))
    after, shares = torch.tensor([0, 1, 1]), torch.tensor([share, share, 1.0])
    found = axis_angle_to_matrix(turned_between(rows, after, shares))
    start, end = rows[:, after], rows[:, after + 1]
    whole = geodesic(start, end)
    torch.testing.assert_close(geodesic(start, found), shares[:, None] * whole, atol=3e-3, rtol=0)
    torch.testing.assert_close(
        geodesic(found, end), (1 - shares[:, None]) * whole, atol=3e-3, rtol=0
    )


def test_bodies_and_rotations_come_without_torchs_compiler_which_can_still_be_had() -> None:
    code = (
        "import sys, core.body, core.pose.rotations; assert 'torch._dynamo' not in sys.modules;"
        "import torch._dynamo; torch._dynamo.reset()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_nearest_rotation_has_the_gradient_of_finite_differences() -> None:
    matrices = torch.randn(3, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.autograd.gradcheck(project_to_so3, matrices.requires_grad_())
