from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence

from app import theme
from app.actions import ACTIONS, HELD_KEYS, tooltip


def test_no_key_does_two_things() -> None:
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys]
    keys += [key for key, _, _ in HELD_KEYS]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert all(keys)


def test_every_action_has_a_handler_in_the_window() -> None:
    from app.decider import Decider
    from app.panels.body import BodyView
    from app.panels.picture import PictureView
    from app.panels.steps import StepsPanel
    from app.review import Review
    from app.window import MainWindow

    owners = {
        "": MainWindow,
        "review": Review,
        "review.decider": Decider,
        "picture": PictureView,
        "body": BodyView,
        "steps": StepsPanel,
    }
    for spec in ACTIONS:
        owner, _, method = spec.handler.rpartition(".")
        assert callable(getattr(owners[owner], method))


def test_tooltips_tell_the_keys() -> None:
    reject = next(spec for spec in ACTIONS if spec.name == "reject")
    assert tooltip(reject).endswith("(R)")


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK])
def test_text_can_be_read_on_every_ground(scheme: theme.Colours) -> None:
    for text in ("text", "muted", "accent", "good", "bad", "flagged"):
        for ground in ("window", "surface", "hover"):
            assert contrast(scheme, text, ground) >= 4.5, (text, ground)
    assert contrast(scheme, "on_accent", "accent") >= 4.5


def contrast(scheme: theme.Colours, one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted((luminance(scheme, one), luminance(scheme, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(scheme: theme.Colours, name: str) -> float:
    colour = scheme[name]
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
