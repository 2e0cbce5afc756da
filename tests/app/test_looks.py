"""One small set of tokens, the system's scheme, and no question that undo makes needless."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window_kit import Open

from app import theme
from app.panels.people import StateBar
from core.project import State

APP = Path(theme.__file__).parent
SPACINGS = {
    "addSpacing", "setContentsMargins", "setHorizontalSpacing", "setSpacing", "setVerticalSpacing",
}  # fmt: skip
TOKENS = ast.Attribute | ast.List | ast.BinOp
FONTS = {"font", "QFont", "setPointSize", "setPointSizeF", "setPixelSize"}


def calls(names: set[str]) -> Iterator[tuple[str, ast.expr]]:
    """Find the arguments of calls of these names: where, and what."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in names and path.name != "theme.py":
                    yield from ((f"{path.name}:{node.lineno}", each) for each in node.args)


def test_every_distance_between_controls_is_a_token() -> None:
    bare = [
        where
        for where, argument in calls(SPACINGS)
        for number in ast.walk(argument)
        if isinstance(number, ast.Constant) and number.value and not _scales(argument, number)
    ]
    assert bare == []


def _scales(argument: ast.expr, number: ast.Constant) -> bool:
    """Whether a number only multiplies or divides a token, or repeats one."""
    return any(
        isinstance(node, ast.BinOp)
        and number in (node.left, node.right)
        and isinstance(node.op, ast.Mult | ast.FloorDiv)
        and any(
            isinstance(each, ast.Attribute | ast.List | ast.BinOp)
            for each in (node.left, node.right)
        )
        for node in ast.walk(argument)
    )


def test_every_typeface_is_the_theme_s_in_one_of_its_sizes() -> None:
    bare = [where for where, each in calls(FONTS) if isinstance(each, ast.Constant | ast.BinOp)]
    assert bare == []
    sizes = {theme.SMALL_PT, theme.BODY_PT, theme.TITLE_PT, theme.HERO_PT}
    assert len(sizes) == 4 and theme.INSET % (theme.SPACE // 2) == 0


def test_the_bar_shows_how_far_the_review_is(qapp: QApplication) -> None:
    bar = StateBar()
    bar.resize(100, 6)
    bar.show_counts({State.UNDECIDED: 2, State.ACCEPTED: 1, State.REJECTED: 1})
    assert bar.toolTip() == "2 to do, 1 accepted, 1 rejected"
    picture = bar.grab().toImage()
    colours = [picture.pixelColor(x, 3) for x in (10, 35, 60, 90)]
    scheme = theme.colours()
    assert colours == [scheme["good"], scheme["bad"], scheme["line"], scheme["line"]]


def test_nothing_is_asked_that_could_be_undone() -> None:
    asking = [path.name for path in APP.rglob("*.py") if "QMessageBox" in path.read_text("utf-8")]
    assert asking == []


def test_the_scheme_of_the_system_is_followed_while_the_window_is_open(
    open_window: Open, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.follow_system(qapp)
    window = open_window(None)
    hints = qapp.styleHints()
    try:
        for scheme, look in (
            (Qt.ColorScheme.Dark, theme.DARK),
            (Qt.ColorScheme.Light, theme.LIGHT),
        ):
            system = SimpleNamespace(colorScheme=lambda scheme=scheme: scheme)
            monkeypatch.setattr(
                theme, "QGuiApplication", SimpleNamespace(styleHints=lambda s=system: s)
            )
            hints.colorSchemeChanged.emit(scheme)
            assert window.palette().window().color() == look["window"]
            assert look.accent in qapp.styleSheet()
    finally:
        monkeypatch.undo()
        theme.choose(qapp, Qt.ColorScheme.Unknown)
