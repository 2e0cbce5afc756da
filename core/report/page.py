"""The page of a report, made of its facts; it holds no script and asks the network for nothing."""

from core.report.cards import hardest_section
from core.report.gathering import Facts
from core.report.markup import Markup, tag
from core.report.review_sections import agreement_section, progress_section, reviewers_section
from core.report.step_sections import errors_section, steps_section, truth_section
from core.report.style import STYLE

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What the page may load: even where text slipped in as a tag it could do nothing."""

SECTIONS = (
    progress_section,
    reviewers_section,
    agreement_section,
    steps_section,
    errors_section,
    truth_section,
    hardest_section,
)


def page(facts: Facts) -> str:
    """Return the page."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", f"{facts.project} – DiffAnnot report"),
        tag("style", Markup(STYLE)),
    )
    when = f"{facts.time[:10]}, {facts.time[11:16]} UTC · {facts.software}"
    main = tag(
        "main",
        tag("h1", tag("bdi", facts.project)),
        tag("p", when, class_="quiet"),
        *(section(facts) for section in SECTIONS),
        _foot(facts),
    )
    return f'<!doctype html>\n<html lang="en">{head}{tag("body", main)}</html>\n'


def _foot(facts: Facts) -> Markup:
    words = (
        f"Made by diffannot report {facts.project} from the project file alone; --json prints the "
        "figures. The page loads nothing from anywhere."
    )
    return tag("footer", tag("p", words))
