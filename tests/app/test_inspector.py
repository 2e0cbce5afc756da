import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_projects import upright

from app.mix import Mix
from app.panels.inspector import figures, suggestion_in_words
from app.poses import part_means, poses_of
from core.parts import PART_NAMES, PART_OF_JOINT
from core.pose import JOINTS, Parameters
from core.pose.turns import turns
from core.project import Run
from core.suggest.misses import Misses
from core.trajectory import Suggestion, Trajectory


def bent(joint: str, degrees: float) -> Parameters:
    pose = np.zeros((23, 3), np.float32)
    pose[JOINTS.index(joint) - 1, 2] = np.radians(degrees)
    one = upright()
    return Parameters(one.global_orient, pose, one.betas, one.transl, one.camera)


def test_a_turned_joint_is_told_in_degrees() -> None:
    turned = turns(bent("left_elbow", 10), bent("left_elbow", 40))
    assert turned[JOINTS.index("left_elbow")] == pytest.approx(30, abs=1e-4)
    assert np.delete(turned, JOINTS.index("left_elbow")).max() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("expected gain 39 ± 21 mm", "turns most: left elbow, by 30°"),
        ("expected gain 39 ± 21 mm, without keypoints", None),
        ("2D error falls 12 %", None),
    ],
)
def test_a_reason_that_only_says_the_gain_again_says_where_to_look_instead(
    reason: str, shown: str | None
) -> None:
    steps = Parameters.stack([bent("left_elbow", degrees) for degrees in (10, 25, 40)])
    path = Trajectory(steps, np.zeros(3, np.float32), "test")
    suggestion = Suggestion(2, 38.7, reason, 21.2)
    run = Run(1, path, np.zeros(3, np.float32), suggestion, "", 0, "")
    words = ("Step 2", "expected gain 39 ± 21 mm", reason if shown is None else shown)
    assert suggestion_in_words(run, "") == words


AXIS_ANGLE = st.tuples(*[st.floats(-3, 3, width=32)] * 3)


@given(AXIS_ANGLE, AXIS_ANGLE)
@settings(deadline=None, max_examples=50)
def test_a_turn_is_the_same_there_and_back_and_at_most_half_a_circle(
    first: tuple[float, ...], second: tuple[float, ...]
) -> None:
    from scipy.spatial.transform import Rotation

    vectors = np.float32([first, second])
    one, other = (
        Parameters(vector, np.zeros((23, 3)), np.zeros(10), np.zeros(3), upright().camera)
        for vector in vectors
    )
    there, back = turns(one, other)[0], turns(other, one)[0]
    assert there == pytest.approx(back, abs=1e-9)
    truth = (Rotation.from_rotvec(vectors[0]).inv() * Rotation.from_rotvec(vectors[1])).magnitude()
    assert there == pytest.approx(np.degrees(truth), abs=1e-4)


def test_figures_compare_each_part_with_the_rough_annotation() -> None:
    steps = Parameters.stack([bent("left_elbow", 0), bent("left_elbow", 25)])
    misses = np.full((2, 1 + len(PART_NAMES)), np.nan, np.float32)
    misses[:, 2] = 0.04, 0.01
    vertices = np.zeros((2, 4, 3), np.float32) + steps.transl[:, None]
    points = np.repeat(steps.transl[:, None], 45, axis=1)
    faces, parts = np.zeros((1, 3), np.int32), np.zeros(4, np.int8)
    poses = poses_of((1, 1, 1), steps, vertices, points, faces, parts, misses)
    whole, torso, left_arm, *_ = figures(None, Mix(1), poses, poses, 1)
    assert left_arm.turned == pytest.approx(25 / 5, abs=1e-4)  # one of its five joints
    assert (left_arm.before, left_arm.now) == pytest.approx((0.04, 0.01))
    assert torso.turned == pytest.approx(0, abs=1e-4)
    assert whole.turned == pytest.approx(25 / 24, abs=1e-4)
    assert np.isnan(torso.now)


def test_misses_are_averaged_over_the_keypoints_of_each_part() -> None:
    distance = np.array([[0.1, 0.3, 0.05]], np.float32)
    weight = np.array([0.25, 0.25, 0.5], np.float32)
    means = part_means(Misses(distance, weight, np.array([1, 1, 4])))
    np.testing.assert_allclose(means[0, [0, 2, 5]], [0.125, 0.2, 0.05], rtol=1e-6)
    assert np.isnan(means[0, [1, 3, 4]]).all()


def test_every_joint_has_its_part() -> None:
    assert PART_NAMES[PART_OF_JOINT[JOINTS.index("left_wrist")]] == "left arm"
    assert PART_NAMES[PART_OF_JOINT[JOINTS.index("pelvis")]] == "torso and head"
    assert PART_OF_JOINT.shape == (24,)
