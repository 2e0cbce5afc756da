"""The language of everything that is on screen, changed while it is there."""

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

from app import i18n
from app.i18n import CHINESE, ENGLISH, language, tr

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

_qt_texts: QTranslator | None = None


def system_language() -> str:
    """Return the language the system asks for, English where we have no other."""
    asked = [each.replace("-", "_") for each in QLocale.system().uiLanguages()]
    return CHINESE if any(each.startswith(("zh_Hans", "zh_CN")) for each in asked) else ENGLISH


def speak(app: QApplication, chosen: str) -> None:
    """Use a language (key of `LANGUAGES`) from now on, in everything that is on screen.

    What widgets were given once is found again by what it says. Texts with places in them are
    written anew by whoever wrote them, on `LanguageChange`.
    """
    global _qt_texts
    if chosen == language():
        return
    keys = {shown: text for text, shown in i18n.table(language()).items() if shown}
    keys = keys or {text: text for text in i18n.table(chosen)}
    i18n.choose(chosen)
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
