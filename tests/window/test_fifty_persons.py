from collections import Counter
from pathlib import Path

import pytest
from real_window import RealWindow, display, missing_tools
from reviewer import Reviewer
from tiny_projects import SUGGESTED, make_project

from core.project import Project, State

PERSONS = 50


@pytest.mark.skipif(bool(missing_tools()), reason=f"not installed: {missing_tools()}")
@pytest.mark.timeout(600)
def test_fifty_persons_are_reviewed_by_keys_alone(tmp_path: Path) -> None:
    path = make_project(tmp_path / "project", persons=PERSONS)
    with display() as screen:
        window = RealWindow(screen, path, tmp_path)
        try:
            Reviewer(window).review(PERSONS)
            status, errors = window.close()
        finally:
            window.kill()
    assert status == 0, errors
    with Project.open(path) as project:
        rows = project.rows()
        assert Counter(row.state for row in rows) == {
            State.ACCEPTED: 30,
            State.REJECTED: 10,
            State.FLAGGED: 10,
        }
        steps = [project.person(rows[place].id).chosen_step for place in (0, 1, 4)]
        assert steps == [SUGGESTED, SUGGESTED + 1, SUGGESTED]
        assert len(project.journal()) == PERSONS
