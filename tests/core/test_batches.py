from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from project_kit import parameters, picture
from test_jobs import OPTIONS, Scripted
from test_paper_refiner import body

from core.errors import Cancelled, InvalidAnnotation
from core.evidence import Box, Evidence
from core.jobs import annotate, finish
from core.jobs.batches import batch_engine
from core.pose import Parameters
from core.progress import CancelToken
from core.project import Project, Source
from core.refiners import BatchRefiner
from core.trajectory import Trajectory

PEOPLE = 5


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Five people with a Θ1, told apart by their first beta, and two whom nobody looked at."""
    with Project.create(tmp_path / "p.diffannot") as made:
        image = made.add_image(picture(tmp_path / "people.png", 200))
        for number in range(PEOPLE):
            person = made.add_person(image, Box(10 + number, 10, 50, 60))
            theta1 = parameters(0.1)
            theta1.betas[0] = number
            made.add_theta1(person, theta1, Source("given", ""))
        for x in (20, 0):
            made.add_person(image, Box(x, 10, 50, 60))
        yield made


class Small(BatchRefiner):
    """Changes nothing, for so many persons at once; the one with a beta of 3 cannot be refined."""

    name = "small"

    def __init__(self, most: int) -> None:
        self.most = most
        self.sizes: list[int] = []

    def trajectories(
        self,
        theta1: Sequence[Parameters],
        evidence: Sequence[Evidence],
        steps: int = 3,
        seed: int = 0,
    ) -> list[Trajectory]:
        self.sizes.append(len(theta1))
        if len(theta1) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        if any(one.betas[0] == 3 for one in theta1):
            raise InvalidAnnotation("The third cannot be refined")
        levels = np.zeros(steps + 1, np.float32)
        return [
            Trajectory(Parameters.stack([one] * (steps + 1)), levels, self.name) for one in theta1
        ]


def test_persons_are_refined_together_and_who_cannot_be_is_named(project: Project) -> None:
    refiner, frontend = Small(99), Scripted()
    engine = batch_engine(frontend, refiner, body(), OPTIONS)
    report = finish(annotate(project, frontend, refiner, body(), OPTIONS, engine=engine))
    assert report.done == PEOPLE  # four of the five, and the one that the frontend saw
    assert [failure.partition(":")[0] for failure in report.failures] == [
        "people.png person 7",
        "people.png person 4",
    ]
    assert refiner.sizes == [6, *[1] * 6]  # the batch failed: one by one
    runs = [project.person(row.id).run for row in project.rows()]
    betas = [run.trajectory.steps.betas[2, 0] for run in runs if run is not None]
    assert betas[:4] == [0, 1, 2, 4] and len(betas) == PEOPLE


def test_a_batch_that_memory_does_not_hold_is_halved(project: Project) -> None:
    refiner, frontend = Small(2), Scripted()
    engine = batch_engine(frontend, refiner, body(), OPTIONS)
    report = finish(annotate(project, frontend, refiner, body(), OPTIONS, engine=engine))
    assert report.done == PEOPLE
    assert refiner.sizes[:3] == [6, 3, 1]


def test_a_job_that_is_called_off_stops_before_the_next_person(project: Project) -> None:
    refiner, frontend, token = Small(99), Scripted(), CancelToken()
    engine = batch_engine(frontend, refiner, body(), OPTIONS, token)
    token.cancel()
    with pytest.raises(Cancelled):
        list(engine([project.person(row.id) for row in project.rows()]))
    assert not refiner.sizes and not frontend.looked
