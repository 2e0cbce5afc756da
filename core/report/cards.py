"""The hardest persons: a card each, with the command that opens the window on them."""

from shlex import quote

from core.report.gathering import Facts
from core.report.hardest import Hard
from core.report.markup import Markup, percent, tag
from core.report.pieces import STATES, section


def hardest_section(facts: Facts) -> Markup:
    """Show them, a card each."""
    if not facts.hardest:
        return section("Hardest persons", tag("p", "Nobody stands out."))
    words = (
        "First those on whom reviewers differ, then those who wait for someone, on whom a reviewer "
        "has thought again, or in whom nobody was found; then by the 2D error of Θ1, a share of "
        "the box side. Left: Θ1; right: the step that is named, with its own 2D error. The "
        "command, given in the project's folder, opens the window on the person; a click selects "
        "it, to be copied."
    )
    cards = [_card(each, facts.project) for each in facts.hardest]
    return section("Hardest persons", tag("p", words), tag("div", *cards, class_="people"))


def _card(each: Hard, project: str) -> Markup:
    tags = [f"#{word}" for word in each.tags.split()]
    score = "" if each.score is None else f", {percent(each.score, 1)}"
    return tag(
        "article",
        tag("h3", tag("bdi", each.name)),
        tag(
            "ul", *(tag("li", why) for why in (STATES[each.state], *each.why, *tags)), class_="why"
        ),
        tag(
            "div",
            _picture(each.before, f"{each.name}, Θ1", "Θ1", each.shown),
            _picture(
                each.after, f"{each.name}, {each.shown}", f"{each.shown}{score}", "no other step"
            ),
            class_="pair",
        ),
        tag("blockquote", each.remark) if each.remark else None,
        tag("code", f"diffannot review {quote(project)} ", tag("span", f"--person {each.id}")),
        class_="card",
    )


def _picture(url: str, alt: str, words: str, missing: str) -> Markup:
    if not url:
        return tag("div", tag("div", missing or "no picture", class_="none"))
    return tag("div", tag("img", src=url, alt=alt), tag("span", words))
