import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

import core.suggest
from app.i18n import CHINESE, ENGLISH
from app.i18n_table import told
from app.said import explained, failed, heard
from app.speaking import speak
from core.errors import ProjectError, UnreadableInput
from core.evidence import Box
from core.images import read_image
from core.jobs import finish
from core.jobs.arriving import arrive
from core.project import Accept, Bulk, Flag, Pick, Project, Reject
from core.project.decisions import KINDS
from core.suggest.words import percent

TEXTS = (
    Accept(3, 1, 20).describe(),
    Accept(3, 1, 0).describe(),
    Reject(3).describe(),
    Flag(3).describe(),
    Pick(3, 1, 20, {"left arm": 12, "right leg": 3}).describe(),
    Bulk((Reject(3), Reject(4))).describe(),
    Bulk((Reject(3), Flag(4))).describe(),
    "nobody found in the box",
    "expected gain 12 ± 3 mm, without keypoints",
    f"undid: {Reject(3).describe()}",
    f"2D error falls from {percent(np.float64(0.024))} to {percent(np.float64(0.02))} of the box",
    "left arm: 3D error falls 61 %; whole body from 61 mm to 12 mm",
    "3D error goes from 12 mm to 20 mm",
    "no step is surely closer to the 3D joints: 12 mm",
    "left arm: 2D error falls 61 %; expected gain 12 ± 3 mm",
    "no step is surely better: step 12 might gain 4 ± 9 mm",
)


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    speak(qapp, CHINESE)
    yield
    speak(qapp, ENGLISH)


@pytest.mark.parametrize("text", TEXTS)
def test_what_core_says_is_the_same_in_english(text: str) -> None:
    assert heard(text) == text


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("text", TEXTS)
def test_what_core_says_is_translated_with_its_figures(text: str) -> None:
    said = heard(text)
    words = said.replace("person 3", "").replace("mm", "").replace("2D", "").replace("3D", "")
    assert not any(letter.isascii() and letter.isalpha() for letter in words), said
    figures = [figure for figure in ("20", "2.4", "61", "12", "± 3") if figure in text]
    assert all(figure in said for figure in figures), said


@pytest.mark.usefixtures("chinese")
def test_what_is_not_known_stays() -> None:
    assert heard("something else; look from the side") == "something else; 请从侧面看"


def english(said: str) -> list[str]:
    """Find words that are left, besides names and units."""
    return re.findall(r"\b(?!person\b|word\b)[A-Za-z]{3,}", said)


GIVEN: dict[str, object] = {
    "parts": {}, "box": Box(1, 2, 3, 4), "text": "“”", "tags": ("word",), "track": "7", "x": 1.0,
    "y": 1.0, "parameters": None,
}  # fmt: skip


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_of_decision_is_told_in_chinese(kind: type) -> None:
    values = {field.name: GIVEN.get(field.name, 3) for field in fields(kind)}
    emptied = {name: type(GIVEN[name])() for name in values.keys() & {"text", "tags", "track"}}
    for given in (values, {**values, **emptied}):
        assert english(heard(kind(**given).describe())) == []
    assert english(heard(f"{kind.deed} 3 persons")) == []


@pytest.mark.usefixtures("chinese")
def test_every_reason_of_a_suggestion_is_told_in_chinese() -> None:
    reasons = []
    for path in Path(core.suggest.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason"
            made = isinstance(node, ast.Call) and getattr(node.func, "id", "") in MADE
            for text in (node.value,) if named else node.args if made else ():
                # as if it were an error's
                code = ast.parse(f"UnreadableInput({ast.unparse(text)})")
                reasons += [re.sub(r"{\d+}", "12 %", one) for one in told(code)]
    assert len(reasons) > 6
    assert [text for text in reasons if english(heard(text))] == []


MADE = ("Suggestion", "PartSuggestion")


@pytest.mark.usefixtures("chinese")
def test_errors_and_what_to_do_about_them_are_told_in_chinese(tmp_path: Path) -> None:
    gone = tmp_path / "没有"
    with pytest.raises(ProjectError) as missing:
        Project.open(gone)
    with pytest.raises(UnreadableInput) as unread:
        read_image(gone)
    for caught, name in ((missing, "没有项目"), (unread, "图片")):
        said = explained(caught.value).replace(str(gone), "")
        assert name in said
        assert english(said.replace("diffannot new", "")) == []


@pytest.mark.usefixtures("chinese")
def test_what_is_left_out_of_an_import_is_told_in_chinese(tmp_path: Path) -> None:
    torn, empty, wrong = (tmp_path / name for name in ("破.png", "空.mp4", "错.json"))
    torn.write_bytes(b"no picture")
    empty.write_bytes(b"")
    wrong.write_text('{"images": 3, "annotations": [], "categories": []}')
    arrived = finish(arrive([torn, empty, wrong], tmp_path / "项目.diffannot"))
    lines = [failed(line) for line in arrived.failures]
    assert len(lines) + len(arrived.unknown) == 3 and len(lines) >= 2
    for line in lines:
        said = line.replace(str(tmp_path), "")
        assert [word for word in english(said) if word not in ("png", "mp4", "FFmpeg")] == [], said


@pytest.mark.usefixtures("chinese")
def test_causes_of_the_system_are_told_in_chinese(tmp_path: Path) -> None:
    for reason in ("Permission denied", "[Errno 28] No space left on device: '项目'"):
        said = explained(UnreadableInput(f"{tmp_path} cannot be read: {reason}"))
        assert english(said.replace(str(tmp_path), "")) == [], said


def test_what_is_left_out_is_the_same_in_english() -> None:
    line = "a. b.png: The picture x cannot be read: not a picture. Choose another"
    assert failed(line) == line
