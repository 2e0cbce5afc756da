"""The window's texts in the person's language, without Qt; `app.speaking` changes a window's.

The English text is the key. `tr` looks it up when it is shown; `mark` lets a table at module level
hold it until then. `python -m app.i18n_table` gathers all of them into the table of each language.
"""

import json
from functools import cache
from pathlib import Path

from assets import TRANSLATIONS

ENGLISH, CHINESE = "en", "zh_CN"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
"""What each calls itself."""

_language = ENGLISH


def tr(text: str, **values: object) -> str:
    """Return a text in the present language, its places filled in as by `str.format`."""
    found = table(_language).get(text) or text
    return found.format(**values) if values else found


def mark(text: str) -> str:
    """Return a text as it is; it will be given to `tr` when it is shown."""
    return text


def language() -> str:
    """Return the present language, a key of `LANGUAGES`."""
    return _language


def choose(chosen: str) -> None:
    """Use a language (key of `LANGUAGES`) for every text that is looked up from now on."""
    global _language
    _language = chosen


def core_texts() -> dict[str, str]:
    """Return what `core` says in the present language, by its English; empty for English."""
    return table(ENGLISH if _language == ENGLISH else core_table(_language))


def core_table(chosen: str) -> str:
    """Return the name of the table of what `core` says in a language."""
    return f"core_{chosen}"


def table_file(name: str) -> Path:
    """Return where the table of a language is kept."""
    return TRANSLATIONS / f"{name}.json"


@cache
def table(name: str) -> dict[str, str]:
    """Return the translations of a table by their English; English has none."""
    if name == ENGLISH:
        return {}
    read: dict[str, str] = json.loads(table_file(name).read_text(encoding="utf-8"))
    return read
