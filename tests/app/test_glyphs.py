import json

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from pytestqt.qtbot import QtBot

from app.actions import ACTIONS
from app.glyphs import NAMES, _file, glyph


def drawn(icon: QIcon, side: int, mode: QIcon.Mode = QIcon.Mode.Normal) -> QImage:
    return icon.pixmap(QSize(side, side), mode).toImage()


def colours_of(image: QImage) -> set[str]:
    size = image.size()
    every = (image.pixelColor(x, y) for x in range(size.width()) for y in range(size.height()))
    return {each.name() for each in every if each.alpha() == 255}


def test_a_glyph_has_its_colour_and_another_where_it_is_disabled(qtbot: QtBot) -> None:
    icon = glyph("square", "#336699", "#aabbcc")
    assert colours_of(drawn(icon, 32)) == {"#336699"}
    assert colours_of(drawn(icon, 32, QIcon.Mode.Disabled)) == {"#aabbcc"}


def test_a_glyph_fills_most_of_any_size_and_nothing_outside(qtbot: QtBot) -> None:
    for side in (16, 48):
        image = drawn(glyph("square", "#000000", "#000000"), side)
        assert image.size() == QSize(side, side)
        assert image.pixelColor(side // 2, side // 2) == QColor("#000000")
        assert image.pixelColor(0, 0).alpha() == 0


def test_the_font_has_every_icon_of_the_actions() -> None:
    names = json.loads(_file(NAMES).read_text(encoding="utf-8"))
    assert {spec.icon for spec in ACTIONS if spec.icon} <= names.keys()


def test_an_unknown_name_is_refused(qtbot: QtBot) -> None:
    with pytest.raises(KeyError):
        glyph("no such icon", "#000000", "#000000")


def test_the_window_comes_without_qtawesome() -> None:
    import subprocess
    import sys

    code = "import sys, app.theme; sys.exit(bool({'qtawesome', 'qtpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
