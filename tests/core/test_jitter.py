"""Acceleration along a track, and the frames where it jumps."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project_kit import parameters, picture

from core.body import load_body
from core.evidence import Box
from core.jobs import finish
from core.jobs.motion import Choice, motion_of
from core.metrics.jitter import accelerations, jumps
from core.pose import Parameters
from core.project import Frame, Pick, Project, Source
from core.trajectory import Suggestion, Trajectory

EVEN = np.arange(9) / 10


def moving(x: np.ndarray) -> np.ndarray:
    """A pelvis that stays and one joint that goes along x, metres."""
    joints = np.zeros((len(x), 2, 3))
    joints[:, 1, 0] = x
    return joints


def test_a_known_acceleration_is_found_at_even_and_uneven_times() -> None:
    # x = 3 t^2 accelerates by 6 m/s2; of two joints one moves
    for times in (EVEN, np.array([0.0, 0.1, 0.15, 0.4, 0.5])):
        found = accelerations(moving(3 * times**2), times)
        np.testing.assert_allclose(found[1:-1], 3.0, atol=1e-9)
        assert np.isnan(found[[0, -1]]).all()


def test_it_is_the_second_difference_over_the_square_of_the_time() -> None:
    # 0, 10, 0 mm at 10 frames a second: 20 mm a frame squared are 2 m/s2, the mean of two joints 1
    found = accelerations(moving(np.array([0, 0.01, 0])), EVEN[:3])
    assert found[1] == pytest.approx(1.0)


@given(st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_an_even_motion_and_a_moving_camera_have_none(speed: float, start: float) -> None:
    joints = moving(start + speed * EVEN)
    joints += 50 * np.sin(40 * EVEN)[:, None, None]  # the whole body, pelvis and all
    np.testing.assert_allclose(accelerations(joints, EVEN)[1:-1], 0, atol=1e-9)


def test_frames_that_are_missing_or_far_apart_void_their_neighbours() -> None:
    joints = moving(EVEN**2)
    joints[4] = np.nan
    assert np.flatnonzero(np.isnan(accelerations(joints, EVEN))).tolist() == [0, 3, 4, 5, 8]
    times = EVEN.copy()
    times[5:] += 1.0
    found = accelerations(moving(times), times)
    assert np.flatnonzero(np.isnan(found)).tolist() == [0, 4, 5, 8]
    assert np.isnan(accelerations(joints[:2], EVEN[:2])).all()


def test_one_wrong_frame_is_one_jump() -> None:
    times = np.arange(40) / 30
    x = np.sin(times)
    assert not jumps(accelerations(moving(x), times), times).any()
    x[17] += 0.2
    assert np.flatnonzero(jumps(accelerations(moving(x), times), times)).tolist() == [17]


def test_what_is_no_more_than_a_shiver_is_no_jump() -> None:
    times = np.arange(40) / 30
    x = np.zeros(40)
    x[17] = 0.01  # 5 mm on the mean of two joints
    assert not jumps(accelerations(moving(x), times), times).any()
    assert not jumps(np.full(4, np.nan), times[:4]).any()


def test_a_track_is_measured_for_each_choice_of_steps(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.diffannot") as project:
        sequence = project.add_sequence(tmp_path / "film", "", 30.0)
        for number in range(20):
            image = project.add_image(
                picture(tmp_path / f"{number}.png", number), Frame(sequence, number, number / 30)
            )
            person = project.add_person(image, Box(9, 9, 50, 90), track="film/1")
            if number == 15:
                continue  # has no annotation
            # the rough annotation of frame 8 is wrong, and the suggestion mends it
            rough, mended = parameters(1.0 if number == 8 else 0.2), parameters(0.2)
            theta1 = project.add_theta1(person, rough, Source("x"))
            path = Trajectory(Parameters.stack([rough, mended]), np.arange(2.0), "identity")
            project.add_run(
                person,
                theta1,
                path,
                np.float32([0.5, number]),
                Suggestion(1, 1.0, "x"),
                "w",
                0,
                "b",
            )
        project.decide(Pick(4, 4, 0))
        project.decide(Pick(9, 9, 0))
        motion = finish(motion_of(project, project.rows(), load_body()))
    jumping = {choice: np.flatnonzero(motion.jumps[choice]).tolist() for choice in Choice}
    assert jumping == {Choice.THETA1: [8], Choice.SUGGESTED: [], Choice.NOW: [8]}
    assert np.isnan(motion.accelerations[Choice.THETA1][[0, 14, 15, 16, 19]]).all()
    assert motion.scores.shape == (20, 2) and np.isnan(motion.scores[15]).all()
    assert motion.scores[7].tolist() == [0.5, 7]
