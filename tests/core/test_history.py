"""Pages of the history."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from project_kit import make

from core.project import Bulk, Flag, Project, Reject, history


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with make(tmp_path / "p.diffannot") as made:
        yield made


def test_a_page_says_what_was_done_on_whom_and_what_counts(project: Project) -> None:
    entry = project.decide(Reject(2))
    project.decide(Bulk((Flag(1), Flag(3))))
    project.undo()
    page = project.history()
    assert [deed.words for deed in page.deeds] == ["flagged 2 persons", "rejected person 2"]
    assert [deed.person for deed in page.deeds] == ["", "p.png person 2"]
    assert [deed.on for deed in page.deeds] == [False, True]
    assert (page.total, page.now, page.can_redo) == (2, 1, {2})
    assert (page.deeds[1].time, page.deeds[1].who) == (entry.time, entry.who)


def test_pages_follow_one_another(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    for number in range(5):
        project.decide(Flag(1 + number % 3))
    project.undo()
    ids, below = [], None
    while page := project.history(below).deeds:
        ids += [deed.id for deed in page]
        below = page[-1].id
    assert ids == [5, 4, 3, 2, 1]
