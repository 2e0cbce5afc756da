"""Every refiner of the registry can be chosen in the window and runs there."""

from pathlib import Path

import pytest
from tiny_projects import STEPS, make_project
from window_kit import Open

from app.models import Models
from app.preferences import Preferences
from core.jobs import finish
from core.progress import CancelToken
from core.project import Accept, Project
from core.refiners import REFINERS


@pytest.fixture(scope="module")
def real_models() -> Models:
    return Models()


@pytest.mark.parametrize("name", sorted(REFINERS))
def test_the_window_runs_it(name: str, tmp_path: Path, real_models: Models) -> None:
    path = make_project(tmp_path, persons=1)  # with a run by another one
    real_models.preferences = Preferences(refiner=name)
    assert finish(real_models.annotate(path, 1, CancelToken())).done == 1
    with Project.open(path) as project:
        run = project.person(1).run
        assert run is not None and run.trajectory.refiner == name
        assert len(run.trajectory) == 58


def test_who_is_decided_is_not_refined_anew(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_project(tmp_path)
    with Project.open(path) as project:
        run = project.person(1).run
        assert run is not None
        project.decide(Accept(1, run.id, STEPS))
    window = open_window(path, ready=False)
    window.review.select(1)
    asked: list[int] = []
    monkeypatch.setattr(window.review.background, "annotate", lambda _, one: asked.append(one))
    window.review.use(Preferences(refiner="fit"))
    assert 1 not in asked
