"""No text reaches the window but through `tr`, and each has its translation."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

import app
from app.i18n import CHINESE, ENGLISH, core_table, tr
from app.i18n_table import gather, gather_core, read, told
from app.speaking import speak
from app.theme import Colours

APP = Path(app.__file__).parent
NOT_IN_THE_WINDOW = (
    "cli", "actions.py", "demo.py", "doctor.py", "i18n_table.py", "keys_page.py",
    "model_server.py", "sample.py", "screens.py", "screenshot.py", "theme.py",
)  # fmt: skip

SHOWN_BY = {
    "QAction", "QCheckBox", "QGroupBox", "QLabel", "QPushButton", "QRadioButton", "addAction",
    "addButton", "addItem", "addItems", "addMenu", "addRow", "addTab", "add_tool", "drawText",
    "getItem", "getOpenFileName", "getSaveFileName", "getText", "paint_advice", "paint_trouble",
    "say", "setAccessibleDescription", "setAccessibleName", "setPlaceholderText", "setStatusTip",
    "setText", "setTitle", "setToolTip", "setWhatsThis", "setWindowTitle", "showMessage",
}  # fmt: skip
"""Whatever letters are given to these, a person reads."""

MARKS = {"tr", "mark"}
NOT_SHOWN = {"setObjectName", "debug", "load", "removesuffix"}
CODES = {field.name for field in fields(Colours)} | {"DiffAnnot"}
ICON = re.compile(r"[a-z]+(-[a-z]+)+")
WORDS = re.compile(r"[A-Za-z]{2,}[,.:;]? +[A-Za-z]{2,}")
LETTERS = re.compile(r"[A-Za-z]{2,}")


def bare_literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Find what a person may read and no translator can."""
    yield from _look(tree, shown=False)


def _look(node: ast.AST, shown: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        code = node.value in CODES or ICON.fullmatch(node.value)
        if (LETTERS if shown else WORDS).search(node.value) and not code:
            yield node.lineno, node.value
        return
    if isinstance(node, ast.Assert | ast.Raise):
        return
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _look(node.value, shown)
        return
    name = ""
    if isinstance(node, ast.Call):
        func = node.func
        name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
        if name in MARKS | NOT_SHOWN:
            return
        if name == "emit" and isinstance(func, ast.Attribute):
            name = getattr(func.value, "attr", "")
        if name in ("said", "failed"):
            name = "say"
    body = getattr(node, "body", [])
    skipped = {id(each) for each in body if _is_docstring(each)} if isinstance(body, list) else ()
    for child in ast.iter_child_nodes(node):
        if id(child) not in skipped and not isinstance(child, ast.Subscript):
            inner = isinstance(child, ast.Call | ast.Lambda)
            yield from _look(child, (shown and not inner) or name in SHOWN_BY)


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@pytest.mark.parametrize(
    "code",
    [
        'label.setText("Persons")',
        'label.setText(f"{n} persons")',
        'QLabel("Step")',
        'review.said.emit("Done")',
        'LOOK = ("check", "to do it")',
        'x = "Nothing here" if y else ""',
        'box.addItem(icon, "Left")',
    ],
)
def test_a_bare_text_is_found(code: str) -> None:
    assert list(bare_literals(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        'label.setText(tr("Persons"))',
        'LOOK = mark("to do it")',
        'label.setObjectName("muted text")',
        '"""A docstring of words."""',
        'label.setText(f"{x:.1f} %")',
        'row["last_project"]',
    ],
)
def test_what_is_translated_or_not_shown_is_not_found(code: str) -> None:
    assert not list(bare_literals(ast.parse(code)))


def test_no_bare_text_is_left_in_the_window() -> None:
    found = []
    for path in sorted(APP.rglob("*.py")):
        name = path.relative_to(APP)
        if {*name.parts} & {*NOT_IN_THE_WINDOW}:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{name}:{line}: {text!r}" for line, text in bare_literals(tree)]
    assert not found, "wrap these in tr() or mark() of app.i18n:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("name", "texts"), [(CHINESE, gather()), (core_table(CHINESE), gather_core())]
)
def test_every_text_is_translated_and_none_is_gone(name: str, texts: list[str]) -> None:
    table = read(name)
    assert table.keys() <= {*texts}, f"run python -m app.i18n_table: {table.keys() - {*texts}}"
    missing = [text for text in texts if not table.get(text)]
    assert not missing, f"run python -m app.i18n_table, then translate in {name}.json: {missing}"


def test_what_core_raises_is_found_wherever_it_stands() -> None:
    code = """
HINT = "Look again"
raise UnreadableInput(f"{path} holds no {what}", HINT)
yield Progress(0, 1, "reading")
raise ValueError("not for a person")
"""
    assert {*told(ast.parse(code))} == {"Look again", "{0} holds no {1}", "reading"}


@pytest.mark.parametrize("name", [CHINESE, core_table(CHINESE)])
def test_translations_keep_the_places_of_the_text(name: str) -> None:
    for text, translation in read(name).items():
        if translation:
            assert places(translation) == places(text), text


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.fixture
def two_words(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[None]:
    words = {"Step {step}": "第 {step} 步", "Reject": "拒绝"}
    monkeypatch.setattr("app.i18n.table", lambda name: words if name == CHINESE else {})
    yield
    speak(qapp, ENGLISH)


@pytest.mark.usefixtures("two_words")
def test_the_language_changes_under_a_window_that_is_open(qapp: QApplication, qtbot: QtBot) -> None:
    class Window(QWidget):
        def changeEvent(self, event: QEvent) -> None:
            if event.type() == QEvent.Type.LanguageChange:
                step.setText(tr("Step {step}", step=4))

    window = Window()
    qtbot.addWidget(window)
    button, step, name, box = QPushButton(tr("Reject")), QLabel(), QLabel("Rejection"), QComboBox()
    tabs, note = QTabBar(), QPlainTextEdit()
    tabs.addTab(tr("Reject"))
    note.setPlaceholderText(tr("Reject"))
    button.setToolTip(tr("Reject"))
    box.addItem(tr("Reject"))
    layout = QVBoxLayout(window)
    for each in (button, step, name, box, tabs, note):
        layout.addWidget(each)

    def shown() -> list[str]:
        tips = [button.text(), button.toolTip(), box.itemText(0)]
        return [*tips, tabs.tabText(0), note.placeholderText()]

    for _ in range(2):
        speak(qapp, CHINESE)
        qtbot.waitUntil(lambda: step.text() == "第 4 步")
        assert shown() == ["拒绝"] * 5
        assert name.text() == "Rejection"
        speak(qapp, ENGLISH)
        qtbot.waitUntil(lambda: step.text() == "Step 4")
        assert shown() == ["Reject"] * 5


def test_a_text_without_a_translation_is_shown_in_english() -> None:
    assert tr("No such text {n}", n=1) == "No such text 1"
