"""Which keys do what: the table's own, a preset over them, and what the person has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtGui import QKeySequence

from app.actions import ACTIONS, HELD_KEYS, spec_named
from app.i18n import mark

DEFAULT = "default"
Keys = tuple[str, ...]

PRESETS: dict[str, tuple[str, Mapping[str, Keys]]] = {
    DEFAULT: (mark("Default"), {}),
    "left-hand": (
        mark("Left hand: the other stays on the mouse"),
        {
            "accept": ("Space", "Return", "Enter"),
            "step_on": ("W", "Right"),
            "step_back": ("Q", "Left"),
            "steps_on": ("Shift+W", "Shift+Right"),
            "steps_back": ("Shift+Q", "Shift+Left"),
            "first": ("Shift+A", "Home"),
            "last": ("Shift+D", "End"),
            "next": ("X", "N", "Down"),
            "previous": ("Shift+X", "P", "Up"),
            "next_undecided": ("Z", "U", "Ctrl+N"),
            "previous_undecided": ("Shift+Z", "Shift+U"),
            "above": ("Y",),
            "pin": ("Shift+Y",),
            "wipe": ("J",),
            "adjust": ("7",),
        },
    ),
    "number-pad": (
        mark("Number pad"),
        {
            "accept": ("Return", "Space", "Num+Enter", "Enter"),
            "accept_suggested": ("A", "Num++"),
            "reject": ("R", "Num+-"),
            "flag": ("F", "Num+*"),
            "undo": ("Ctrl+Z", "Num+/"),
            "step_on": ("Right", "Num+6"),
            "step_back": ("Left", "Num+4"),
            "steps_on": ("Shift+Right", "Num+9"),
            "steps_back": ("Shift+Left", "Num+7"),
            "first": ("Home", "Num+1"),
            "last": ("End", "Num+3"),
            "suggested": ("G", "Num+5"),
            "next": ("N", "Down", "Num+2"),
            "previous": ("P", "Up", "Num+8"),
            "next_undecided": ("U", "Ctrl+N", "Num+0"),
        },
    ),
}
"""What a preset is called and which actions it gives other keys; all others keep the table's."""


@dataclass(frozen=True)
class Keymap:
    """Keys of every action.

    Parameters
    ----------
    preset : str
        Key of `PRESETS`.
    changes : mapping of str to tuple of str
        Actions to which the person gave other keys, or none.
    """

    preset: str = DEFAULT
    changes: Mapping[str, Keys] = field(default_factory=dict)

    def keys(self, name: str) -> Keys:
        """Return the keys of an action."""
        given = self.changes.get(name)
        return self.of_preset(name) if given is None else given

    def of_preset(self, name: str) -> Keys:
        """Return the keys of an action as they were before the person changed them."""
        return PRESETS[self.preset][1].get(name, spec_named(name).keys)

    def owner(self, key: str) -> str | None:
        """Return the action that a key belongs to."""
        for spec in ACTIONS:
            if key in self.keys(spec.name):
                return spec.name
        return None

    def with_keys(self, name: str, keys: Keys) -> "Keymap":
        """Give an action these keys; whoever had one of them before loses it."""
        changes = dict(self.changes)
        for spec in ACTIONS:
            kept = tuple(key for key in self.keys(spec.name) if key not in keys)
            if spec.name != name and kept != self.keys(spec.name):
                changes[spec.name] = kept
        changes[name] = keys
        needed = {each: keys for each, keys in changes.items() if keys != self.of_preset(each)}
        return replace(self, changes=needed)


def portable(key: str) -> str:
    """Return a key as Qt's portable text has it, empty where it is none."""
    return QKeySequence(key).toString()


def is_held(key: str) -> bool:
    """Whether a key acts while it is down, and cannot be given to an action."""
    return key in {held for held, _, _ in HELD_KEYS}


def to_data(keymap: Keymap) -> dict[str, object]:
    """Return a keymap as JSON has it."""
    changes = {name: list(keys) for name, keys in keymap.changes.items()}
    return {"preset": keymap.preset, "changes": changes}


def from_data(data: object) -> Keymap:
    """Read a keymap; what is not known any more, or belongs to another action now, is left out."""
    if not isinstance(data, dict):
        return Keymap()
    preset, changes = data.get("preset"), data.get("changes")
    keymap = Keymap(preset if preset in PRESETS else DEFAULT)
    known = {spec.name for spec in ACTIONS}
    for name, keys in changes.items() if isinstance(changes, dict) else ():
        if name in known and isinstance(keys, list):
            right = (portable(str(key)) for key in keys)
            keymap = keymap.with_keys(name, tuple(key for key in right if key and not is_held(key)))
    return keymap
