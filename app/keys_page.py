"""The page of all keys, docs/keys.md, from the table of actions: `python -m app.keys_page`."""

from collections.abc import Sequence
from pathlib import Path

from app.actions import ACTIONS, HELD_KEYS, MENUS, MOUSE, plain
from app.keymap import DEFAULT, PRESETS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "keys.md"
HEAD = """# Keys

Made from the table in `app/actions.py` by `python -m app.keys_page`. F1 shows the keys in the window and changes them; Ctrl+K finds
any action by a few letters. There is no question before an action, and there is undo after it.
"""  # noqa: E501 - a line of the page


def page() -> str:
    """Write the page."""
    parts = [HEAD]
    for menu in MENUS:
        rows = [
            (_keys(spec.keys), plain(spec.text), spec.tip) for spec in ACTIONS if spec.menu == menu
        ]
        parts.append(_table(plain(menu), ("key", "action", "what it does"), rows))
    held = [(_keys((key,)), text, tip) for key, text, tip in HELD_KEYS]
    parts.append(_table("Held", ("key", "action", "what it does"), held))
    parts.append(_table("Mouse", ("how", "what"), list(MOUSE)))
    for name, (title, changes) in PRESETS.items():
        if name != DEFAULT:
            changed = [spec for spec in ACTIONS if spec.name in changes]
            pairs = [(_keys(changes[spec.name]), plain(spec.text)) for spec in changed]
            parts.append(_table(f"Preset: {title}", ("key", "action"), pairs))
    return "\n".join(parts)


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return f"## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _keys(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
