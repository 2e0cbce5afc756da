import hashlib
from dataclasses import replace
from functools import cache
from math import radians
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from assets import PRIOR_WEIGHTS
from core.camera import Camera
from core.contract.people import body
from core.diffusion import SpacedDiffusion, get_named_beta_schedule
from core.diffusion.denoiser import Denoiser, DenoiserConfig, load_denoiser, save_denoiser
from core.errors import MissingModel, UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.pose import JOINTS, Parameters
from core.pose.rotations import geodesic, rotations_of
from core.pose.vectors import from_vector, to_vector
from core.refiners import DEFAULT_STEPS, Refiner, load_refiner

CAMERA = Camera.assumed(640, 480)
BLIND = Evidence(Box(200, 50, 150, 400))
SIGMA_57 = 0.198757  # sqrt(1 / 0.9619971487695815 - 1)


@cache
def paper() -> Refiner:
    return load_refiner("paper", body())


def standing(yaw: float = 0) -> Parameters:
    pose = np.zeros((23, 3), np.float32)
    pose[JOINTS.index("left_shoulder") - 1, 2] = -1.2  # arms down
    pose[JOINTS.index("right_shoulder") - 1, 2] = 1.2
    orient = Rotation.from_euler("x", 180, degrees=True) * Rotation.from_euler("y", yaw)
    betas = np.zeros(10, np.float32)
    betas[0] = 1.5
    transl = np.array([0.1, 0.2, 4], np.float32)
    return Parameters(orient.as_rotvec().astype(np.float32), pose, betas, transl, CAMERA)


def disturbed(theta: Parameters, degrees: float) -> Parameters:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, radians(degrees) / 3**0.5, (23, 3))
    pose = Rotation.from_rotvec(theta.body_pose) * Rotation.from_rotvec(noise)
    return replace(theta, body_pose=pose.as_rotvec().astype(np.float32))


def seen(theta: Parameters) -> Evidence:
    _, points = body().pose(theta)
    pixels = theta.camera.project(points[body_points("coco")]).astype(np.float32)
    return Evidence(BLIND.box, Keypoints2D("coco", pixels, np.ones(17, np.float32)))


def mean_error(theta: Parameters, truth: Parameters) -> np.ndarray:
    distance = np.linalg.norm(body().pose(theta)[1] - body().pose(truth)[1], axis=-1)
    return np.asarray(distance.mean(-1))


@pytest.mark.parametrize("name", ["paper", "identity"])
def test_the_first_step_is_theta1_to_the_bit(name: str) -> None:
    theta1 = disturbed(standing(), 20)
    path = load_refiner(name, body()).trajectory(theta1, seen(standing()))
    assert len(path) == len(path.levels) == DEFAULT_STEPS + 1
    assert path.refiner == name
    assert path.levels[0] == 0
    for field in ("global_orient", "body_pose", "betas", "transl"):
        first = getattr(path.steps[0], field)
        assert first.tobytes() == getattr(theta1, field).tobytes()
    assert path.steps.camera == CAMERA


def test_levels_say_what_error_is_assumed_in_degrees() -> None:
    levels = paper().trajectory(standing(), BLIND).levels
    assert (np.diff(levels) > 0).all()
    assert levels[57] == pytest.approx(np.degrees(SIGMA_57 * 3 / 2**0.5), rel=1e-4)


def test_a_disturbed_pose_comes_nearer_to_the_truth_at_the_level_of_its_error() -> None:
    truth = standing()
    path = paper().trajectory(disturbed(truth, 15), BLIND)
    errors = mean_error(path.steps, truth)
    step = int(np.argmin(np.abs(path.levels - 15)))
    assert errors[step] < 0.75 * errors[0]


def test_a_step_ends_where_ddim_from_its_timestep_ends() -> None:
    theta1 = disturbed(standing(), 15)
    denoiser, digest = load_denoiser(PRIOR_WEIGHTS)
    process = denoiser.config.process()
    spaced = SpacedDiffusion(
        [11, 23, 34, 46, 57],
        betas=get_named_beta_schedule("linear", 1000),
        model_mean_type=process.model_mean_type,
        model_var_type=process.model_var_type,
        loss_type=process.loss_type,
    )
    vector = to_vector(rotations_of(theta1), torch.from_numpy(theta1.betas), 154)[None]
    end = spaced.ddim_sample_loop(denoiser, (1, 154), noise=vector, clip_denoised=False)
    path = paper().trajectory(theta1, BLIND)
    angles = geodesic(rotations_of(path.steps)[57], from_vector(end)[0][0])
    assert angles.max() < 1e-3
    assert paper().weights_sha256 == digest


def test_few_steps_are_some_of_the_many() -> None:
    theta1 = disturbed(standing(), 15)
    many, few = (paper().trajectory(theta1, BLIND, steps) for steps in (57, 3))
    np.testing.assert_allclose(few.steps.body_pose, many.steps.body_pose[::19], atol=1e-4)
    np.testing.assert_array_equal(few.levels, many.levels[::19])


def test_a_standing_person_keeps_facing_the_same_way() -> None:
    for yaw in np.arange(0, 2 * np.pi, np.pi / 4):
        rotations = rotations_of(paper().trajectory(standing(yaw), BLIND).steps)[:, 0]
        assert geodesic(rotations, rotations[0]).max() < radians(15)


def test_shape_is_locked_and_without_keypoints_the_pelvis_stays() -> None:
    theta1 = disturbed(standing(), 15)
    steps = paper().trajectory(theta1, BLIND).steps
    assert (steps.betas == theta1.betas).all()
    pelvis = body().pose(steps)[1][:, 0]
    np.testing.assert_allclose(pelvis, np.broadcast_to(pelvis[0], pelvis.shape), atol=1e-5)


def test_steps_are_moved_onto_the_keypoints() -> None:
    truth = standing()
    astray = replace(disturbed(truth, 10), transl=np.array([0.6, 0.2, 5], np.float32))
    steps = paper().trajectory(astray, seen(truth)).steps
    assert np.abs(steps.transl[30] - truth.transl).max() < 0.15
    assert mean_error(steps, truth)[30] < 0.2 * mean_error(steps, truth)[0]


def test_the_same_input_gives_the_same_bytes() -> None:
    theta1 = disturbed(standing(), 15)
    one, two = (paper().trajectory(theta1, seen(standing())) for _ in range(2))
    assert one.steps.body_pose.tobytes() == two.steps.body_pose.tobytes()
    assert one.steps.transl.tobytes() == two.steps.transl.tobytes()


@pytest.mark.parametrize("width", [154, 226])
def test_the_users_own_weights_denoise_and_are_named_by_their_hash(
    tmp_path: Path, width: int
) -> None:
    config = DenoiserConfig(dim=width, width=16, blocks=1, embedding=8)
    rest = torch.eye(3).expand(24, 3, 3)
    known = to_vector(rest, torch.zeros(10), width)  # of a corpus in which nobody moves
    own = Denoiser(config, known, torch.full((width,), 1e-3))
    save_denoiser(own, tmp_path / "own.safetensors")
    refiner = load_refiner("paper", body(), tmp_path / "own.safetensors")
    steps = refiner.trajectory(standing(), BLIND).steps
    assert geodesic(rotations_of(steps)[57], rest).max() < radians(2)
    digest = hashlib.sha256((tmp_path / "own.safetensors").read_bytes()).hexdigest()
    assert refiner.weights_sha256 == digest != paper().weights_sha256


def test_weights_of_other_vectors_or_for_a_refiner_without_are_refused(tmp_path: Path) -> None:
    wide = Denoiser(DenoiserConfig(dim=82, width=16, blocks=1, embedding=8))
    save_denoiser(wide, tmp_path / "wide.safetensors")
    with pytest.raises(UnreadableInput, match="82 wide, not 154 or 226"):
        load_refiner("paper", body(), tmp_path / "wide.safetensors")
    with pytest.raises(UnreadableInput, match="identity takes no weights"):
        load_refiner("identity", body(), tmp_path / "wide.safetensors")
    with pytest.raises(MissingModel, match="diffannot train"):
        load_refiner("paper", body(), tmp_path / "none.safetensors")


def test_unknown_refiners_are_refused_by_name() -> None:
    with pytest.raises(UnreadableInput, match=r"magic.*paper, .*identity"):
        load_refiner("magic", body())
