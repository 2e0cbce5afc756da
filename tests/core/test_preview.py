from pathlib import Path

import numpy as np
from PIL import Image

from core.body import load_body
from core.camera import Camera
from core.evidence import Box
from core.frontends import load_frontend
from core.preview import HEADER, TILE, write_previews
from core.project import Project, Source


def test_a_person_with_a_body_gets_three_views_and_one_without_the_picture_alone(
    tmp_path: Path,
) -> None:
    Image.new("RGB", (320, 240), (90, 140, 90)).save(tmp_path / "field.png")
    body = load_body()
    with Project.create(tmp_path / "p.diffannot") as project:
        image = project.add_image(tmp_path / "field.png")
        first = project.add_person(image, Box(20, 20, 80, 200))
        project.add_person(image, Box(180, 20, 80, 200))
        standing = load_frontend("standing", body).annotate(
            np.zeros((240, 320, 3), dtype=np.uint8), Box(20, 20, 80, 200)
        )
        assert standing.theta1.camera == Camera.assumed(320, 240)
        project.add_theta1(first, standing.theta1, Source("standing", "", ""))
        names = [progress.message for progress in write_previews(project, body, tmp_path / "out")]
    assert names == ["field_1.png", "field_2.png"]
    placed, empty = (np.asarray(Image.open(tmp_path / "out" / name)) for name in names)
    middle = (HEADER + TILE[1] // 2, TILE[0] // 2)
    assert tuple(placed[middle]) == (90, 140, 90)
    over = placed[middle[0], middle[1] + TILE[0] + 8].astype(int)
    assert abs(over - (90, 140, 90)).max() > 40, "the body covers the middle of its box"
    assert placed.shape[1] > empty.shape[1] - 1
