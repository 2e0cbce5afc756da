from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.camera import Camera
from core.pose import Parameters
from core.pose.rotations import geodesic, rotations_of
from core.refiners.smoothing import SECONDS, smooth

FIELDS = ("global_orient", "body_pose", "betas", "transl")


def walk(count: int = 15, jitter: float = 0.0, seed: int = 0) -> Parameters:
    """A knee that bends by 4 degrees a frame while the body moves on, with noise."""
    rng = np.random.default_rng(seed)
    pose = np.zeros((count, 23, 3), np.float32)
    pose[:, 3, 0] = np.radians(4) * np.arange(count)
    pose += rng.normal(0, jitter + 1e-12, pose.shape).astype(np.float32)
    transl = np.stack([0.1 * np.arange(count), np.zeros(count), np.full(count, 4.0)], axis=1)
    orient = np.tile(np.array([np.pi - 0.2, 0, 0], np.float32), (count, 1))
    camera = Camera(800, 320, 240, 640, 480)
    return Parameters(orient, pose, np.zeros((count, 10), np.float32), transl, camera)


def off(one: Parameters, other: Parameters) -> torch.Tensor:
    return geodesic(rotations_of(one), rotations_of(other)).mean(1)


def test_noise_is_less_than_half_afterwards_and_an_even_motion_stays() -> None:
    times, nothing = np.arange(21) / 30, np.zeros(21, bool)
    true, noisy = walk(21), walk(21, jitter=0.1)
    inside = slice(6, -6)
    assert off(smooth(noisy, times, nothing), true)[inside].mean() < 0.5 * off(noisy, true).mean()
    steady = smooth(true, times, nothing)
    assert off(steady, true)[inside].max() < 1e-3
    np.testing.assert_allclose(steady.transl[inside], true.transl[inside], atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 12), st.integers(0, 100), st.data())
def test_decided_frames_come_back_to_the_bit_and_betas_of_all(
    count: int, seed: int, data: st.DataObject
) -> None:
    decided = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    track = walk(count, 0.2, seed)
    found = smooth(track, np.arange(count) / 30, decided)
    assert found.betas.tobytes() == track.betas.tobytes()
    for field in FIELDS:
        before, after = getattr(track, field), getattr(found, field)
        assert before[decided].tobytes() == after[decided].tobytes()
    if count > 1:
        assert (decided | (found.body_pose != track.body_pose).any((1, 2))).all()


def test_a_verdict_pulls_its_neighbours_more_than_a_guess_and_a_far_frame_does_not() -> None:
    track = walk(3)
    pose = np.zeros_like(track.body_pose)
    pose[1, 15, 2] = 0.6
    track = replace(track, body_pose=pose)
    one = np.array([False, True, False])
    moved = {
        name: smooth(track, np.array(frames) / 30, decided).body_pose[0, 15, 2]
        for name, frames, decided in (
            ("guess", [0, 1, 2], ~np.ones(3, bool)),
            ("verdict", [0, 1, 2], one),
            ("far", [0, 30, 31], one),
        )
    }
    assert 0 < moved["guess"] < moved["verdict"] < 0.6
    assert moved["far"] == 0


@pytest.mark.parametrize(("rate", "neighbours"), [(60, 12), (30, 6), (10, 2), (2, 0)])
def test_time_decides_who_has_a_say_and_not_the_number_of_frames(
    rate: int, neighbours: int
) -> None:
    count, nobody = 41, np.zeros(41, bool)
    bent = walk(count)
    pose = np.zeros_like(bent.body_pose)
    pose[20, 15, 2] = 0.6
    bent = replace(bent, body_pose=pose)
    moved = np.abs(smooth(bent, np.arange(count) / rate, nobody).body_pose[:, 15, 2]) > 1e-4
    assert moved.sum() == 1 + 2 * neighbours
    # the area under the bend is shared out: in half of the time twice as many have their part
    left = smooth(bent, np.arange(count) / rate, nobody).body_pose[20, 15, 2] / 0.6
    alone = np.exp(-np.square(np.arange(-20, 21) / rate / SECONDS) / 2)
    assert left == pytest.approx(1 / alone.sum(), rel=0.02)
