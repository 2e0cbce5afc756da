"""Material Design icons, drawn from the font that qtawesome brings.

The font is read without importing qtawesome, which reads fourteen and instantiates every class of
Qt: together a fifth of the time until the window is there.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap
from typing_extensions import override

FONT, NAMES = "materialdesignicons6-webfont-*.ttf", "materialdesignicons6-webfont-charmap-*.json"
SHARE = 0.875
"""Of a square's side that a glyph fills, its own margin besides."""


def glyph(name: str, colour: str, disabled: str) -> QIcon:
    """Return an icon by its name in Material Design Icons 6, in two colours."""
    return QIcon(_Engine(chr(int(_names()[name], 16)), QColor(colour), QColor(disabled)))


class _Engine(QIconEngine):
    """Draws one glyph in any size."""

    def __init__(self, glyph: str, colour: QColor, disabled: QColor) -> None:
        super().__init__()
        self._glyph, self._colour, self._disabled = glyph, colour, disabled

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        font = QFont(_family())
        font.setPixelSize(max(1, round(SHARE * rect.height())))
        painter.setFont(font)
        painter.setPen(self._disabled if mode == QIcon.Mode.Disabled else self._colour)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn


@cache
def _family() -> str:
    number = QFontDatabase.addApplicationFont(str(_file(FONT)))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def _names() -> Mapping[str, str]:
    names: dict[str, str] = json.loads(_file(NAMES).read_text(encoding="utf-8"))
    return names


def _file(pattern: str) -> Path:
    spec = find_spec("qtawesome")
    assert spec is not None and spec.origin is not None, "qtawesome is a dependency"
    return next((Path(spec.origin).parent / "fonts").glob(pattern))
