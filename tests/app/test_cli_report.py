"""`diffannot report`, and `review --person`."""

import json
from pathlib import Path

import pytest
from tiny_projects import make_project

from app.cli import main, projects


def test_report_writes_a_page_beside_the_project_and_prints_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project(tmp_path / "p")
    assert main(["report", str(project), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = tmp_path / "p" / "tiny.report.html"
    assert told["out"] == str(page)
    assert told["progress"]["persons"] == 3 and told["progress"]["refined"] == 3
    assert told["errors"]["score_before"]["50"] == pytest.approx(0.0242, abs=1e-4)
    assert "diffannot review tiny.diffannot" in page.read_text(encoding="utf-8")
    assert main(["report", str(project), "--out", str(tmp_path / "own.html")]) == 0
    assert capsys.readouterr().out == f"a report on 3 persons in {tmp_path / 'own.html'}\n"


def test_review_opens_on_a_person_and_refuses_who_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(projects, "open_window", lambda *asked: opened.append(asked) or 0)
    project = make_project(tmp_path / "p")
    assert main(["review", str(project), "--person", "2"]) == 0
    assert main(["review", str(project)]) == 0
    assert opened == [(project, 2), (project, None)]
    assert main(["review", str(project), "--person", "9"]) == 2
    assert "has no person 9" in capsys.readouterr().err and len(opened) == 2
