from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from test_level_refiner import shipped
from test_paper_refiner import body, disturbed, mean_error, seen, standing
from torch import Tensor

from core.evidence import Evidence
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix, geodesic, rotations_of
from core.refiners.iterates import start_of
from core.refiners.level.starts import ARRIVED, from_other_starts
from core.refiners.reprojection import Pose, Sight, each

KNOTS = torch.tensor([ARRIVED / 2, ARRIVED, 60.0])


def turned(theta: Parameters, axis: str, degrees: float) -> Parameters:
    orient = Rotation.from_euler(axis, degrees, degrees=True) * Rotation.from_rotvec(
        theta.global_orient
    )
    return replace(theta, global_orient=orient.as_rotvec().astype(np.float32))


def stays(start: Pose, sight: Sight, levels: Tensor) -> Pose:
    """Refine nothing: what is reached is where one started."""
    return each(start, lambda field: torch.stack([field] * len(levels), dim=1))


def led(theta1: list[Parameters], evidence: list[Evidence]) -> tuple[Pose, Pose, Pose]:
    """Return starts, what they are refined to, and what comes of it by other starts."""
    start, sight = start_of(theta1, evidence, body()), Sight.of(theta1, evidence)
    pose = stays(start, sight, KNOTS)
    return start, pose, from_other_starts(stays, body(), start, sight, KNOTS, pose)


@pytest.mark.parametrize(("axis", "degrees"), [("z", 90), ("z", -90), ("x", 180)])
def test_a_body_that_lies_across_is_turned_as_its_keypoints_stand(axis: str, degrees: int) -> None:
    truth = standing()
    start, _, found = led([turned(truth, axis, degrees)], [seen(truth)])
    off = geodesic(found.rotations[0], rotations_of(truth)).rad2deg()
    assert off[1:].max() < 0.1
    half = geodesic(found.rotations[0, 0, 0], start.rotations[0, 0]).rad2deg()
    assert abs(half - abs(degrees) / 2) < 0.1
    torch.testing.assert_close(
        found.transl[0, 1:], torch.from_numpy(truth.transl).expand(2, 3), atol=1e-2, rtol=0
    )


def test_who_fits_the_keypoints_or_has_none_goes_on_from_theta1() -> None:
    truth = standing()
    slightly, across = turned(truth, "z", 10), turned(truth, "z", 90)
    blind = Evidence(seen(truth).box)
    _, pose, found = led([slightly, across, across], [seen(truth), blind, seen(truth)])
    assert found.rotations[:2].equal(pose.rotations[:2])
    assert found.transl[:2].equal(pose.transl[:2])
    assert not found.rotations[2].equal(pose.rotations[2])


def test_one_who_lies_across_is_found_by_the_refiner_that_ships_one_smooth_way() -> None:
    truth = standing(0.5)
    theta1 = turned(disturbed(truth, 10), "x", 90)
    path = shipped().trajectory(theta1, seen(truth))
    assert path.steps.global_orient[0].tobytes() == theta1.global_orient.tobytes()
    errors = mean_error(path.steps, truth)
    assert errors[18:].max() < 0.25 * errors[0]
    turns = axis_angle_to_matrix(torch.from_numpy(path.steps.global_orient))
    assert geodesic(turns[1:], turns[:-1]).rad2deg().max() < 15


@pytest.mark.parametrize("steps", [1, 2, 4, 7])
def test_a_path_of_few_steps_leads_to_another_start_too(steps: int) -> None:
    truth = standing()
    path = shipped().trajectory(turned(truth, "z", 90), seen(truth), steps)
    errors = mean_error(path.steps, truth)
    assert len(path) == steps + 1 and errors[-1] < 0.3 * errors[0]
