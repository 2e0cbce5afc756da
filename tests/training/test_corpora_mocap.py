from math import pi
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import UnreadableInput
from core.pose import JOINTS
from core.pose.rotations import axis_angle_to_matrix, geodesic
from core.pose.vectors import from_vector
from training.corpora.mocap import (
    SAME_TAKE_AS,
    SUBJECTS,
    PoseSampler,
    Take,
    mirror,
    read_corpus,
)

MOCAP = Path(__file__).parents[3] / "shared" / "data" / "mocap"
L_KNEE, R_KNEE, L_COLLAR = (JOINTS.index(n) for n in ("left_knee", "right_knee", "left_collar"))


def write_amass(path: Path, poses: np.ndarray, fps: float = 30) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, poses=poses, mocap_framerate=fps, trans=np.zeros((len(poses), 3)))


def sample(takes: list[Take], count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    rotations, _ = from_vector(PoseSampler(takes)(count, generator, mix=False))
    return rotations


def test_an_amass_take_becomes_upright_at_thirty_frames(tmp_path: Path) -> None:
    poses = np.zeros((8, 156))
    poses[:, 0] = pi / 2  # AMASS: z up, so an upright body has a quarter turn about x
    poses[:, 3 * L_KNEE] = 0.5
    poses[:, 66:] = 1  # fingers
    write_amass(tmp_path / "s1" / "walk.npz", poses, fps=120)
    (take,) = read_corpus(tmp_path)
    assert (take.name, take.subject, take.poses.shape) == ("walk", "s1", (2, 24, 3))
    np.testing.assert_allclose(take.poses[:, 0], 0, atol=1e-6)
    assert take.poses[0, L_KNEE].tolist() == [0.5, 0, 0]
    assert (take.poses[:, 22:] == 0).all()


def test_amass_is_read_as_it_unpacks(tmp_path: Path) -> None:
    write_amass(tmp_path / "CMU" / "02" / "02_01_poses.npz", np.zeros((4, 156)))
    write_amass(tmp_path / "ACCAD" / "Female1" / "A1_poses.npz", np.zeros((4, 156)))
    np.savez(tmp_path / "CMU" / "02" / "shape.npz", betas=np.zeros(16), gender="male")
    smplx = tmp_path / "KIT" / "3"
    smplx.mkdir(parents=True)
    np.savez(smplx / "neutral_stagei.npz", betas=np.zeros(300), gender="neutral")
    np.savez(smplx / "kick_stageii.npz", poses=np.zeros((8, 165)), mocap_frame_rate=60.0)
    found = {take.name: (take.subject, len(take.poses)) for take in read_corpus(tmp_path)}
    assert found == {
        "02_01_poses": ("cmu 02", 4), "A1_poses": ("Female1", 4), "kick_stageii": ("3", 4),
    }  # fmt: skip
    (tested,) = read_corpus(tmp_path / "CMU", "test")  # whom the open bench is of
    assert tested.subject == "cmu 02"


def test_upright_bodies_stand_upright_before_the_camera() -> None:
    rotations = sample([Take("t", "s", np.zeros((5, 24, 3), np.float32))], 2000)
    up = rotations[:, 0, :, 1]  # where the body's y axis points: up is -y in the camera frame
    tilt = torch.rad2deg(torch.acos(-up[:, 1]))
    assert tilt.median() < 20
    assert tilt.max() < 80
    assert up[:, 2].mean() < -0.05  # cameras look a little down: heads lean towards them
    forward = rotations[:, 0, :, 2]
    yaw = torch.atan2(forward[:, 0], -forward[:, 2])
    assert yaw.sin().mean().abs() < 0.05  # every yaw is as likely
    assert yaw.cos().mean().abs() < 0.05


def test_mirroring_swaps_sides_and_is_its_own_inverse() -> None:
    pose = torch.zeros(24, 3)
    pose[L_KNEE] = torch.tensor([0.5, 0.2, 0.1])
    rotations = axis_angle_to_matrix(pose)
    mirrored = mirror(rotations)
    expected = axis_angle_to_matrix(torch.tensor([0.5, -0.2, -0.1]))
    torch.testing.assert_close(mirrored[R_KNEE], expected)
    torch.testing.assert_close(mirrored[L_KNEE], torch.eye(3))
    torch.testing.assert_close(mirror(mirrored), rotations)


def test_joints_nobody_measured_are_spread_and_measured_ones_kept() -> None:
    poses = np.zeros((1, 24, 3), np.float32)
    poses[:, [L_KNEE, R_KNEE], 0] = 0.5
    rotations = sample([Take("t", "s", poses)], 2000)
    knee = axis_angle_to_matrix(torch.tensor([0.5, 0, 0]))
    assert geodesic(rotations[:, L_KNEE], knee).max() < 1e-3
    angles = geodesic(rotations[:, L_COLLAR], torch.eye(3)).rad2deg()
    assert angles.square().mean().sqrt().item() == pytest.approx(8, rel=0.05)


def test_long_takes_are_not_drawn_in_proportion() -> None:
    long, short = np.zeros((900, 24, 3), np.float32), np.zeros((100, 24, 3), np.float32)
    long[:, L_KNEE, 0] = long[:, R_KNEE, 0] = 1
    rotations = sample([Take("a", "s", long), Take("b", "u", short)], 4000)
    bent = geodesic(rotations[:, L_KNEE], torch.eye(3)) > 0.9
    assert bent.float().mean().item() == pytest.approx(30 / 40, abs=0.03)  # roots of 900 and 100


def test_limbs_of_another_frame_come_whole_and_leave_the_trunk_alone() -> None:
    poses = np.zeros((2, 24, 3), np.float32)
    poses[1, :, 0] = 0.5
    generator = torch.Generator().manual_seed(0)
    rotations, _ = from_vector(PoseSampler([Take("t", "s", poses)])(4000, generator))
    bent = geodesic(rotations, torch.eye(3).expand(24, 3, 3)) > 0.45
    spine, hip, knee, elbow = (
        bent[:, JOINTS.index(name)] for name in ("spine1", "left_hip", "left_knee", "left_elbow")
    )
    assert (hip == knee).float().mean() > 0.99
    for limb in (knee, elbow):  # 15 % are another frame's, half of them of its like
        assert (limb == spine).float().mean().item() == pytest.approx(0.925, abs=0.02)


@pytest.mark.parametrize("fault", ["empty", "not npz", "no poses", "narrow", "no rate"])
def test_folders_without_motion_capture_are_refused(tmp_path: Path, fault: str) -> None:
    if fault == "not npz":
        (tmp_path / "a.npz").write_bytes(b"nonsense")
    elif fault == "no poses":
        np.savez(tmp_path / "a.npz", trans=np.zeros(3))
    elif fault == "narrow":
        write_amass(tmp_path / "a.npz", np.zeros((4, 9)))
    elif fault == "no rate":
        np.savez(tmp_path / "a.npz", poses=np.zeros((4, 72)))
    with pytest.raises(UnreadableInput, match=r"motion capture"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_some_amass_subjects_are_never_trained_on(split: str) -> None:
    poses = np.zeros((1, 24, 3), np.float32)
    kept = [name for name in map(str, range(200)) if Take("t", name, poses).split == split]
    assert 5 < len(kept) < 40


@pytest.mark.skipif(not MOCAP.exists(), reason="../shared/data/mocap is absent")
def test_the_real_corpus_is_split_by_subject_without_twins() -> None:
    takes = read_corpus(MOCAP)
    names = [take.name for take in takes]
    assert len(names) == len(set(names)) == 137 + 20 - 4
    assert not set(names) & set(SAME_TAKE_AS)
    assert set(SAME_TAKE_AS.values()) <= set(names)
    kept = {take.subject: take.split for take in takes if take.split != "train"}
    assert kept == SUBJECTS
    subjects = {take.subject for take in takes}
    assert {"cmu 01", "cmu 05", "cmu 06", "cmu 07", "deepmimic backflip"} <= subjects
    counts = {
        split: sum(len(take.poses) for take in read_corpus(MOCAP, split))
        for split in ("train", "validation", "test")
    }
    assert counts == {"train": 30178, "validation": 4650, "test": 3565}


def test_nothing_is_drawn_of_a_split_without_takes() -> None:
    with pytest.raises(UnreadableInput, match="other splits"):
        PoseSampler([])
