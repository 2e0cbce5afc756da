"""Reviewers by script: who decides what, and when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from core.project import Decision, Project
from core.project import project as project_module

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def review(
    project: Project,
    acts: Iterable[tuple[float, str, Decision | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let reviewers decide, at seconds after `BEGIN`; None undoes the decision before."""
    for seconds, who, decision in acts:
        time = (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
        monkeypatch.setattr(project_module, "_now", lambda time=time: time)
        monkeypatch.setattr(project_module, "_user", lambda who=who: who)
        if decision is None:
            project.undo()
        else:
            project.decide(decision)
