"""Errors of steps on the sample project: `python -m training.measure_sample [--refiner NAME]`.

MPJPE in mm of 22 joints against the exact truth, pelvis at the origin; one row a person.
"""

import argparse
import sys

import numpy as np
from numpy.typing import NDArray

from assets import SAMPLE_PROJECT
from core.body import BodyModel, load_body
from core.metrics import joint_errors
from core.project import Person, Project
from core.refiners import DEFAULT_REFINER, REFINERS, Refiner, load_refiner
from core.suggest import DEFAULT_RECOMMENDER, load_recommender
from training.plainly import one_line

JOINTS_JUDGED = 22
STEPS_SHOWN = (0, 10, 20, 40)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure a refiner on the sample project.")
    parser.add_argument("--refiner", default=DEFAULT_REFINER, choices=REFINERS)
    body = load_body()
    refiner = load_refiner(parser.parse_args().refiner, body)
    rows, chosen = [], []
    with Project.open(SAMPLE_PROJECT) as project, np.load(SAMPLE_PROJECT.parent / "truth.npz") as t:
        for row, truth in zip(project.rows(), t["joints"], strict=True):
            errors, suggested = step_errors(project.person(row.id), truth, body, refiner)
            rows.append(errors)
            chosen.append(errors[suggested])
            _say(f"{row.image} {row.number}", errors, f"suggested {suggested}")
    _say("mean", np.mean(rows, axis=0), f"suggested {np.mean(chosen):.1f} mm")


def step_errors(
    person: Person, truth: NDArray[np.floating], body: BodyModel, refiner: Refiner
) -> tuple[NDArray[np.floating], int]:
    """Return the errors (N+1,) in mm of a person's steps, and the step suggested.

    Parameters
    ----------
    person : Person
        With Θ1.
    truth : NDArray, shape (24, 3)
        Joints in metres, camera frame.
    body : BodyModel
        Poses the steps.
    refiner : Refiner
        Makes the trajectory.
    """
    if person.theta1 is None:
        raise ValueError(f"person {person.row.id} has no rough annotation")
    trajectory = refiner.trajectory(person.theta1, person.evidence)
    joints = body.pose(trajectory.steps)[1][:, :JOINTS_JUDGED]
    true = np.broadcast_to(truth[:JOINTS_JUDGED], joints.shape)
    errors = joint_errors(joints - joints[:, :1], true - true[:, :1]).mean(axis=1) * 1000
    recommender = load_recommender(DEFAULT_RECOMMENDER, body)
    score = recommender.score(trajectory, person.evidence)
    return errors, recommender.suggest(score).step


def _say(name: str, errors: NDArray[np.floating], rest: str) -> None:
    steps = "  ".join(f"step {step} {errors[step]:5.1f}" for step in STEPS_SHOWN)
    sys.stdout.write(f"{name:12} {steps}  {rest}\n")


if __name__ == "__main__":
    with one_line():
        main()
