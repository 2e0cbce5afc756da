"""Gather the window's texts into the table of each language: `python -m app.i18n_table`.

Keeps what is translated, adds what is new with an empty translation, drops what is gone.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from app.actions import ACTIONS
from app.i18n import ENGLISH, LANGUAGES, table_file

APP = Path(__file__).resolve().parent
MARKS = ("tr", "mark")


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


def read(language: str) -> dict[str, str]:
    """Read the table of a language."""
    path = table_file(language)
    table: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return table


def main() -> int:
    """Write the tables; name what is not translated yet."""
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        known = read(language)
        table = {text: known.get(text, "") for text in gather()}
        written = json.dumps(table, ensure_ascii=False, indent=1)
        table_file(language).write_text(written + "\n", encoding="utf-8")
        for text, translation in table.items():
            if not translation:
                sys.stdout.write(f"{language}: {text!r}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
