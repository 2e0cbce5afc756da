"""The report as a browser shows it: Chromium, headless, which `make test` installs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, chromium
from report_kit import SUGGESTED, make, review

from core.body import load_body
from core.jobs import finish
from core.project import Accept, Flag, Reject
from core.report import write_report

LONG = "a_reviewer_whose_name_knows_no_end_" * 4
HEADINGS = ["Reviewers", "Agreement", "Steps", "Before and after", "Hardest persons"]
PAPER = 690
"""Pixels across a page of A4 between its margins."""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    with make(folder, load_body(), 8) as project, pytest.MonkeyPatch.context() as monkeypatch:
        own = {row.id: row.run_id or 0 for row in project.rows()}
        acts = [(9.0 * n, "ann", Accept(n, own[n], SUGGESTED - n)) for n in range(1, 7)]
        other = [(90000 + 9.0 * n, LONG, Accept(n, own[n], SUGGESTED)) for n in range(2, 7)]
        rest = [(99000, LONG, Reject(1)), (99010, "ann", Flag(7))]
        review(project, [*acts, *other, *rest], monkeypatch)
        finish(write_report(project, folder / "page.html", load_body()))
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("there is no Chromium; tools/system-packages --tests installs it")
    with Browser(program) as opened:
        yield opened


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
def test_the_page_fits_the_window_and_nothing_goes_wrong(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.open(page, width, dark=dark)
    headings = browser.ask("[...document.querySelectorAll('h2')].map(each => each.textContent)")
    assert headings == HEADINGS
    assert browser.ask(FITS)
    assert browser.ask("[...document.images].every(each => each.complete && each.naturalWidth)")
    assert browser.ask("document.images.length") == 16
    assert browser.console == []
    asked = [each for each in browser.requests() if not each.startswith("data:")]
    assert asked == [page.as_uri()]
    paper, ink = browser.ask(
        "['backgroundColor', 'color'].map(each => getComputedStyle(document.body)[each])"
    )
    assert (brightness(paper) < brightness(ink)) == dark


def test_no_words_of_a_chart_stand_outside_it(browser: Browser, page: Path) -> None:
    browser.open(page, 390)
    outside = browser.ask("""[...document.querySelectorAll('svg text')].filter(each => {
        const own = each.getBoundingClientRect(), card = each.closest('figure')
            .getBoundingClientRect();
        return own.left < card.left || own.right > card.right
    }).map(each => each.textContent)""")
    assert outside == []


def test_it_prints_with_no_column_cut_off(browser: Browser, page: Path) -> None:
    browser.open(page, PAPER, media="print", dark=True)
    assert browser.ask(FITS)
    cut = "[...document.querySelectorAll('td')].filter(each => each.getBoundingClientRect().right"
    assert browser.ask(f"{cut} > innerWidth).length") == 0
    assert browser.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    printed = browser.print()
    assert printed.startswith(b"%PDF") and len(printed) > 20_000


def brightness(colour: str) -> int:
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))
