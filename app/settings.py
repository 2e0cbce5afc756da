"""What the window remembers from one start to the next."""

import json
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings, Qt

from app.keymap import Keymap, from_data, to_data
from core.refiners import DEFAULT_REFINER, REFINERS


class Settings:
    """Last project and the window's shape; a file in the user's configuration folder."""

    def __init__(self) -> None:
        folder = platformdirs.user_config_path("diffannot")
        self._file = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

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
    def scheme(self) -> Qt.ColorScheme:
        """Colour scheme that the person has chosen; `Unknown` follows the system."""
        text = self._file.value("scheme")
        return Qt.ColorScheme[str(text)] if text in ("Light", "Dark") else Qt.ColorScheme.Unknown

    @scheme.setter
    def scheme(self, scheme: Qt.ColorScheme) -> None:
        self._file.setValue("scheme", scheme.name)

    @property
    def refiner(self) -> str:
        """Name of the refiner that the person has chosen."""
        name = str(self._file.value("refiner"))
        return name if name in REFINERS else DEFAULT_REFINER

    @refiner.setter
    def refiner(self, name: str) -> None:
        self._file.setValue("refiner", name)

    @property
    def keymap(self) -> Keymap:
        """Keys that the person has chosen."""
        try:
            return from_data(json.loads(str(self._file.value("keys", "{}"))))
        except json.JSONDecodeError:
            return Keymap()

    @keymap.setter
    def keymap(self, keymap: Keymap) -> None:
        self._file.setValue("keys", json.dumps(to_data(keymap)))

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
