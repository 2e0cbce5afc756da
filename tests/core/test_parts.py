import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.camera import Camera
from core.errors import InvalidAnnotation
from core.parts import PART_NAMES, TORSO, compose, composites
from core.pose import JOINTS, PARTS, Parameters
from core.pose.parameters import SHAPES
from core.trajectory import Suggestion, Trajectory

STEPS = 6


def path() -> Trajectory:
    rng = np.random.default_rng(0)
    steps = {name: rng.normal(size=(STEPS, *shape)) for name, shape in SHAPES.items()}
    camera = Camera.assumed(640, 480)
    return Trajectory(Parameters(**steps, camera=camera), np.zeros(STEPS, np.float32), "test")


def same(one: Parameters, other: Parameters) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in SHAPES)


@given(st.integers(0, STEPS - 1))
def test_all_parts_of_one_step_are_that_step_to_the_bit(step: int) -> None:
    whole = path().steps[step]
    assert same(compose(path(), dict.fromkeys(PARTS, step)), whole)
    assert same(compose(path(), {}, step), whole)


@given(st.dictionaries(st.sampled_from(PART_NAMES), st.integers(0, STEPS - 1)), st.integers(0, 5))
def test_every_joint_turns_as_in_the_step_of_its_part(parts: dict[str, int], rest: int) -> None:
    made, steps = compose(path(), parts, rest), path().steps
    for part, joints in PARTS.items():
        step = parts.get(part, rest)
        for joint in joints:
            if joint:
                assert np.array_equal(made.body_pose[joint - 1], steps.body_pose[step, joint - 1])
    torso = parts.get("torso and head", rest)
    for name in ("global_orient", "betas", "transl"):
        assert np.array_equal(getattr(made, name), getattr(steps, name)[torso])


@given(arrays(np.int64, (4, 5), elements=st.integers(0, STEPS - 1)))
def test_many_bodies_are_composed_as_each_alone(picks: np.ndarray) -> None:
    many = composites(path().steps, picks)
    for row, each in enumerate(picks.tolist()):
        assert same(many[row], compose(path(), dict(zip(PART_NAMES, each, strict=True))))


def test_the_parts_are_all_joints_and_the_torso_holds_the_pelvis() -> None:
    assert sorted(sum(PARTS.values(), ())) == list(range(len(JOINTS)))
    assert 0 in PARTS[PART_NAMES[TORSO]]


@pytest.mark.parametrize(
    ("parts", "rest"), [({"tail": 1}, 0), ({"left arm": STEPS}, 0), ({}, -1), ({"left leg": -1}, 0)]
)
def test_what_is_not_there_is_refused(parts: dict[str, int], rest: int) -> None:
    with pytest.raises(InvalidAnnotation, match=r"no part tail|outside 0\.\.5"):
        compose(path(), parts, rest)


def test_a_suggestion_without_parts_names_no_steps() -> None:
    assert Suggestion(3, 0, "").part_steps == {}
