"""The report: its figures, and a page that no text can break."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_kit import NASTY, SUGGESTED, make, review

from core.contract.people import body
from core.errors import InvalidAnnotation, UnreadableInput, UnwritableOutput
from core.jobs import finish
from core.project import Accept, Flag, Project, Reject, Remark, Tag
from core.report import write_report
from core.report.gathering import Facts
from core.report.looking import spread
from core.report.markup import Markup, join, tag
from core.report.page import POLICY, page

BOB = "<script>alert(1)</script>"
REMARK = "</style><script>alert(2)</script>"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Six people, decided on by two."""
    made = make(tmp_path_factory.mktemp("report"), body())
    own = {row.id: row.run_id or 0 for row in made.rows()}
    with pytest.MonkeyPatch.context() as monkeypatch:
        acts = [
            (10.0, "ann", Accept(1, own[1], SUGGESTED)),
            (20, "ann", Accept(2, own[2], 0)),
            (30, "ann", Accept(3, own[3], SUGGESTED, {"left arm": 8})),
            (40, "ann", Accept(4, own[4], 2)),
            (50, "ann", Reject(5)),
            (60, "ann", Flag(6)),
            (4000, BOB, Accept(5, own[5], SUGGESTED)),
            (4010, BOB, Remark(5, REMARK)),
            (4015, BOB, Tag(5, ("<b>", "&amp;"))),
        ]
        review(made, acts, monkeypatch)
    return made


@pytest.fixture(scope="module")
def facts(project: Project) -> Facts:
    return finish(write_report(project, project.path.with_suffix(".html"), body()))


def test_progress_and_steps_are_counted(facts: Facts) -> None:
    assert facts.progress.states["accepted"] == 5 and facts.progress.decided == 5
    assert facts.progress.days == {"2026-11-20": (7, 0)}
    steps = facts.steps
    assert (steps.chosen[0], steps.chosen[2], steps.chosen[SUGGESTED]) == (1, 1, 3)
    assert steps.suggested[SUGGESTED] == 5
    assert steps.outcomes == {"taken": 2, "Θ1 kept": 1, "other step": 1, "by part": 1}
    assert steps.taken is not None and steps.taken[0] == pytest.approx(2 / 5)


def test_what_is_expected_of_parts_is_averaged(facts: Facts) -> None:
    assert facts.promise.body == pytest.approx(12)
    assert facts.promise.gains["left arm"] == pytest.approx(0.5)
    assert facts.promise.own_steps["left arm"] == 1 and facts.promise.own_steps["left leg"] == 0


def test_a_table_of_parts_that_gain_nothing_is_a_sentence(facts: Facts) -> None:
    nothing = dict.fromkeys(facts.promise.gains, 0)
    promise = replace(facts.promise, gains=nothing, own_steps=nothing)
    assert "expected further gain" in page(facts)
    said = page(replace(facts, promise=promise))
    assert "and no more by part" in said and "expected further gain" not in said


def test_errors_before_and_after_are_of_the_accepted(facts: Facts) -> None:
    errors = facts.errors
    assert (errors.of, errors.looked, errors.accepted) == (5, 5, True)
    assert len(errors.before) == 4  # of the one with parts of its own there is no score
    np.testing.assert_allclose(errors.before, 0.034)
    np.testing.assert_allclose(sorted(errors.after), [0.01, 0.01, 0.026, 0.034], atol=1e-6)
    before = {name: one for name, one, _ in errors.parts()}
    after = {name: two for name, _, two in errors.parts()}
    assert before["left arm"] > 3 * before["left leg"] and after["left arm"] < before["left arm"]
    assert errors.truth is None


def test_the_truth_is_told_beside_a_random_step(project: Project) -> None:
    from report_kit import bent

    true = np.repeat(body().pose(bent(0.0))[1][None, :24], 6, axis=0)
    file = project.path.with_name("truth.npz")
    np.savez(file, joints=true)
    out = project.path.with_name("truth.html")
    truth = finish(write_report(project, out, body(), file)).errors.truth
    assert truth is not None and truth.persons == 5
    assert truth.suggested == pytest.approx(0, abs=0.01)
    # accepted: the suggestion twice, Θ1, step 2, and one whose left arm is two steps past it
    assert truth.suggested < truth.chance < truth.rough
    assert truth.gain[0] == pytest.approx(truth.rough - truth.after, abs=1e-6)
    assert truth.gain[1] < truth.gain[0] < truth.gain[2] and truth.worse == 0
    np.savez(file, joints=true[:4])
    with pytest.raises(InvalidAnnotation, match=r"\(4, 24, 3\), expected \(6, 24, 3\)"):
        finish(write_report(project, out, body(), file))
    np.savez(file, points=true)
    with pytest.raises(UnreadableInput, match="holds no array of joints"):
        finish(write_report(project, out, body(), file))


def test_the_hardest_come_first_and_say_why(facts: Facts) -> None:
    disputed, flagged = facts.hardest[:2]
    assert (disputed.id, disputed.why[0]) == (5, "reviewers differ")
    assert (flagged.id, flagged.why[0]) == (6, "flagged")
    assert len(facts.hardest) == 6
    assert all(each.before.startswith("data:image/jpeg;base64,") for each in facts.hardest)
    assert disputed.before != disputed.after


class Reader(HTMLParser):
    """What a browser makes of a page: tags and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_names_and_notes_cannot_become_tags(facts: Facts) -> None:
    read = Reader(page(facts))
    assert not {"script", "iframe", "object", "link", "base", "form"} & set(read.tags)
    drawn = [each for hard in facts.hardest for each in (hard.before, hard.after) if each]
    assert read.tags.count("img") == len(drawn)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    sources = [value or "" for name, value in read.attributes if name in ("src", "href")]
    assert sources and all(each.startswith("data:image/jpeg") for each in sources)
    for text in (NASTY, BOB, REMARK, "#<b>", "#&amp;", "'a & b.diffannot' --person 5"):
        assert text in read.text
    assert POLICY in [value for _, value in read.attributes]


@given(st.text(), st.text())
def test_any_text_comes_back_as_text(inner: str, outer: str) -> None:
    kept = "".join(each for each in inner if each not in "\r\0")
    read = Reader(tag("p", kept, title=outer))
    assert read.tags == ["p"] and read.text == kept
    assert read.attributes == [("title", outer)]
    assert join(tag("p"), "<") == "<p></p>&lt;" and isinstance(join("a"), Markup)


def test_a_sample_is_spread_evenly() -> None:
    assert spread(5, 10) == [0, 1, 2, 3, 4]
    assert spread(101, 3) == [0, 50, 100]


def test_a_project_without_anybody_gives_a_page_too(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.diffannot") as empty:
        told = finish(write_report(empty, tmp_path / "p.html", body()))
    assert told.progress.persons == 0 and told.hardest == []
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "Nobody has decided anything yet" in text and "nan" not in Reader(text).text


def test_a_missing_picture_and_damaged_arrays_cost_one_card_not_the_page(tmp_path: Path) -> None:
    import sqlite3

    with make(tmp_path, body(), 3) as made:
        (tmp_path / "1.png").unlink()
    base = sqlite3.connect(tmp_path / "a & b.diffannot")
    base.execute("UPDATE run SET arrays = x'00' WHERE id = 3")
    base.commit()
    base.close()
    with Project.open(tmp_path / "a & b.diffannot") as made:
        told = finish(write_report(made, tmp_path / "p.html", body()))
    missing, damaged, fine = (
        next(each for each in told.hardest if each.id == key) for key in (2, 3, 1)
    )
    assert not missing.before and "1.png" in missing.shown
    assert not damaged.before and "damaged" in damaged.shown
    assert fine.before and fine.after
    assert told.errors.looked == 2 and not told.errors.accepted


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.diffannot") as made:
        with pytest.raises(UnwritableOutput):
            finish(write_report(made, tmp_path / "nowhere" / "p.html", body()))
        with pytest.raises(UnwritableOutput, match="name of a project"):
            finish(write_report(made, made.path, body()))
