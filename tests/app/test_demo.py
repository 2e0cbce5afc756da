import re
from pathlib import Path

import numpy as np
import pytest

from app.demo import main
from app.sample import copy_sample
from core.project import Project, State
from core.safe_reader import read_npz


def test_the_demo_without_a_display_leaves_pictures_a_data_set_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert main(tmp_path) == 0
    with Project.open(tmp_path / "sample.diffannot") as project:
        rows = project.rows()
        assert len(rows) >= 12
        assert all(row.state is State.ACCEPTED for row in rows)
    assert len(list((tmp_path / "pictures").glob("*.png"))) == len(rows)
    exported = read_npz(tmp_path / "sample_humandata.npz")
    assert np.shape(exported["bbox_xywh"]) == (len(rows), 5)
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in ("Against the ground truth", "a step drawn at random", "by a script"):
        assert words in report
    people = re.findall("--person ([0-9]+)", report)
    assert len(people) == 12 and set(map(int, people)) <= {row.id for row in rows}


def test_a_copy_of_the_sample_keeps_the_work_that_is_in_it(tmp_path: Path) -> None:
    first = copy_sample(tmp_path)
    first.write_bytes(b"my work")
    assert copy_sample(tmp_path).read_bytes() == b"my work"
