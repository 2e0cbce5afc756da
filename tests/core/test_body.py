import numpy as np
import pytest
import torch

from core.body import BodyModel, load_body, skin
from core.camera import Camera
from core.keypoints import BODY_POINTS
from core.pose import JOINTS, Parameters
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def at(points: torch.Tensor, name: str) -> torch.Tensor:
    return points[BODY_POINTS.index(name)]


def rest(body: BodyModel, betas: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    shape = torch.zeros(1, 10) if betas is None else betas[None]
    vertices, points = body.forward(torch.eye(3).expand(1, 24, 3, 3), shape, torch.zeros(1, 3))
    return vertices[0], points[0]


def some_pose(batch: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    rotations = axis_angle_to_matrix(torch.randn(batch, 24, 3, generator=generator) * 0.5)
    betas = torch.randn(batch, 10, generator=generator)
    return rotations, betas, torch.randn(batch, 3, generator=generator)


def test_at_rest_an_adult_stands_with_arms_straight_out(body: BodyModel) -> None:
    vertices, points = rest(body)
    height = (vertices[:, 1].max() - vertices[:, 1].min()).item()
    assert 1.6 < height < 1.8
    assert at(points, "pelvis").norm() < 0.01
    for side, sign in (("left", 1), ("right", -1)):
        shoulder, wrist = at(points, f"{side}_shoulder"), at(points, f"{side}_wrist")
        arm = wrist - shoulder
        assert sign * arm[0] / arm.norm() > 0.999
        hip, ankle = at(points, f"{side}_hip"), at(points, f"{side}_ankle")
        assert (hip - ankle)[1] / (hip - ankle).norm() > 0.99
    assert at(points, "nose")[2] > at(points, "head")[2] + 0.05
    assert at(points, "left_bigtoe")[2] > at(points, "left_heel")[2] + 0.15


def test_left_mirrors_right(body: BodyModel) -> None:
    _, points = rest(body)
    for name in BODY_POINTS:
        if name.startswith("left_"):
            left, right = at(points, name), at(points, name.replace("left", "right"))
            mirrored = right * torch.tensor([-1.0, 1.0, 1.0])
            torch.testing.assert_close(left, mirrored, atol=2e-3, rtol=0)


def test_points_alone_equal_those_of_the_whole_body(body: BodyModel) -> None:
    rotations, betas, transl = some_pose(5)
    _, points = body.forward(rotations, betas, transl)
    torch.testing.assert_close(body.points(rotations, betas, transl), points, atol=1e-5, rtol=0)


@pytest.mark.parametrize("shapes", ["of one person", "of several"])
def test_vertices_without_gradients_equal_those_of_smplx(body: BodyModel, shapes: str) -> None:
    rotations, betas, transl = some_pose(70)  # more than one run of vertices
    betas = betas[:1].expand(70, -1) if shapes == "of one person" else betas
    vertices, points = body.forward(rotations, betas, transl)
    turns = matrix_to_axis_angle(rotations).numpy()
    theta = Parameters(
        turns[:, 0], turns[:, 1:], betas.numpy(), transl.numpy(), Camera.assumed(640, 480)
    )
    posed, seen = body.pose(theta)
    np.testing.assert_allclose(posed, vertices.numpy(), atol=1e-5)
    np.testing.assert_allclose(seen, points.numpy(), atol=1e-5)


def test_dense_correctives_give_the_same_vertices_as_sparse_ones(
    body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skin, "SPARSE", 0.0)
    dense = load_body()
    assert not dense._skin.correctives.is_sparse_csr
    assert body._skin.correctives.is_sparse_csr
    rng = np.random.default_rng(0)
    theta = Parameters(
        rng.normal(size=(3, 3)),
        rng.normal(size=(3, 23, 3)) / 2,
        rng.normal(size=(3, 10)),
        np.zeros((3, 3)),
        Camera.assumed(640, 480),
    )
    np.testing.assert_allclose(dense.pose(theta)[0], body.pose(theta)[0], atol=1e-5)


def test_gradients_of_the_points_reach_pose_shape_and_place(body: BodyModel) -> None:
    inputs = [tensor.requires_grad_() for tensor in some_pose(2)]
    body.points(*inputs).square().sum().backward()
    for tensor in inputs:
        assert tensor.grad is not None
        assert tensor.grad.abs().sum() > 0


def test_global_orientation_turns_about_the_pelvis_before_translation(body: BodyModel) -> None:
    rotations = torch.eye(3).expand(1, 24, 3, 3).clone()
    rotations[0, 0] = axis_angle_to_matrix(torch.tensor([np.pi, 0.0, 0.0]))
    points = body.points(rotations, torch.zeros(1, 10), torch.tensor([[1.0, 2.0, 3.0]]))[0]
    _, upright = rest(body)
    torch.testing.assert_close(
        at(points, "pelvis"), at(upright, "pelvis") + torch.tensor([1.0, 2.0, 3.0])
    )
    assert at(points, "head")[1] < at(points, "pelvis")[1]


def test_a_bent_elbow_brings_the_hand_forward(body: BodyModel) -> None:
    rotations = torch.eye(3).expand(1, 24, 3, 3).clone()
    bend = torch.tensor([0.0, -np.pi / 2, 0.0])
    rotations[0, JOINTS.index("left_elbow")] = axis_angle_to_matrix(bend)
    points = body.points(rotations, torch.zeros(1, 10), torch.zeros(1, 3))[0]
    fore = at(points, "left_wrist") - at(points, "left_elbow")
    assert fore[2] / fore.norm() > 0.99


def test_the_first_beta_makes_taller(body: BodyModel) -> None:
    heights = []
    for value in (-2.0, 0.0, 2.0):
        betas = torch.zeros(10)
        betas[0] = value
        y = rest(body, betas)[0][:, 1]
        heights.append((y.max() - y.min()).item())
    assert heights[1] - heights[0] > 0.1
    assert heights[2] - heights[1] > 0.1


@pytest.mark.parametrize("batch", [(), (3,), (2, 2)])
def test_numpy_parameters_of_any_batch_shape_are_posed(
    body: BodyModel, batch: tuple[int, ...]
) -> None:
    parameters = Parameters(
        global_orient=np.zeros((*batch, 3)),
        body_pose=np.zeros((*batch, 23, 3)),
        betas=np.zeros((*batch, 10)),
        transl=np.zeros((*batch, 3)),
        camera=Camera.assumed(640, 480),
    )
    vertices, points = body.pose(parameters)
    assert vertices.shape == (*batch, body.num_vertices, 3)
    assert points.shape == (*batch, 45, 3)
    np.testing.assert_allclose(points.reshape(-1, 45, 3)[0], rest(body)[1].numpy(), atol=1e-6)


def test_every_vertex_belongs_to_a_joint_on_its_side(body: BodyModel) -> None:
    assert set(body.vertex_joint) == set(range(24))
    elbow = body.vertex_joint == JOINTS.index("left_elbow")
    assert (body.template[elbow, 0] > 0.3).all()


def test_of_nobody_there_are_no_points() -> None:
    nobody = torch.zeros(0, 24, 3, 3), torch.zeros(0, 10), torch.zeros(0, 3)
    assert load_body().points(*nobody).shape == (0, 45, 3)
