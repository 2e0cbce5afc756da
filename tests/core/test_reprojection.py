from dataclasses import replace

import pytest
import torch
from test_paper_refiner import BLIND, body, disturbed, seen, standing

from core.evidence import Evidence
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix, geodesic, rotations_of
from core.refiners.reprojection import Belief, Expected, Pose, Sight, solve_turns, swing


def pose_of(theta1: Parameters) -> Pose:
    return Pose(
        rotations_of(theta1)[None],
        torch.from_numpy(theta1.betas)[None],
        torch.from_numpy(theta1.transl)[None],
    )


@pytest.mark.parametrize("joint", [0, 3, 12, 16, 18, 4, 5, 20])
def test_points_swing_about_a_joint_as_finite_differences_say(joint: int) -> None:
    pose, small = pose_of(disturbed(standing(0.7), 25)), 1e-3
    points, turned = body().points_and_turns(pose.rotations, pose.betas, pose.transl)
    derivative = swing(body(), turned, points, torch.arange(45), torch.eye(3).expand(1, 45, 3, 3))
    for axis in range(3):
        turn = torch.zeros(1, 24, 3)
        turn[0, joint, axis] = small
        ends = [
            body().points(
                pose.rotations @ axis_angle_to_matrix(way * turn), pose.betas, pose.transl
            )
            for way in (1, -1)
        ]
        expected = (ends[0] - ends[1]) / (2 * small)
        # correctives and blended skin are left out: 6 mm a radian
        assert (expected - derivative[..., 3 * joint + axis]).norm(dim=-1).max() < 0.006


def test_misses_and_their_slope_by_hand() -> None:
    sight = Sight(
        torch.tensor([[[110.0, 50.0]]]),
        torch.ones(1, 1),
        torch.tensor([200.0]),
        torch.tensor([500.0]),
        torch.tensor([[100.0, 100.0]]),
    )
    point = torch.tensor([[[0.2, -0.1, 5.0]]])
    # seen at (120, 90)
    torch.testing.assert_close(sight.miss(point), torch.tensor([[[10 / 200, 40 / 200]]]))
    slope = torch.tensor([[0.5, 0, -0.02], [0, 0.5, 0.01]])
    torch.testing.assert_close(sight.slope(point)[0, 0], slope)


def test_a_bent_elbow_is_straightened_by_its_keypoints_alone() -> None:
    truth = standing()
    bent = truth.body_pose.copy()
    bent[17, 1] = -0.4
    rough = replace(truth, body_pose=bent)
    pose = pose_of(rough)
    sight = Sight.of([rough], [seen(truth)])
    for _ in range(10):
        belief = Belief.near(pose.rotations, pose.rotations, 0.1)
        pose = pose.moved(*solve_turns(body(), sight, pose, belief))
    points = body().points(pose.rotations, pose.betas, pose.transl)
    used = sight.weight[0] > 0
    assert sight.miss(points)[0, used].norm(dim=-1).max() < 0.003


def test_where_nothing_is_seen_the_belief_is_followed() -> None:
    here, there = pose_of(standing()), pose_of(disturbed(standing(), 20))
    belief = Belief.near(here.rotations, there.rotations, 0.1)
    turns, shifts = solve_turns(body(), Sight.of([standing()], [BLIND]), here, belief)
    assert geodesic(here.moved(turns, shifts).rotations, there.rotations).max() < 1e-3
    assert shifts.abs().max() < 1e-6


def test_two_beliefs_meet_in_the_middle() -> None:
    here = pose_of(standing())
    turn = torch.zeros(1, 24, 3)
    turn[0, 4, 0] = 0.3
    there = here.moved(turn, torch.zeros(1, 3))
    belief = Belief.near(here.rotations, here.rotations, 0.1)
    belief = belief + Belief.near(here.rotations, there.rotations, 0.1)
    turns, _ = solve_turns(body(), Sight.of([standing()], [BLIND]), here, belief)
    assert float(turns[0, 4, 0]) == pytest.approx(0.15, abs=1e-4)


def test_a_joint_that_is_held_for_sure_turns_as_expected_whatever_is_seen() -> None:
    pose = pose_of(disturbed(standing(), 20))
    sight = Sight.of([standing()], [seen(standing())])
    turns = torch.zeros(1, 72)
    variance = torch.full((1, 72), 0.04)
    turns[0, 54:60], variance[0, 54:60] = 0.2, 0  # elbows
    solved, _ = solve_turns(body(), sight, pose, Expected(turns, variance))
    assert solved[0, 18:20].eq(0.2).all()
    assert solved[0, 16:18].ne(0).all()


def test_the_smaller_equations_give_what_the_normal_equations_give() -> None:
    pose = pose_of(disturbed(standing(), 20))
    sight = Sight.of([standing()], [seen(standing())])
    belief = Belief.near(pose.rotations, pose.rotations, 0.3)
    turns, shifts = solve_turns(body(), sight, pose, belief)
    points, turned = body().points_and_turns(pose.rotations, pose.betas, pose.transl)
    miss, slope = sight.miss(points), sight.slope(points)
    swung = swing(body(), turned, points, torch.arange(45), slope)
    jacobian = torch.cat([swung, slope], dim=-1).flatten(1, 2)[0].double()
    trust = (1 + (miss / 0.1).square().sum(-1)) ** -2
    weight = (sight.weight * trust / 0.02**2)[0, :, None].expand(-1, 2).flatten().double()
    prior = torch.cat([belief.precision[0], torch.ones(3)]).double()
    normal = jacobian.T @ (weight[:, None] * jacobian) + prior.diag()
    solved = torch.linalg.solve(normal, -jacobian.T @ (weight * miss.flatten().double()))
    torch.testing.assert_close(turns.flatten().double(), solved[:72], atol=1e-4, rtol=0)
    torch.testing.assert_close(shifts.flatten().double(), solved[72:], atol=1e-4, rtol=0)


def test_two_keypoints_are_none() -> None:
    evidence = seen(standing())
    assert evidence.keypoints is not None
    evidence.keypoints.confidence[2:] = 0
    sight = Sight.of([standing()], [Evidence(BLIND.box, evidence.keypoints)])
    assert (sight.weight == 0).all()
    assert sight.pixels.isfinite().all()
