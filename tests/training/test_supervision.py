from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.body import BodyModel, load_body
from core.diffusion import GaussianDiffusion, LossType, ModelMeanType, ModelVarType
from core.diffusion.denoiser import Denoiser, DenoiserConfig
from core.diffusion.published import PublishedConfig, PublishedMlp
from core.diffusion.schedule import get_named_beta_schedule
from core.keypoints import H36M
from core.metrics import mpjpe
from core.pose.rotations import axis_angle_to_matrix
from core.pose.vectors import to_vector
from training.supervision import Supervision, Targets, TrainedPoints, joints_2d, joints_3d

WIDTHS = (82, 154, 226)
FOCAL = torch.tensor([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def process(mean_type: ModelMeanType = ModelMeanType.START_X) -> GaussianDiffusion:
    return GaussianDiffusion(
        betas=get_named_beta_schedule("linear", 1000),
        model_mean_type=mean_type,
        model_var_type=ModelVarType.FIXED_LARGE,
        loss_type=LossType.MSE,
    )


def some_targets(batch: int, count: int = 4, **changes: Any) -> Targets:
    made = Targets(
        start=torch.zeros(batch, 154),
        true=torch.ones(batch, dtype=torch.bool),
        joints=torch.zeros(batch, count, 3),
        known=torch.zeros(batch, count, dtype=torch.bool),
        root=torch.zeros(batch, dtype=torch.int64),
        pixels=torch.zeros(batch, count, 2),
        confidence=torch.zeros(batch, count),
        intrinsics=FOCAL.expand(batch, 3, 3),
        transl=torch.zeros(batch, 3),
        side=torch.full((batch,), 100.0),
    )
    return replace(made, **changes)


def people(body: BodyModel, width: int, batch: int = 2) -> Targets:
    """True poses with their joints and keypoints; the vectors to start from are wrong."""
    generator = torch.Generator().manual_seed(1)
    pose = 0.2 * torch.randn(batch, 24, 3, generator=generator)
    pose[:, 0] = torch.tensor([torch.pi, 0, 0])
    betas, transl = torch.zeros(batch, 10), torch.tensor([0.0, 0, 4]).expand(batch, 3)
    points = body.points(axis_angle_to_matrix(pose), betas, transl)
    image = points @ FOCAL.mT
    wrong = pose + 0.3 * torch.randn(batch, 24, 3, generator=generator)
    return some_targets(
        batch,
        start=to_vector(axis_angle_to_matrix(wrong), betas, width),
        joints=points,
        known=torch.ones(batch, 45, dtype=torch.bool),
        pixels=image[..., :2] / image[..., 2:],
        confidence=torch.ones(batch, 45),
        transl=transl,
    )


class Network(nn.Module):
    """x_t plus a constant, which is all it can learn."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return x + self.shift


def test_joints_are_compared_with_the_roots_at_the_origin() -> None:
    pred = torch.tensor([[[1.0, 1, 1], [1, 1, 2], [9, 9, 9], [0, 0, 0]]])
    true = torch.tensor([[[5.0, 5, 5], [5, 8, 10], [0, 0, 0], [0, 0, 0]]])
    known = torch.tensor([[True, True, False, False]])
    targets = some_targets(1, joints=true, known=known)
    # (0, 0, 1) against (0, 3, 5): 5 m; the root itself: 0
    torch.testing.assert_close(joints_3d(pred, targets, "root"), torch.tensor([2.5]))


def test_procrustes_sees_neither_turn_nor_place_nor_size_of_the_known_points() -> None:
    torch.manual_seed(0)
    true = torch.randn(1, 6, 3)
    turn = axis_angle_to_matrix(torch.tensor([0.3, -1.0, 2.0]))
    pred = 1.7 * true @ turn.mT + torch.tensor([1.0, 2, 3])
    pred[:, 5] = 100
    known = torch.tensor([[True] * 5 + [False]])
    targets = some_targets(1, 6, joints=true, known=known)
    assert joints_3d(pred, targets, "procrustes").item() == pytest.approx(0, abs=1e-5)
    pred[:, 0] += 0.5
    assert joints_3d(pred, targets, "procrustes").item() > 0.05


def test_joints_after_procrustes_are_the_metric_of_the_evaluation() -> None:
    torch.manual_seed(0)
    pred, true = torch.randn(3, 8, 3), torch.randn(3, 8, 3)
    targets = some_targets(3, 8, joints=true, known=torch.ones(3, 8, dtype=torch.bool))
    mean = joints_3d(pred, targets, "procrustes").mean().item()
    assert mean == pytest.approx(mpjpe(pred.numpy(), true.numpy(), align="procrustes"), rel=1e-5)


def test_keypoints_are_weighed_by_confidence_as_shares_of_the_box() -> None:
    points = torch.tensor([[[0.0, 0, 2], [1, 0, 2], [1, 0, -5], [0, 0, 1]]])
    pixels = torch.tensor([[[323.0, 244], [570, 250], [5320, 240], [0, 0]]])
    confidence = torch.tensor([[1.0, 0.5, 0.5, 0]])
    targets = some_targets(1, pixels=pixels, confidence=confidence)
    # 5, 10 and 0 px from where they are seen, the last as if 0.1 m before the camera; box of 100 px
    expected = (5 + 0.5 * 10 + 0.5 * 0) / 2 / 100
    torch.testing.assert_close(joints_2d(points, targets), torch.tensor([expected]))


@pytest.mark.parametrize("align", ["procrustes", "root"])
def test_gradients_of_aligned_joints_are_exact(align: Any) -> None:
    torch.manual_seed(0)
    true = torch.randn(2, 5, 3, dtype=torch.float64)
    pred = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    known = torch.tensor([[True] * 5, [True] * 4 + [False]])
    targets = some_targets(2, 5, joints=true, known=known)
    assert torch.autograd.gradcheck(lambda x: joints_3d(x, targets, align), (pred,))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("mean_type", [ModelMeanType.START_X, ModelMeanType.EPSILON])
@pytest.mark.parametrize("term", ["joints_3d", "joints_2d"])
def test_the_gradient_of_each_term_reaches_the_weights_and_is_right(
    body: BodyModel, width: int, mean_type: ModelMeanType, term: str
) -> None:
    targets = people(body, width)
    network, supervision = Network(width), Supervision(TrainedPoints(body))
    noise = torch.randn(targets.start.shape, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([20, 60])

    def value(shift: Tensor) -> Tensor:
        network.shift.data = shift
        losses = supervision.losses(process(mean_type), network, targets, t, noise)
        return losses[term].sum()

    start = torch.zeros(width)
    (slope,) = torch.autograd.grad(value(start), network.shift)
    # the camera is not trained and the global orientation is lost in the alignment: the rest moves
    assert slope[:-10].count_nonzero() > 0.6 * (width - 10)
    along = slope / slope.norm()
    step = 2e-3
    with torch.no_grad():
        difference = (value(start + step * along) - value(start - step * along)) / (2 * step)
    assert difference.item() == pytest.approx(slope.norm().item(), rel=0.02)


@pytest.mark.parametrize("kind", ["ours", "published"])
@pytest.mark.parametrize("term", ["joints_3d", "joints_2d"])
def test_our_network_and_the_published_one_learn_from_each_term(
    body: BodyModel, kind: str, term: str
) -> None:
    torch.manual_seed(0)
    network: Denoiser | PublishedMlp
    if kind == "ours":
        network = Denoiser(DenoiserConfig(dim=154, width=16, blocks=1, embedding=8)).eval()
        for weight in network.parameters():  # parts start at zero, which lets nothing through
            nn.init.normal_(weight, std=0.1)
    else:
        network = PublishedMlp(PublishedConfig(226))
    targets = people(body, network.config.dim)
    noise, t = torch.randn(targets.start.shape), torch.tensor([20, 60])

    def value() -> Tensor:
        losses = Supervision(TrainedPoints(body)).losses(
            network.config.process(), network, targets, t, noise
        )
        return losses[term].sum()

    weights = list(network.parameters())
    slopes = torch.autograd.grad(value(), weights)
    assert all(slope.ne(0).any() for slope in slopes)
    norm = torch.cat([slope.flatten() for slope in slopes]).norm()
    ends = []
    with torch.no_grad():
        for step in (5e-4, -1e-3):  # there, and back past the start
            for weight, slope in zip(weights, slopes, strict=True):
                weight.add_(step * slope / norm)
            ends.append(value())
    assert (ends[0] - ends[1]).item() / 1e-3 == pytest.approx(norm.item(), rel=0.02)


def test_a_term_that_a_sample_lacks_is_zero_and_pulls_at_nothing(body: BodyModel) -> None:
    whole = people(body, 154, 3)
    lacking = replace(
        whole,
        true=torch.tensor([True, True, False]),
        known=whole.known & torch.tensor([[True], [False], [False]]),
        confidence=whole.confidence * torch.tensor([[0.0], [1], [0]]),
    )
    network = Network(154)
    out = Supervision(TrainedPoints(body)).losses(
        process(), network, lacking, torch.tensor([20, 20, 20]), torch.zeros(3, 154)
    )
    got = {term: out[term].ne(0).tolist() for term in ("ori", "joints_3d", "joints_2d")}
    assert got == {
        "ori": [True, True, False],
        "joints_3d": [True, False, False],
        "joints_2d": [False, True, False],
    }
    for term, row in (("joints_3d", 1), ("joints_2d", 0), ("loss", 2)):
        (slope,) = torch.autograd.grad(out[term][row], network.shift, retain_graph=True)
        assert slope.eq(0).all()
    (slope,) = torch.autograd.grad(out["loss"].mean(), network.shift)
    assert slope.isfinite().all()
    assert slope.ne(0).any()


@pytest.mark.parametrize("align", ["procrustes", "root"])
def test_a_batch_without_any_truth_trains_nothing(body: BodyModel, align: Any) -> None:
    bare = some_targets(2, 45, true=torch.zeros(2, dtype=torch.bool))
    network = Network(154)
    network.shift.data.normal_()
    out = Supervision(TrainedPoints(body), align=align).losses(
        process(), network, bare, torch.tensor([5, 6]), torch.zeros(2, 154)
    )
    (slope,) = torch.autograd.grad(out["loss"].sum(), network.shift)
    assert slope.eq(0).all()


def test_the_loss_is_the_weighted_sum(body: BodyModel) -> None:
    targets = people(body, 154)
    supervision = Supervision(TrainedPoints(body), gamma_3d=2, gamma_2d=3)
    out = supervision.losses(
        process(), Network(154), targets, torch.tensor([5, 6]), torch.zeros(2, 154),
        weight=torch.tensor([10.0, 0]),
    )  # fmt: skip
    assert out["ori"][0] > 0
    assert out["ori"][1] == 0
    beside = 2 * out["joints_3d"] + 3 * out["joints_2d"]
    torch.testing.assert_close(out["loss"], out["ori"] + beside)


@pytest.mark.parametrize("width", WIDTHS)
def test_joints_alone_teach_a_network_the_pose(body: BodyModel, width: int) -> None:
    targets = people(body, width, 1)
    targets = replace(targets, true=torch.zeros(1, dtype=torch.bool))
    network, supervision = Network(width), Supervision(TrainedPoints(body))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    history = []
    for _ in range(40):
        out = supervision.losses(
            process(), network, targets, torch.zeros(1).long(), torch.zeros(1, width)
        )
        optimizer.zero_grad()
        out["loss"].mean().backward()
        optimizer.step()
        history.append((out["joints_3d"].item(), out["joints_2d"].item()))
    assert history[-1][0] < 0.3 * history[0][0]
    assert history[-1][1] < 0.3 * history[0][1]


def test_the_network_is_run_once(body: BodyModel) -> None:
    runs = []

    def network(x: Tensor, t: Tensor) -> Tensor:
        runs.append(t)
        return x

    t, noise = torch.tensor([5, 6]), torch.zeros(2, 154)
    Supervision(TrainedPoints(body)).losses(process(), network, people(body, 154), t, noise)
    assert len(runs) == 1


def test_a_data_sets_regressor_gives_joints_after_the_bodys_own(body: BodyModel) -> None:
    regressor = torch.zeros(len(H36M), body.num_vertices)
    regressor[:, 7] = 0.25
    regressor[:, 9] = 0.75
    points = TrainedPoints(body, regressor, "h36m")
    vector = people(body, 154).start.requires_grad_()
    got = points(vector, torch.zeros(2, 3))
    assert got.shape == (2, points.count, 3) == (2, 62, 3)
    torch.testing.assert_close(got[:, :45], TrainedPoints(body)(vector, torch.zeros(2, 3)))
    rotations = axis_angle_to_matrix(torch.zeros(1, 24, 3))
    rest = points(to_vector(rotations, torch.zeros(1, 10), 154), torch.zeros(1, 3))[0, 45:]
    expected = 0.25 * body.template[7] + 0.75 * body.template[9]
    np.testing.assert_allclose(rest, np.tile(expected, (17, 1)), atol=1e-5)
    (slope,) = torch.autograd.grad(got[:, 45:].sum(), vector)
    assert slope.ne(0).any()


def test_a_regressor_of_another_body_is_refused(body: BodyModel) -> None:
    with pytest.raises(ValueError, match="h36m"):
        TrainedPoints(body, torch.zeros(17, 6), "h36m")
