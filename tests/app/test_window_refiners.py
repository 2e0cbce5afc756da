"""Every refiner of the registry can be chosen in the window and runs there."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot
from tiny_projects import STEPS, BallModels, make_project
from window_kit import Open

from app.model_thread import Models
from app.settings import Settings
from core.jobs import finish
from core.progress import CancelToken
from core.project import Accept, Project
from core.refiners import DEFAULT_REFINER, REFINERS


@pytest.fixture(scope="module")
def real_models() -> Models:
    return Models()


@pytest.mark.parametrize("name", sorted(REFINERS))
def test_the_window_runs_it(name: str, tmp_path: Path, real_models: Models) -> None:
    path = make_project(tmp_path, persons=1)  # with a run by another one
    real_models.refiner = name
    assert finish(real_models.annotate(path, 1, CancelToken())).done == 1
    with Project.open(path) as project:
        run = project.person(1).run
        assert run is not None and run.trajectory.refiner == name
        assert len(run.trajectory) == 58


def choose(name: str, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    offered = []

    def pick(_window: object, _title: str, _label: str, names: list[str], *_: object) -> object:
        offered.append(names)
        return name, bool(name)

    monkeypatch.setattr(QInputDialog, "getItem", pick)
    return offered


def test_the_chosen_one_makes_the_steps_from_the_shown_person_on(
    open_window: Open,
    models: BallModels,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(make_project(tmp_path))
    asked: list[int] = []
    monkeypatch.setattr(window.review.background, "annotate", lambda _, one: asked.append(one))
    assert models.refiner == DEFAULT_REFINER
    offered = choose("fit", monkeypatch)
    window.actions_by_name["refiner"].trigger()
    assert offered == [list(REFINERS)]
    assert (models.refiner, Settings().refiner, asked) == ("fit", "fit", [1])
    choose("", monkeypatch)  # the dialog was left
    window.actions_by_name["refiner"].trigger()
    assert (models.refiner, asked) == ("fit", [1])


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
    choose("fit", monkeypatch)
    window.actions_by_name["refiner"].trigger()
    assert 1 not in asked


def test_the_choice_is_remembered_and_an_unknown_one_is_not(
    open_window: Open, models: BallModels
) -> None:
    settings = Settings()
    settings.refiner = "guided"
    assert Settings().refiner == "guided"
    open_window(None)
    assert models.refiner == "guided"
    settings.refiner = "gone with the last version"
    assert Settings().refiner == DEFAULT_REFINER
