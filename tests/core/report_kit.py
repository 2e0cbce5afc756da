"""People to report on, and reviewers by script: who decides what, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.body import BodyModel
from core.camera import Camera
from core.evidence import Box, Keypoints2D
from core.keypoints import body_points
from core.parts import PART_NAMES
from core.pose import JOINTS, Parameters
from core.project import Decision, Project, Source
from core.project import project as project_module
from core.trajectory import PartSuggestion, Suggestion, Trajectory

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def review(
    project: Project,
    acts: Iterable[tuple[float, str, Decision | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let reviewers decide, at seconds after `BEGIN`; None undoes the decision before."""
    for seconds, who, decision in acts:
        time = (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        monkeypatch.setattr(project_module, "_now", lambda time=time: time)
        monkeypatch.setattr(project_module, "_user", lambda who=who: who)
        if decision is None:
            project.undo()
        else:
            project.decide(decision)


NASTY = "\"><img src=x onerror=alert(1)> & '.png"
"""A file name that would like to be a tag."""
STEPS = 10
SUGGESTED = 6


def bent(elbow: float) -> Parameters:
    pose = np.zeros((23, 3), np.float32)
    pose[JOINTS.index("left_elbow") - 1, 2] = elbow
    orient, transl = np.float32([np.pi, 0, 0]), np.float32([0, 0.3, 4])
    return Parameters(orient, pose, np.zeros(10, np.float32), transl, Camera.assumed(640, 480))


def make(folder: Path, body: BodyModel, persons: int = 6) -> Project:
    """Make people who stretch an arm; the step `SUGGESTED` of ten has it where keypoints say."""
    project = Project.create(folder / "a & b.diffannot")
    _, points = body.pose(bent(0.0))
    pixels = bent(0.0).camera.project(points[body_points("coco")]).astype(np.float32)
    seen = Keypoints2D("coco", pixels, np.ones(17, np.float32))
    with project.batch():
        for number in range(persons):
            name = NASTY if number == 0 else f"{number}.png"
            Image.new("RGB", (640, 480), (90, 30 * number, 90)).save(folder / name)
            person = project.add_person(
                project.add_image(folder / name), Box(220, 40, 200, 400), seen
            )
            steps = [bent(elbow) for elbow in np.linspace(0.6, -0.4, STEPS + 1)]
            theta1 = project.add_theta1(person, steps[0], Source("x"))
            path = Trajectory(Parameters.stack(steps), np.arange(STEPS + 1), "identity")
            scores = (0.01 + 0.004 * np.abs(np.arange(STEPS + 1) - SUGGESTED)).astype(np.float32)
            parts = tuple(PartSuggestion(part, SUGGESTED, 0.5, "it") for part in PART_NAMES)
            told = Suggestion(SUGGESTED, 12.0, "lower", 1.0, parts, "rule")
            project.add_run(person, theta1, path, scores, told, "", 0, "")
    return project
