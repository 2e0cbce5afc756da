from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.i18n import CHINESE, ENGLISH, speak
from app.said import heard
from core.project import Accept, Flag, Reject
from core.suggest.words import percent

TEXTS = (
    Accept(3, 1, 20).describe(),
    Accept(3, 1, 0).describe(),
    Reject(3).describe(),
    Flag(3).describe(),
    f"undid: {Reject(3).describe()}",
    f"2D error falls from {percent(np.float64(0.024))} to {percent(np.float64(0.02))} of the box",
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
    words = said.replace("person 3", "").replace("mm", "").replace("2D", "")
    assert not any(letter.isascii() and letter.isalpha() for letter in words), said
    figures = [figure for figure in ("20", "2.4", "61", "12", "± 3") if figure in text]
    assert all(figure in said for figure in figures), said


@pytest.mark.usefixtures("chinese")
def test_what_is_not_known_stays() -> None:
    assert heard("something else; look from the side") == "something else; 请从侧面看"
