"""Gather the window's texts into the tables of each language: `python -m app.i18n_table`.

What `core` raises and reports is gathered from its code into a table of its own, with numbers for
what it fills in; `app.said` finds these texts again. Keeps what is translated, adds what is new
with an empty translation, drops what is gone.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from app.actions import ACTIONS
from app.i18n import ENGLISH, LANGUAGES, core_table, table_file
from core import errors
from core.formats import WRITERS, about

APP = Path(__file__).resolve().parent
CORE = APP.parent / "core"
MARKS = ("tr", "mark")
TOLD = {name for name, found in vars(errors).items() if isinstance(found, type)}
TOLD |= {"Progress", "Failure", "fail"}
"""What is raised, told or called with words for a person."""

NOT_IN_THE_WINDOW = {
    "diffusion", "metrics", "report", "clothes.py", "device.py", "on_ray.py", "preview.py",
    "truth.py",
}  # fmt: skip
"""Rooms and files of `core` that only the command line uses."""

TABLES = {"HINT", "PULL_HINT", "_HINT", "_REASONS"}
"""Constants of `core` that hold such texts."""


def gather() -> list[str]:
    """Return every text that the window may show, in the order of the files."""
    texts = dict.fromkeys(text for spec in ACTIONS for text in (spec.menu, spec.text, spec.tip))
    for path in sorted(APP.rglob("*.py")):
        texts.update(dict.fromkeys(marked(ast.parse(path.read_text(encoding="utf-8")))))
    return list(texts)


def marked(tree: ast.AST) -> Iterator[str]:
    """Find the texts given to `tr` or `mark`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            text = node.args[0]
            if node.func.id in MARKS and isinstance(text, ast.Constant):
                yield str(text.value)


def gather_core() -> list[str]:
    """Return every text that `core` tells the window, `{0}`, `{1}` … for what it fills in."""
    texts: dict[str, None] = {}
    for path in sorted(CORE.rglob("*.py")):
        if not NOT_IN_THE_WINDOW & {*path.relative_to(CORE).parts}:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts.update(dict.fromkeys(text for text in told(tree) if has_words(text)))
    ours = (about(name).what for name in WRITERS if name not in WRITERS.plugins)
    texts.update(dict.fromkeys(ours))
    return list(texts)


def told(tree: ast.Module) -> Iterator[str]:
    """Find the texts given to errors and progress, in place or by the name of a constant."""
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for name in named.keys() & TABLES:
        for node in ast.walk(named[name]):
            yield from (text for text in _template(node) if text[:1].isupper() or "{0}" in text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in TOLD:
            for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                text = named.get(given.id, given) if isinstance(given, ast.Name) else given
                yield from _template(text)


def has_words(text: str) -> bool:
    """Whether there is anything to translate."""
    return bool(re.search("[A-Za-z]{2}", re.sub(r"{\d+}", "", text)))


def _name(called: ast.expr) -> str:
    """Return the name of what is called; of methods, that of the method."""
    if isinstance(called, ast.Name):
        return called.id
    return called.attr if isinstance(called, ast.Attribute) else ""


def _template(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        numbers = count()
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{next(numbers)}}}"
            for part in node.values
        )


def read(language: str) -> dict[str, str]:
    """Read a table, by its language's name."""
    path = table_file(language)
    table: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return table


def main() -> int:
    """Write the tables; name what is not translated yet."""
    for language in LANGUAGES:
        if language != ENGLISH:
            _write(language, gather())
            _write(core_table(language), gather_core())
    return 0


def _write(name: str, texts: list[str]) -> None:
    known = read(name)
    table = {text: known.get(text, "") for text in texts}
    written = json.dumps(table, ensure_ascii=False, indent=1)
    table_file(name).write_text(written + "\n", encoding="utf-8")
    for text, translation in table.items():
        if not translation:
            sys.stdout.write(f"{name}: {text!r}\n")


if __name__ == "__main__":
    raise SystemExit(main())
