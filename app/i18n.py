"""The window's texts in the person's language.

The English text is the key. `tr` looks it up when it is shown; `mark` lets a table at module level
hold it until then. `python -m app.i18n_table` gathers all of them into the table of each language.
"""

import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from assets import TRANSLATIONS

ENGLISH, CHINESE = "en", "zh_CN"
LANGUAGES = {ENGLISH: "English", CHINESE: "简体中文"}
"""What each calls itself."""

_PROPERTIES: tuple[tuple[type[QWidget], str, str], ...] = (
    (QWidget, "toolTip", "setToolTip"),
    (QWidget, "accessibleName", "setAccessibleName"),
    (QWidget, "windowTitle", "setWindowTitle"),
    (QLabel, "text", "setText"),
    (QAbstractButton, "text", "setText"),
    (QGroupBox, "title", "setTitle"),
    (QLineEdit, "placeholderText", "setPlaceholderText"),
    (QPlainTextEdit, "placeholderText", "setPlaceholderText"),
)

_language = ENGLISH
_qt_texts: QTranslator | None = None


def tr(text: str, **values: object) -> str:
    """Return a text in the present language, its places filled in as by `str.format`."""
    found = _table(_language).get(text) or text
    return found.format(**values) if values else found


def mark(text: str) -> str:
    """Return a text as it is; it will be given to `tr` when it is shown."""
    return text


def language() -> str:
    """Return the present language, a key of `LANGUAGES`."""
    return _language


def system_language() -> str:
    """Return the language the system asks for, English where we have no other."""
    asked = [each.replace("-", "_") for each in QLocale.system().uiLanguages()]
    return CHINESE if any(each.startswith(("zh_Hans", "zh_CN")) for each in asked) else ENGLISH


def speak(app: QApplication, chosen: str) -> None:
    """Use a language (key of `LANGUAGES`) from now on, in everything that is on screen.

    What widgets were given once is found again by what it says. Texts with places in them are
    written anew by whoever wrote them, on `LanguageChange`.
    """
    global _language, _qt_texts
    if chosen == _language:
        return
    keys = {shown: text for text, shown in _table(_language).items() if shown}
    keys = keys or {text: text for text in _table(chosen)}
    _language = chosen
    for widget in app.allWidgets():
        _say_again(widget, keys)
    if _qt_texts is not None:
        app.removeTranslator(_qt_texts)
        _qt_texts = None
    if chosen != ENGLISH:
        _qt_texts = QTranslator(app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if _qt_texts.load(f"qtbase_{chosen}", folder):
            app.installTranslator(_qt_texts)
    QCoreApplication.sendEvent(app, QEvent(QEvent.Type.LanguageChange))


def core_texts() -> dict[str, str]:
    """Return what `core` says in the present language, by its English; empty for English."""
    return _table(ENGLISH if _language == ENGLISH else core_table(_language))


def core_table(chosen: str) -> str:
    """Return the name of the table of what `core` says in a language."""
    return f"core_{chosen}"


def table_file(name: str) -> Path:
    """Return where the table of a language is kept."""
    return TRANSLATIONS / f"{name}.json"


def _say_again(widget: QWidget, keys: dict[str, str]) -> None:
    for kind, read, write in _PROPERTIES:
        if isinstance(widget, kind) and (key := keys.get(getattr(widget, read)())):
            getattr(widget, write)(tr(key))
    if isinstance(widget, QComboBox):
        for place in range(widget.count()):
            if key := keys.get(widget.itemText(place)):
                widget.setItemText(place, tr(key))
    if isinstance(widget, QTabBar):
        for place in range(widget.count()):
            if key := keys.get(widget.tabText(place)):
                widget.setTabText(place, tr(key))


@cache
def _table(name: str) -> dict[str, str]:
    if name == ENGLISH:
        return {}
    table: dict[str, str] = json.loads(table_file(name).read_text(encoding="utf-8"))
    return table
