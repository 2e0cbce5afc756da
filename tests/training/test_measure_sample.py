import pytest

from assets import SAMPLE_PROJECT
from core.body import load_body
from core.project import Project
from core.refiners import load_refiner
from training.measure_sample import step_errors


def test_step_zero_has_no_error_where_the_rough_annotation_is_the_truth() -> None:
    body = load_body()
    with Project.open(SAMPLE_PROJECT) as project:
        person = project.person(project.rows()[0].id)
    assert person.theta1 is not None
    truth = body.pose(person.theta1)[1][:24]
    errors, _ = step_errors(person, truth, body, load_refiner("paper", body))
    assert len(errors) == 58
    assert errors[0] == pytest.approx(0, abs=0.01)
    assert errors[20] > 5
