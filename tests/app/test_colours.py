"""Colours of verdicts, as those see them who lack a kind of cone."""

from itertools import combinations

import numpy as np
import pytest

from app import theme
from app.panels.people_list import LOOKS

# Machado, Oliveira, Fernandes: A Physiologically-based Model for Simulation of Color Vision
# Deficiency, 2009, severity 1, on linear RGB
SEEN_BY = {
    "all cones": np.eye(3),
    "no red": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "no green": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "no blue": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = [0.9505, 1.0, 1.0888]
APART = 15
"""CIE76 difference; 2.3 is just seen, side by side."""


def lab(linear: np.ndarray) -> np.ndarray:
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ np.clip(linear, 0, 1) / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK])
@pytest.mark.parametrize("eye", SEEN_BY)
def test_verdicts_differ_for_every_eye(scheme: theme.Colours, eye: str) -> None:
    seen = {}
    for _, name, _ in LOOKS.values():
        colour = scheme[name]
        part = np.array([colour.redF(), colour.greenF(), colour.blueF()])
        linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
        seen[name] = lab(np.asarray(SEEN_BY[eye]) @ linear)
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > APART, (one, other)


def test_each_state_has_an_icon_and_a_word_of_its_own() -> None:
    for number in (0, 2):
        assert len({look[number] for look in LOOKS.values()}) == len(LOOKS)
