from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_diffusion_published import identity
from test_paper_refiner import BLIND, body, disturbed, seen, standing

from core.diffusion.published import PublishedMlp, save_published
from core.errors import MissingModel, UnreadableInput
from core.pose import JOINTS, Parameters
from core.pose.rotations import project_to_so3, rotations_of
from core.pose.vectors import to_vector
from core.refiners import load_refiner
from core.refiners.as_published import AsPublishedRefiner, fed_to_smpl

KEPT_35 = 0.9839758308  # alphas_cumprod of the linear schedule of 1000
LEFT_HIP = JOINTS.index("left_hip")


def refiner(network: PublishedMlp) -> AsPublishedRefiner:
    return AsPublishedRefiner(network, "abc", body())


def silent(width: int) -> PublishedMlp:
    """A network that says there is no noise."""
    network = identity(width)
    for value in network.parameters():
        value.data = torch.zeros(value.shape)
    return network


def leaning() -> Parameters:
    """Somebody whose pelvis is turned by a third of a circle about (1, 1, 1), and a little on."""
    turn = np.full(3, 1 / 3**0.5, np.float32) * np.radians(100, dtype=np.float32)
    return replace(standing(), global_orient=turn)


@pytest.mark.parametrize("width", [226, 82])
def test_each_step_is_one_pass_from_theta1_unchanged_and_cut_to_one(width: int) -> None:
    theta1 = disturbed(standing(), 15)
    x = to_vector(rotations_of(theta1), torch.from_numpy(theta1.betas), width)
    outputs = refiner(identity(width)).outputs(theta1)
    assert outputs.shape == (58, width)
    assert torch.equal(outputs[0], x)
    noise = x.clamp(min=0)  # what the identity leaves of it, behind a ReLU
    expected = ((x - (1 - KEPT_35) ** 0.5 * noise) / KEPT_35**0.5).clamp(-1, 1)
    torch.testing.assert_close(outputs[35], expected, atol=1e-5, rtol=1e-5)
    assert x[-10] == 1.5 and expected[-10] == 1  # a shape beyond one deviation is cut too


def test_raw_matrices_stretch_the_body_and_the_annotation_takes_the_nearest_rotations() -> None:
    theta1 = leaning()
    arm = refiner(silent(226))
    outputs = arm.outputs(theta1)
    matrices, betas = fed_to_smpl(outputs)
    # the first bone turns with the pelvis alone
    bone = [
        float((points[LEFT_HIP] - points[0]).norm())
        for points in body().points(matrices, betas[:1].expand(58, 10), torch.zeros(58, 3))
    ]
    assert bone[35] == pytest.approx(bone[0] / KEPT_35**0.5, rel=1e-5)
    steps = arm.trajectory(theta1, BLIND).steps
    nearest = project_to_so3(matrices[35])
    torch.testing.assert_close(rotations_of(steps)[35], nearest, atol=1e-5, rtol=0)
    np.testing.assert_allclose(steps.betas[1:], outputs[1:, -10:])


def test_the_first_step_is_theta1_to_the_bit_and_steps_go_onto_the_keypoints() -> None:
    theta1 = replace(leaning(), transl=np.array([0.6, 0.2, 5], np.float32))
    path = refiner(silent(226)).trajectory(theta1, seen(leaning()))
    for field in ("global_orient", "body_pose", "betas", "transl"):
        assert getattr(path.steps, field)[0].tobytes() == getattr(theta1, field).tobytes()
    # not quite as far away, for the shape of 1.5, cut to 1, is a smaller one
    assert np.abs(path.steps.transl[1:] - leaning().transl).max() < 0.2
    assert (path.refiner, len(path)) == ("as-published", 58)
    assert path.levels[35] == pytest.approx(np.degrees((1 / KEPT_35 - 1) ** 0.5 * 3 / 2**0.5))


def test_axis_angles_are_fed_as_rotations_already() -> None:
    vector = refiner(silent(82)).outputs(leaning())
    matrices, _ = fed_to_smpl(vector)
    torch.testing.assert_close(
        matrices @ matrices.mT, torch.eye(3).expand(58, 24, 3, 3), atol=1e-5, rtol=0
    )


def test_weights_ship_or_are_the_users(tmp_path: Path) -> None:
    shipped = load_refiner("as-published", body())
    save_published(silent(226), tmp_path / "own.safetensors")
    own = load_refiner("as-published", body(), tmp_path / "own.safetensors")
    assert len(shipped.weights_sha256) == 64 and shipped.weights_sha256 != own.weights_sha256
    with pytest.raises(MissingModel, match="diffannot train as-published"):
        load_refiner("as-published", body(), tmp_path / "none.safetensors")
    with pytest.raises(UnreadableInput, match="published network"):
        from assets import PRIOR_WEIGHTS

        load_refiner("as-published", body(), PRIOR_WEIGHTS)
