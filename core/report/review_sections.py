"""How far the review is, who did it how fast, and whether they agree."""

from typing import Any

import numpy as np

from core.project import State
from core.report import charts
from core.report.agreement import FEW_PAIRS, Agreement
from core.report.facts import Progress
from core.report.gathering import Facts
from core.report.markup import Markup, join, percent, tag
from core.report.pieces import STATES, counts, figure, legend, plural, section, table
from core.report.reviewers import HAND, PAUSE, Reviewer

DAYS = 31
"""The last ones that are drawn."""


def progress_section(facts: Facts) -> Markup:
    """Tell how many persons there are and where they stand."""
    now = facts.progress
    decided = f"{percent(now.decided / now.persons)} of all" if now.persons else ""
    numbers = [
        (f"{now.persons:,}", "persons"),
        (f"{now.images:,}", f"pictures, {now.empty_images:,} without anybody"),
        (f"{now.decided:,}", f"decided, {decided}"),
        (f"{now.states[State.ACCEPTED]:,}", "accepted"),
        (f"{now.states[State.REJECTED]:,}", "rejected"),
        (f"{now.persons - now.decided:,}", "still to decide"),
    ]
    cards = [tag("div", tag("b", each), tag("span", words), class_="number")
             for each, words in numbers]  # fmt: skip
    there = {state: count for state, count in now.states.items() if count}
    bar = [tag("i", class_=state, style=f"flex:{there[state]}") for state in STATES
           if state in there]  # fmt: skip
    meant = [(state, f"{STATES[state]} {there[state]:,}") for state in STATES if state in there]
    made = [
        f"Rough annotations: {counts(now.frontends)}.",
        f"Refined by {counts(now.refiners)}." if now.refiners else None,
        f"Suggested by {counts(now.recommenders)}." if now.recommenders else None,
    ]
    return tag(
        "section",
        tag("div", *cards, class_="numbers"),
        tag("div", *bar, class_="bar", role="img", aria_label=counts(there)) if bar else None,
        legend(meant),
        tag("p", " ".join(each for each in made if each), class_="quiet small"),
    )


def reviewers_section(facts: Facts) -> Markup:
    """Tell what each reviewer did, and how fast."""
    if not facts.reviewers:
        return section("Reviewers", tag("p", "Nobody has decided anything yet."))
    rows = [_reviewer(each) for each in facts.reviewers]
    names = ("reviewer", "persons looked at", "seconds a verdict", "persons an hour",
             "accepted", "rejected", "put aside", "undone", "in bulk or by a script")  # fmt: skip
    how = (
        f"Seconds a verdict: the middle one, and in brackets the middle half. Pauses over "
        f"{PAUSE / 60:.0f} minutes are left out. Verdicts on many persons at once, or less than "
        f"{HAND} s apart, are counted in the last column alone."
    )
    left = _left(facts)
    return section(
        "Reviewers",
        table(names, rows),
        tag("p", how, class_="quiet small"),
        tag("p", left) if left else None,
        _days(facts.progress),
    )


def _reviewer(each: Reviewer) -> tuple[Any, ...]:
    seconds, speed = f"too few timed ({each.timed})" if each.timed else "–", "–"
    if each.quartiles is not None:
        quarter, half, most = each.quartiles
        seconds = f"{half:.1f} ({quarter:.1f} to {most:.1f}; {each.timed} timed)"
    if each.persons_an_hour is not None:
        speed = f"{each.persons_an_hour:,.0f}"
    who = tag("bdi", each.who)
    return (who, f"{each.persons:,}", seconds, speed, each.accepted, each.rejected,
            each.put_aside, each.undone, f"{each.unseen:,}")  # fmt: skip


def _left(facts: Facts) -> str:
    """Say how long the rest will take, where that can be told."""
    timed = [each for each in facts.reviewers if each.persons_an_hour and each.timed >= FEW_PAIRS]
    rest = facts.progress.persons - facts.progress.decided
    if not timed or not rest:
        return ""
    speed = float(np.average([each.persons_an_hour or 0 for each in timed],
                             weights=[each.timed for each in timed]))  # fmt: skip
    hours = rest / speed
    time = f"{hours:.1f} hours" if hours >= 1 else f"{hours * 60:.0f} minutes"
    return f"At this speed one reviewer needs about {time} for the {rest:,} who are left."


def _days(now: Progress) -> Markup | None:
    days = list(now.days)[-DAYS:]
    if len(days) < 2:
        return None
    seen, unseen = ([now.days[day][place] for day in days] for place in (0, 1))
    chart = charts.columns([f"{day[8:]}.{day[5:7]}." for day in days],
                           [("after", seen), ("unseen", unseen)], None, "day (UTC)")  # fmt: skip
    meant = [("after", "looked at"), ("unseen", "in bulk or by a script")]
    return tag("div", figure("Verdicts that stand, by day", chart, legend(meant)),
               class_="charts")  # fmt: skip


def agreement_section(facts: Facts) -> Markup:
    """Tell how often reviewers judge the same persons alike."""
    asked = facts.opinions
    words = (
        f"A second opinion was asked for on {asked.asked:,} "
        f"{plural('person', asked.asked)}; another reviewer has judged {asked.answered:,} of them."
        if asked.asked
        else "No second opinion was asked for."
    )
    if not facts.agreements:
        none = "No person was accepted or rejected by two reviewers, so agreement is not known."
        return section("Agreement", tag("p", words), tag("p", none))
    names = ("reviewers", "persons judged by both", "judged alike", "both accept", "both reject",
             "differ", "Cohen’s κ", "same step, ±1")  # fmt: skip
    how = (
        "In brackets 95 % intervals. κ is 0 where reviewers agree no more often than chance; it is "
        f"told from {FEW_PAIRS} persons on, and not where both always say the same."
    )
    return section(
        "Agreement",
        tag("p", words),
        table(names, [_pair(each) for each in facts.agreements]),
        tag("p", how, class_="quiet small"),
    )


def _pair(each: Agreement) -> tuple[Any, ...]:
    share, low, high = each.share
    alike = each.both_accept + each.both_reject
    kappa = f"too few ({each.persons})" if each.persons < FEW_PAIRS else "undefined"
    if each.kappa is not None:
        kappa = "{:.2f} ({:.2f} to {:.2f})".format(*each.kappa)
    return (join(tag("bdi", each.who), " and ", tag("bdi", each.other)), each.persons,
            f"{alike} of {each.persons}: {percent(share)} ({percent(low)} to {percent(high)})",
            each.both_accept, each.both_reject, each.differ, kappa,
            f"{each.same_step} of {each.stepped}" if each.stepped else "–")  # fmt: skip
