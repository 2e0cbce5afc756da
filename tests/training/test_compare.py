from pathlib import Path

import numpy as np
import pytest

from core.contract.people import body
from core.refiners import load_refiner
from training.compare import Row, compare, synthetic, table

MOCAP = Path(__file__).parents[3] / "shared" / "data" / "mocap"
needs_mocap = pytest.mark.skipif(not MOCAP.exists(), reason="../shared/data is absent")


def row() -> Row:
    errors = np.array([[100.0, 90, 80], [50, 60, 70], [40, 30, 35], [20, 10, 15]])
    steps = {"held-out": np.array([1, 2, 0, 1]), "nearest": np.array([2, 0, 1, 1])}
    return Row(errors, errors + 5, steps, 12.3)


def test_the_error_of_the_suggestion_is_that_of_each_person_s_step() -> None:
    assert row().at("held-out").tolist() == [90, 70, 40, 10]


def test_the_table_by_hand() -> None:
    lines = table("four", {"one": row()})
    assert lines[0] == "four, 4 people"
    # Θ1 52.5; last 50; suggested 52.5; nearest 42.5; oracle (80 + 50 + 30 + 10) / 4
    assert lines[2].split() == [
        *("one", "52.5", "50.0", "52.5", "42.5", "42.5", "47.5", "25.0%", "25%", "12")
    ]


@needs_mocap
def test_a_fit_beats_a_path_at_random() -> None:
    people = list(synthetic(MOCAP, "validation", 1, body(), seed=0))[:3]
    assert len(people) == 3
    fit, null = (
        compare(load_refiner(name, body()), people, body(), 0) for name in ("fit", "random-8")
    )
    assert fit.errors.shape == null.errors.shape == (3, 58)
    np.testing.assert_allclose(fit.errors[:, 0], null.errors[:, 0])
    assert fit.at("held-out").mean() < 0.8 * null.at("held-out").mean()
    assert fit.null.min(1).mean() > fit.errors.min(1).mean()
