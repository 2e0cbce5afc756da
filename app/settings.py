"""What the window remembers from one start to the next."""

import json
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from app import keymap, preferences
from app.keymap import Keymap
from app.preferences import Preferences


class Settings:
    """Preferences, keys, last project and the window's shape; a file in the user's folder."""

    def __init__(self) -> None:
        folder = platformdirs.user_config_path("diffannot")
        self._file = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

    @property
    def preferences(self) -> Preferences:
        """What the person has chosen."""
        return preferences.from_data(self._json("preferences"))

    @preferences.setter
    def preferences(self, chosen: Preferences) -> None:
        self._file.setValue("preferences", json.dumps(preferences.to_data(chosen)))

    @property
    def keymap(self) -> Keymap:
        """Keys that the person has chosen."""
        return keymap.from_data(self._json("keys"))

    @keymap.setter
    def keymap(self, chosen: Keymap) -> None:
        self._file.setValue("keys", json.dumps(keymap.to_data(chosen)))

    @property
    def last_project(self) -> Path | None:
        """The project that was open last, if it is still there."""
        text = self._file.value("last_project")
        path = Path(str(text)) if text else None
        return path if path and path.is_file() else None

    @last_project.setter
    def last_project(self, path: Path) -> None:
        self._file.setValue("last_project", str(path.absolute()))

    @property
    def export(self) -> object:
        """What was exported last, as `app.exports.from_data` reads it."""
        return self._json("export")

    @export.setter
    def export(self, wish: dict[str, object]) -> None:
        self._file.setValue("export", json.dumps(wish))

    @property
    def toured(self) -> bool:
        """Whether the tour was shown."""
        return bool(self._file.value("toured") == "yes")

    @toured.setter
    def toured(self, shown: bool) -> None:
        self._file.setValue("toured", "yes" if shown else "no")

    @property
    def everybody(self) -> bool:
        """Whether the others in the picture are drawn too."""
        return bool(self._file.value("everybody") == "yes")

    @everybody.setter
    def everybody(self, drawn: bool) -> None:
        self._file.setValue("everybody", "yes" if drawn else "no")

    @property
    def hidden(self) -> list[str]:
        """Names of the panels that the person has hidden."""
        return str(self._file.value("hidden", "")).split()

    @hidden.setter
    def hidden(self, names: list[str]) -> None:
        self._file.setValue("hidden", " ".join(names))

    def shape(self, name: str) -> QByteArray | None:
        """Return the saved shape of a window or splitter."""
        value = self._file.value(f"shape/{name}")
        return value if isinstance(value, QByteArray) else None

    def save_shape(self, name: str, shape: QByteArray) -> None:
        """Save the shape of a window or splitter."""
        self._file.setValue(f"shape/{name}", shape)

    def _json(self, name: str) -> object:
        try:
            found: object = json.loads(str(self._file.value(name, "null")))
        except json.JSONDecodeError:
            return None
        return found
