"""Which step wins, what it changes, and what that is worth where the truth is known."""

import numpy as np

from core.report import charts
from core.report.facts import BY_PART, KEPT, OTHER, TAKEN
from core.report.gathering import Facts
from core.report.looking import WORSE
from core.report.markup import Markup, join, percent, tag
from core.report.pieces import figure, legend, people, section, table

COLUMNS = 20
"""Of steps, beside the one of step 0."""


def steps_section(facts: Facts) -> Markup:
    """Tell which steps were accepted, and what became of the suggestions."""
    found = facts.steps
    total = sum(found.chosen)
    if not total:
        return section("Steps", tag("p", "Nobody with a trajectory is accepted yet."))
    names, chosen, suggested = _binned(found.chosen, found.suggested)
    chart = charts.columns(names, [("after", chosen)], ("before", suggested), "step")
    what = legend([("after", "accepted"), ("line before", "suggested")])
    looked = sum(found.outcomes.values())
    words = []
    if found.taken is not None:
        share, low, high = found.taken
        words.append(
            f"Of {looked:,} persons accepted by someone who looked, the suggestion was taken as it "
            f"was for {found.outcomes[TAKEN]:,}: {percent(share)} ({percent(low)} to "
            f"{percent(high)})."
        )
        rest = {KEPT: "kept Θ1 against it", OTHER: "took another step",
                BY_PART: "took parts of the body from steps of their own"}  # fmt: skip
        told = [f"{found.outcomes[key]:,} {said}" for key, said in rest.items()
                if found.outcomes[key]]  # fmt: skip
        words += [f"Of the others {'; '.join(told)}."] if told else []
    if found.unseen:
        words.append(
            f"{found.unseen:,} were accepted in bulk or by a script; that says nothing of "
            "suggestions."
        )
    zero = found.chosen[0]
    words.append(
        f"Step 0, the rough annotation as it came, was accepted for {zero:,} of {total:,} "
        f"({percent(zero / total)})."
    )
    drawn = figure("Which step wins", chart, what)
    text = tag("div", *(tag("p", each) for each in words))
    return section("Steps", tag("div", drawn, text, class_="charts"))


def errors_section(facts: Facts) -> Markup:
    """Tell the errors that can be known without the truth, before and after."""
    found = facts.errors
    after = "accepted" if found.accepted else "suggested, as nobody is accepted yet"
    figures = []
    if found.before.size:
        middle = [float(np.median(each)) for each in (found.before, found.after)]
        words = (
            f"Middle ones: {percent(middle[0], 2)} before, {percent(middle[1], 2)} after; "
            f"{people(found.before.size)}."
        )
        chart = charts.distributions(
            100 * found.before, 100 * found.after, "2D error, % of the box side"
        )
        figures.append(figure("2D error before and after", chart, _two(after), words))
    parts = [(name, 100 * one, 100 * two) for name, one, two in found.parts()]
    if parts:
        chart = charts.changes(parts, "distance of the keypoints, % of the box side", " %")
        words = f"{people(len(found.part_before))}; on the right the change."
        figures.append(figure("2D error by part of the body", chart, _two(after), words))
    if not figures:
        told = "Without keypoints there is no 2D error to tell of."
        return section("Before and after", tag("p", told), _promise(facts))
    sample = (
        f" Of {found.of:,} persons {found.looked:,} were looked at, evenly spread."
        if found.looked < found.of
        else ""
    )
    how = (
        "Before is Θ1, after is what is " + after + "." + sample + " Frontends and refiners may "
        "have pulled the body onto these very keypoints: a lower 2D error is no proof of a better "
        "body in 3D, nor a higher one of a worse. The figure on the left judges a step by "
        "keypoints hidden from it where it can."
    )
    return section(
        "Before and after",
        tag("div", *figures, class_="charts"),
        tag("p", how, class_="quiet small"),
        _promise(facts),
    )


def _promise(facts: Facts) -> Markup | None:
    found = facts.promise
    if not found.persons:
        return None
    rows = [(name, f"{gain:.2f}", found.own_steps[name]) for name, gain in found.gains.items()]
    by_part = any(float(gain) or own for _, gain, own in rows)
    parts = (
        "steps of their own for parts to take off so much more" if by_part else "no more by part"
    )
    words = (
        f"The recommender expects the suggested step to take {found.body:.1f} mm off the mean "
        f"joint error of a person, and {parts}, over all joints and {people(found.persons)}. "
        "It is what a machine expects, not what was measured."
    )
    names = "part", "expected further gain, mm", "accepted with a step of its own"
    return join(
        tag("h3", "Expected gain by part"),
        tag("p", words),
        table(names, rows) if by_part else None,
    )


def truth_section(facts: Facts) -> Markup | None:
    """Tell the errors against the truth; None where it is not known."""
    truth = facts.errors.truth
    if truth is None:
        return None
    after = "accepted" if facts.errors.accepted else "suggested"
    rows = [
        ("Θ1", f"{truth.rough:.1f}"),
        ("a step drawn at random from the same trajectory", f"{truth.chance:.1f}"),
        ("the suggested step", f"{truth.suggested:.1f}"),
        *([("accepted", f"{truth.after:.1f}")] if facts.errors.accepted else []),
    ]
    gain, low, high = truth.gain
    words = (
        f"What is {after} is better than Θ1 by {gain:.1f} mm ({low:.1f} to {high:.1f}, 95 % "
        f"interval over {people(truth.persons)}); {truth.worse} "
        f"{'is' if truth.worse == 1 else 'are'} worse by more than {WORSE:.0f} mm. The truth had "
        "no part in refining or suggesting. Errors are means over 24 joints, pelvis on pelvis."
    )
    return section(
        "Against the ground truth",
        tag("p", words),
        table(("annotation", "mean joint error, mm"), rows),
    )


def _two(after: str) -> Markup:
    return legend([("before", "Θ1"), ("after", after)])


def _binned(chosen: list[int], suggested: list[int]) -> tuple[list[str], list[int], list[int]]:
    """Put steps together so that few columns are left; step 0 stays alone."""
    wide = max(1, -(-(len(chosen) - 1) // COLUMNS))
    names, sums = ["0"], [[chosen[0]], [suggested[0]]]
    for start in range(1, len(chosen), wide):
        end = min(start + wide, len(chosen))
        names.append(str(start) if end - start == 1 else f"{start}–{end - 1}")
        for total, each in zip(sums, (chosen, suggested), strict=True):
            total.append(sum(each[start:end]))
    return names, sums[0], sums[1]
