import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from project_kit import parameters, picture

from core.body import load_body
from core.evidence import Box, Evidence, Keypoints2D, box_around
from core.formats.boxes import square_box
from core.frontends import RoughAnnotation
from core.jobs import Options, annotate_person, finish
from core.jobs.importing import import_any
from core.project import MoveBox, Project
from core.refiners import load_refiner

POINTS = np.array([[100, 40], [200, 240], [150, 60]], np.float32)
AROUND = Box(90, 20, 120, 240)  # 100 by 200 about (150, 140), a fifth more


def sides(box: Box | None) -> object:
    return pytest.approx(tuple(vars(box).values()), rel=1e-6)


def marked(points: NDArray[np.floating], seen: int | None = None) -> Keypoints2D:
    confidence = np.arange(len(points)) < (len(points) if seen is None else seen)
    return Keypoints2D("keypoints", points, confidence)


def test_a_box_that_was_drawn_around_the_keypoints_has_its_margin_already() -> None:
    assert tuple(vars(AROUND).values()) == sides(box_around(POINTS))
    assert Evidence(AROUND, marked(POINTS)).padded
    assert Evidence(square_box((150, 140), 240), marked(POINTS)).padded  # as SPIN's files have it
    far = np.vstack([POINTS, [[900, 900]]])
    assert Evidence(AROUND, marked(far, seen=3)).padded and not Evidence(AROUND, marked(far)).padded


def test_a_detected_box_has_no_margin() -> None:
    for box in (Box(100, 40, 100, 200), Box(92, 22, 120, 240), Box(88, 16, 124, 248)):
        assert not Evidence(box, marked(POINTS)).padded
    assert not Evidence(AROUND).padded
    assert not Evidence(AROUND, marked(POINTS, seen=0)).padded


@given(
    st.lists(st.tuples(*2 * [st.floats(-2000, 6000, width=32)]), min_size=2, max_size=20),
    st.floats(1.01, 1.3),
)
def test_any_box_around_points_is_known_and_none_that_is_larger(
    places: list[tuple[float, float]], larger: float
) -> None:
    keypoints = marked(np.array(places, np.float32))
    box = box_around(np.array(places, np.float64))
    if box is not None and min(box.width, box.height) > 20:
        assert Evidence(box, keypoints).padded
        assert not Evidence(box.scaled(larger), keypoints).padded


@pytest.mark.parametrize("margin", [1.0, 1.25])
def test_a_network_leaves_no_second_margin_around_imported_keypoints(
    tmp_path: Path, margin: float
) -> None:
    picture(tmp_path / "a.png", 200)
    table = np.zeros((25, 3))
    table[:3] = np.column_stack([POINTS, np.ones(3)])
    people = {"people": [{"pose_keypoints_2d": table.ravel().tolist()}]}
    (tmp_path / "a_keypoints.json").write_text(json.dumps(people))
    crops: list[Box] = []

    class Looks:
        name, weights_sha256 = "looks", ""

        def __init__(self) -> None:
            self.margin = margin

        def detect(self, image: NDArray[np.uint8]) -> list[Box]:
            return []

        def annotate(
            self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
        ) -> RoughAnnotation:
            assert keypoints is not None
            crops.append(box.scaled(margin))
            return RoughAnnotation(parameters(0.2), None)

    body = load_body()
    refiner = load_refiner("identity", body)
    with Project.create(tmp_path / "p.diffannot") as project:
        finish(import_any(project, tmp_path / "a_keypoints.json"))
        finish(annotate_person(project, 1, Looks(), refiner, body, Options(3)))
        assert tuple(vars(AROUND).values()) == sides(project.person(1).evidence.box)
        drawn = Box(100, 40, 100, 200)
        project.decide(MoveBox(1, drawn))
        finish(annotate_person(project, 1, Looks(), refiner, body, Options(3)))
    first, second = crops
    assert tuple(vars(first).values()) == sides(AROUND)
    assert second == drawn.scaled(margin)
