import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from pytestqt.qtbot import QtBot

from app.mix import Mix
from app.panels.step_slider import CAPTION, PICKED, Curve, StepSlider
from app.panels.steps import describe_step
from core.camera import Camera
from core.pose import Parameters
from core.project import Run
from core.trajectory import Suggestion, Trajectory

CAMERA = Camera.assumed(40, 30)
ONE = Parameters(np.zeros(3), np.zeros((23, 3)), np.zeros(10), np.zeros(3), CAMERA)


def run(scores: list[float]) -> Run:
    levels = np.array([0, 4.6, 9], np.float32)
    trajectory = Trajectory(Parameters.stack([ONE] * 3), levels, "fit")
    return Run(1, trajectory, np.array(scores, np.float32), Suggestion(0, 0.0, ""), "", 0, "")


def test_a_step_says_whose_it_is_and_what_it_takes_the_rough_annotation_for() -> None:
    words = describe_step(run([0.02, 0.01, 0.03]), Mix(1))
    assert words.split("  ·  ") == [
        "fit",
        "if Θ1 is about 5° off",
        "2D error 2.0 % → 1.0 % of the box",
    ]
    assert describe_step(run([0.02, 0.01, 0.03]), Mix(0)).startswith(
        "the rough annotation as it came"
    )
    assert describe_step(run([np.nan] * 3), Mix(2)).endswith("no keypoints, so no score")


def test_a_step_that_is_suggested_and_picked_is_named_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, label = list[str](), StepSlider._label

    def write(slider: StepSlider, painter: QPainter, spot: QPointF, text: str) -> QRectF:
        named.append(text)
        return label(slider, painter, spot, text)

    monkeypatch.setattr(StepSlider, "_label", write)
    slider = StepSlider()
    qtbot.addWidget(slider)
    scores = np.array([0.03, 0.02, 0.01], np.float32)
    for chosen in (None, 1, 2):
        slider.show_curve(Curve(2, scores, "2D error", 2, chosen, PICKED))
        slider.grab()
    assert named == ["suggested: 2"] * 2


@pytest.mark.parametrize("y", [20, 40, 60])
def test_the_suggestion_is_not_written_over_what_the_curve_shows(qtbot: QtBot, y: int) -> None:
    slider, ground = StepSlider(), QPixmap(800, 80)
    qtbot.addWidget(slider)
    slider.resize(800, 80)
    painter = QPainter(ground)
    box = slider._label(painter, QPointF(400, y), "suggested: 33")
    painter.end()
    assert box.top() > CAPTION and not box.contains(QPointF(412, y))
