"""Speed and agreement of reviewers, by hand-made journals."""

from datetime import timedelta

import numpy as np
import pytest
from report_kit import BEGIN

from core.project.surveying import Line
from core.report.agreement import FEW_PAIRS, agreements, cohen, wilson
from core.report.reviewers import HAND, PAUSE, opinions, reviewers, standing_verdicts


def line(
    entry: int, seconds: float, kind: str | None = "accept", person: int = 0, who: str = "ann",
    step: int | None = 5, target: int | None = None, bulk: bool = False,
) -> Line:  # fmt: skip
    time = (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    act = "decide" if target is None else "undo"
    return Line(entry, time, who, target, act, kind, step, person or entry, bulk)


def test_a_verdict_took_as_long_as_the_entries_since_the_one_before() -> None:
    made = [line(0, 0), line(1, 10), line(2, 14, "pick"), line(3, 30), line(4, 38), line(5, 50)]
    made += [line(6, 70)]
    (ann,) = reviewers(made)
    # 10, 20 (a pick within), 8, 12, 20; of the first it is not known
    assert (ann.timed, ann.quartiles) == (5, (10, 12, 20))
    assert ann.hours == pytest.approx(70 / 3600)
    assert ann.persons_an_hour == pytest.approx(5 / (70 / 3600))


def test_a_pause_is_left_out() -> None:
    times = [0, 10, 20, 20 + PAUSE + 1, 20 + PAUSE + 11, 20 + PAUSE + 21, 20 + PAUSE + 31]
    (ann,) = reviewers([line(number, time) for number, time in enumerate(times)])
    assert ann.timed == 5 and ann.quartiles == (10, 10, 10)


def test_of_few_verdicts_no_time_is_told() -> None:
    (ann,) = reviewers([line(number, 10 * number) for number in range(5)])
    assert (ann.verdicts, ann.timed, ann.quartiles, ann.persons_an_hour) == (5, 4, None, None)


def test_scripts_and_bulk_decisions_are_not_taken_for_looking() -> None:
    script = [line(number, number * HAND / 2) for number in range(50)]
    bulk = [line(90, 100, person=n, bulk=True) for n in range(1, 31)]
    (ann,) = reviewers([*script, *bulk, line(91, 110, "reject")])
    assert (ann.verdicts, ann.unseen, ann.persons, ann.rejected) == (1, 80, 1, 1)
    assert ann.timed == 1  # since the bulk


def test_an_undone_verdict_does_not_stand() -> None:
    lines = [line(1, 0, "accept", 7), line(2, 5, None, 7, target=1), line(3, 9, "reject", 8)]
    assert [(each.person_id, each.kind) for each in standing_verdicts(lines)] == [(8, "reject")]
    redone = [*lines, line(4, 12, None, 7, target=1)._replace(act="redo")]
    assert {each.person_id for each in standing_verdicts(redone)} == {7, 8}


def test_of_several_verdicts_of_one_reviewer_the_last_stands() -> None:
    lines = [line(1, 0, "accept", 7), line(2, 5, "reject", 7), line(3, 9, "accept", 7, "bob")]
    found = {each.who: each.kind for each in standing_verdicts(lines)}
    assert found == {"ann": "reject", "bob": "accept"}


def test_agreement_is_counted_person_by_person() -> None:
    verdicts = {"ann": "AAAAAR", "bob": "AAAARR"}
    lines = [
        line(100 * who + person, 1000 * who + 10 * person,
             {"A": "accept", "R": "reject"}[kind], person + 1, name,
             step=5 + (who * person if person < 3 else 9 * who))
        for who, (name, kinds) in enumerate(verdicts.items())
        for person, kind in enumerate(kinds)
    ]  # fmt: skip
    (pair,) = agreements(standing_verdicts(lines))
    assert (pair.both_accept, pair.both_reject, pair.differ) == (4, 1, 1)
    assert pair.share == wilson(5, 6)
    assert pair.kappa is None  # six persons say nothing
    assert (pair.same_step, pair.stepped) == (2, 4)  # steps 0 and 1 apart; not 2 and 9


def test_kappa_is_told_from_twenty_persons_on() -> None:
    good = {"ann": [True] * 12 + [False] * 8, "bob": [True] * 10 + [False] * 10}
    lines = [
        line(100 * who + n, 1000 * who + 10 * n, "accept" if fine else "reject", n + 1, name)
        for who, (name, marks) in enumerate(good.items())
        for n, fine in enumerate(marks[:FEW_PAIRS])
    ]
    (pair,) = agreements(standing_verdicts(lines))
    assert pair.kappa is not None
    # alike 18 of 20; by chance 0.6 · 0.5 + 0.4 · 0.5 = 0.5
    assert pair.kappa[0] == pytest.approx((0.9 - 0.5) / 0.5)
    # ± 1.96 · √(0.9 · 0.1 / 20) / 0.5
    assert pair.kappa[1] == pytest.approx(0.8 - 1.96 * 0.0670820 / 0.5, abs=1e-5)
    assert pair.kappa[2] == 1


def test_kappa_of_two_who_always_say_the_same_word_is_undefined() -> None:
    always = np.ones(30, bool)
    assert cohen(always, always) is None


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634)],
)
def test_wilson_s_interval(hits: int, of: int, low: float, high: float) -> None:
    np.testing.assert_allclose(wilson(hits, of), (hits / of, low, high), atol=1e-4)


def test_a_second_opinion_is_another_reviewer_s() -> None:
    lines = [
        line(1, 0, "ask_second", 1), line(2, 9, "accept", 1),
        line(3, 20, "ask_second", 2), line(4, 30, "reject", 2, "bob"),
        line(5, 40, "ask_second", 3), line(6, 50, None, 3, target=5),
    ]  # fmt: skip
    found = opinions(lines)
    assert (found.asked, found.answered) == (2, 1)
