"""What opens over the window, and what is chosen there: palette, keys, settings, tour."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from app import theme
from app.keymap import Keymap
from app.model_thread import ModelThread
from app.palette import Palette
from app.preferences import DARK, LIGHT, SYSTEM, Preferences
from app.settings import Settings
from app.settings_dialog import SettingsDialog
from app.shortcuts import KeysDialog
from app.speaking import speak, system_language
from app.tour import Tour
from assets import SAMPLE_PROJECT

if TYPE_CHECKING:
    from app.window import MainWindow

SCHEMES = {
    SYSTEM: Qt.ColorScheme.Unknown,
    LIGHT: Qt.ColorScheme.Light,
    DARK: Qt.ColorScheme.Dark,
}


class Dialogs(QObject):
    """Opens each dialog on a window, applies at once what is chosen, and remembers it."""

    keys_changed = Signal(object)
    """The `Keymap` to use from now on."""

    def __init__(self, window: "MainWindow", settings: Settings, model: ModelThread) -> None:
        super().__init__(window)
        self._window, self._settings, self._model = window, settings, model

    def palette(self) -> None:
        """Find an action or a person by a few letters."""
        Palette(self._window, self._window.actions_by_name, self._window.review).open()

    def settings(self) -> None:
        """Open the dialog of settings."""
        dialog = SettingsDialog(self._window, self._settings.preferences, self._model)
        dialog.changed.connect(self._use)
        dialog.open()

    def keys(self) -> None:
        """Show all keys, and change them."""
        dialog = KeysDialog(self._window, self._settings.keymap)
        dialog.changed.connect(self.use_keys)
        dialog.open()

    def use_keys(self, keymap: Keymap) -> None:
        """Let actions have these keys from now on."""
        self._settings.keymap = keymap
        self.keys_changed.emit(keymap)

    def tour(self) -> None:
        """Tell in four cards how to review."""
        Tour(self._window, self._settings.keymap).open()

    def greet(self) -> None:
        """Show the tour once the sample is there, if it never was."""
        self._window.review.person_changed.connect(self._greet)

    def colours_of_system(self) -> None:
        """Follow the system's colour scheme."""
        self._choose_colours(SYSTEM)

    def colours_light(self) -> None:
        """Use the light scheme."""
        self._choose_colours(LIGHT)

    def colours_dark(self) -> None:
        """Use the dark scheme."""
        self._choose_colours(DARK)

    def _greet(self) -> None:
        review = self._window.review
        on_sample = review.path is not None and review.path.name == SAMPLE_PROJECT.name
        if on_sample and review.poses is not None and not self._settings.toured:
            self._settings.toured = True
            self.tour()

    def _choose_colours(self, colours: str) -> None:
        self._use(replace(self._settings.preferences, colours=colours))

    def _use(self, now: Preferences) -> None:
        """Work, look and speak by other preferences from now on."""
        was, self._settings.preferences = self._settings.preferences, now
        if (was.colours, was.language) != (now.colours, now.language):
            put_on(now)
        self._window.review.use(now)


def application() -> QApplication:
    """Return the one application, made when first asked for."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    return app


def put_on(preferences: Preferences) -> None:
    """Look and speak as the person has chosen."""
    app, language = application(), preferences.language
    theme.choose(app, SCHEMES[preferences.colours])
    speak(app, system_language() if language == SYSTEM else language)
