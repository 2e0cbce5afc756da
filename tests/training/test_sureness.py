from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bench_kit import body, sample_of, upright

from core.evidence import Box, Evidence
from core.pose import Parameters
from core.suggest import Score
from core.trajectory import Trajectory
from training import sureness
from training.pairs import Pair


class Turning:
    """Turns the left shoulder further and further away from the truth."""

    def trajectories(self, theta1: list[Parameters], _: object) -> list[Trajectory]:
        made = []
        for one in theta1:
            steps = []
            for angle in (0.0, 0.2, 0.4):
                pose = np.array(one.body_pose)
                pose[15, 2] += angle
                steps.append(replace(one, body_pose=pose))
            made.append(Trajectory(Parameters.stack(steps), np.zeros(3, np.float32), "turning"))
        return made


class Promising:
    """Promises 3.5 ± 5 mm of the last step."""

    def score(self, *_: object, **__: object) -> Score:
        told = np.array([0, 0, 3.5], np.float32), np.array([0, 1, 5], np.float32)
        return Score(np.zeros(3, np.float32), None, gains=told[0], uncertainties=told[1])


def test_more_deviations_keep_who_would_have_been_made_worse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def give(thing: object) -> Any:
        return lambda *_: thing

    monkeypatch.setattr(sureness, "load_refiner", give(Turning()))
    monkeypatch.setattr(sureness, "load_recommender", give(Promising()))
    pair = Pair(sample_of(upright()), upright(), Evidence(Box(100, 50, 150, 250)))
    cells = sureness.cells([pair], body(), None, None)
    # 3.5 mm lie 0.7 deviations above nothing
    assert [cell.endswith("(100%)") for cell in cells] == [a < 0.7 for a in sureness.ASKED]
    assert cells[-1] == "0.0 (0%)"
