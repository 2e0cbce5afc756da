import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import theme
from app.actions import ACTIONS, HELD_KEYS, MENUS, plain, spec_named, unmarked
from app.keymap import PRESETS, Keymap, from_data, is_held, portable, to_data
from app.keys_page import PAGE, page
from app.menus import tooltip

KEYS = ("X", "R", "Ctrl+Z", "Num+5", "F12", "Return", "N")
NAMES = ("accept", "reject", "undo", "next", "light")


@pytest.mark.parametrize("preset", PRESETS)
def test_no_key_does_two_things(preset: str) -> None:
    keymap = Keymap(preset)
    keys = [key for spec in ACTIONS for key in keymap.keys(spec.name)]
    assert keys == [portable(key) for key in keys]
    keys += [key for key, _, _ in HELD_KEYS]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert all(keys)


def test_presets_name_actions_that_there_are() -> None:
    for _, changes in PRESETS.values():
        assert all(spec_named(name) for name in changes)


def test_a_key_that_is_given_away_is_taken_from_its_owner() -> None:
    keymap = Keymap().with_keys("next", ("R", "Down"))
    assert keymap.keys("next") == ("R", "Down")
    assert keymap.keys("reject") == ()
    assert keymap.owner("R") == "next"
    assert keymap.owner("N") is None
    again = keymap.with_keys("reject", keymap.of_preset("reject"))
    assert again.keys("reject") == ("R",)
    assert again.keys("next") == ("Down",)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(KEYS), unique=True))))
def test_however_keys_are_changed_each_has_one_owner_and_is_kept(
    changes: list[tuple[str, list[str]]],
) -> None:
    keymap = Keymap("left-hand")
    for name, keys in changes:
        keymap = keymap.with_keys(name, tuple(keys))
        assert keymap.keys(name) == tuple(keys)
    every = [key for spec in ACTIONS for key in keymap.keys(spec.name)]
    assert len(every) == len(set(every))
    assert from_data(json.loads(json.dumps(to_data(keymap)))) == keymap


@pytest.mark.parametrize(
    "data",
    [None, 3, {"preset": "gone"}, {"changes": {"gone": ["X"]}}, {"changes": {"reject": "R"}},
     {"changes": {"reject": ["R", "nonsense key", "V"]}}, {"changes": [1]}],
)  # fmt: skip
def test_kept_keys_that_make_no_sense_are_left_out(data: object) -> None:
    assert from_data(data) == Keymap()


def test_held_keys_belong_to_no_action() -> None:
    assert is_held("V")
    assert not is_held("R")


def test_every_action_is_in_a_menu_and_has_a_name_of_its_own() -> None:
    assert {spec.menu for spec in ACTIONS} == set(MENUS)
    for names in ({plain(spec.text) for spec in ACTIONS}, {spec.name for spec in ACTIONS}):
        assert len(names) == len(ACTIONS)


def test_every_action_has_a_handler_in_the_window() -> None:
    from app.arrivals import Arrivals
    from app.comparison import Comparison
    from app.decider import Decider
    from app.dialogs import Dialogs
    from app.exports import Exports
    from app.figures import Figures
    from app.mixer import Mixer
    from app.others import Others
    from app.panels.body import BodyView
    from app.panels.people import PeoplePanel
    from app.panels.picture import PictureView
    from app.panels.steps import StepsPanel
    from app.panes import Pane, Panes
    from app.review import Review
    from app.timeline import Timeline
    from app.walk import Walk
    from app.window import MainWindow

    owners = {
        "": MainWindow,
        "arrivals": Arrivals,
        "dialogs": Dialogs,
        "exports": Exports,
        "figures": Figures,
        "review": Review,
        "review.decider": Decider,
        "review.mixer": Mixer,
        "review.walk": Walk,
        "comparison": Comparison,
        "picture": PictureView,
        "body": BodyView,
        "steps": StepsPanel,
        "others": Others,
        "panes": Panes,
        "people": PeoplePanel,
        "timeline": Timeline,
    }
    for spec in ACTIONS:
        owner, _, method = spec.handler.rpartition(".")
        kind = Pane if owner.startswith("panes.") else owners[owner]
        assert callable(getattr(kind, method))


def test_tooltips_tell_the_keys() -> None:
    reject = next(spec for spec in ACTIONS if spec.name == "reject")
    assert tooltip(reject.tip, Keymap().keys("reject")).endswith("(R)")
    assert tooltip("Say", ()) == "Say"
    assert tooltip("Say", ("X", "Y")) == "Say (X or Y)"


def test_the_page_of_keys_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m app.keys_page"


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK])
def test_text_can_be_read_on_every_ground(scheme: theme.Colours) -> None:
    for text in ("text", "muted", "accent", "good", "bad", "flagged", "doubt"):
        for ground in ("window", "surface", "hover"):
            assert contrast(scheme, text, ground) >= 4.5, (text, ground)
    assert contrast(scheme, "muted", "canvas") >= 4.5  # what is said in the place of a picture
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


def test_a_button_shows_no_mnemonic_of_a_menu_in_any_script() -> None:
    assert [unmarked("&Open project…"), unmarked("打开项目(&O)…")] == ["Open project…", "打开项目…"]
    assert plain("打开项目(&O)…") == "打开项目"
