"""Small projects for the tests of everything that needs one."""

from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import create_engine, text

from core.camera import Camera
from core.evidence import Box
from core.pose import Parameters
from core.project import Project, Source
from core.trajectory import PartSuggestion, Suggestion, Trajectory


def parameters(value: float = 0.0, batch: tuple[int, ...] = ()) -> Parameters:
    return Parameters(
        global_orient=np.full((*batch, 3), value),
        body_pose=np.full((*batch, 23, 3), value / 2),
        betas=np.full((*batch, 10), value / 3),
        transl=np.full((*batch, 3), 3 + value),
        camera=Camera(700.5, 320, 240, 640, 480),
    )


def trajectory(theta1: Parameters, steps: int = 4) -> Trajectory:
    later = [parameters(0.01 * (s + 1)) for s in range(steps)]
    return Trajectory(Parameters.stack([theta1, *later]), np.arange(steps + 1), "identity")


def picture(path: Path, colour: int = 10) -> Path:
    Image.new("RGB", (640, 480), (colour, 0, 0)).save(path)
    return path


def add_run(project: Project, person_id: int, theta1_id: int, suggested: int = 2) -> int:
    theta1 = project.person(person_id).theta1
    assert theta1 is not None
    path = trajectory(theta1)
    scores = np.linspace(0.05, 0.03, len(path), dtype=np.float32)
    parts = (PartSuggestion("left arm", 3, 0.25, "it"),)
    suggestion = Suggestion(suggested, 2.75, "lower", 0.5, parts, "rule")
    return project.add_run(person_id, theta1_id, path, scores, suggestion, "w", 0, "b")


def make(path: Path) -> Project:
    project = Project.create(path)
    image = path.with_suffix(".png")
    project.add_image(image if image.exists() else picture(image))
    for number in range(3):
        person_id = project.add_person(1, Box(100 * number, 0, 50, 50))
        theta1_id = project.add_theta1(person_id, parameters(0.1), Source("x"))
        add_run(project, person_id, theta1_id)
    return project


NEW_COLUMNS = {
    2: {"run": ("uncertainty", "parts", "recommender")},
    3: {
        "person": (
            "journal_id", "given_box", "keypoints_id", "chosen_parts", "decided_by", "decided_at",
            "tags", "remark", "disputed", "removed",
        ),
        "keypoints": ("journal_id",),
        "run": ("disagreement",),
    },
    5: {"run": ("joints_id",)},
    4: {"image": ("sequence_id", "frame", "time"), "person": ("given_track",)},
}  # fmt: skip
"""What each version of the file has brought."""


def turn_back(path: Path, version: int) -> None:
    """Make a project a file of an older version."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for newer in range(max(NEW_COLUMNS), version, -1):
            for table, columns in NEW_COLUMNS[newer].items():
                for column in columns:
                    connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        if version < 5:
            connection.execute(text("DROP TABLE joints"))
        if version < 4:
            connection.execute(text("DROP TABLE sequence"))
        if version < 3:
            for table in ("journal_part", "filter"):
                connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text(f"PRAGMA user_version={version}"))
    engine.dispose()


def states(project: Project) -> str:
    return "".join(row.state.value[0] for row in project.rows())
