"""All that a report says of a project."""

from collections.abc import Generator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.progress import CancelToken, Progress
from core.project import Project
from core.report import facts, looking, reviewers
from core.report.agreement import Agreement, agreements
from core.report.hardest import Hard, hardest, portraits
from core.report.reviewers import Opinions, Reviewer
from core.truth import read_joints

if TYPE_CHECKING:
    from core.body import BodyModel


@dataclass(frozen=True, eq=False)
class Facts:
    """What a report says; the pages of `core.report.page` are made of it.

    Parameters
    ----------
    project, software, time
        File name; what made the report, and when: UTC, ISO 8601.
    progress, steps, promise, reviewers, agreements, opinions, errors, hardest
        Its sections.
    """

    project: str
    software: str
    time: str
    progress: facts.Progress
    steps: facts.Steps
    promise: facts.Promise
    reviewers: list[Reviewer]
    agreements: list[Agreement]
    opinions: Opinions
    errors: looking.Errors
    hardest: list[Hard]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, without pictures; distributions as percentiles."""
        errors = self.errors
        told = {
            name: asdict(getattr(self, name))
            for name in ("progress", "steps", "promise", "opinions")
        }
        return {
            "project": self.project,
            "time": self.time,
            **told,
            "reviewers": [asdict(each) for each in self.reviewers],
            "agreements": [asdict(each) for each in self.agreements],
            "errors": {
                "of": errors.of,
                "looked_at": errors.looked,
                "accepted": errors.accepted,
                "score_before": _percentiles(errors.before),
                "score_after": _percentiles(errors.after),
                "parts": {
                    name: {"before": before, "after": after}
                    for name, before, after in errors.parts()
                },
                "truth": asdict(errors.truth) if errors.truth else None,
            },
            "hardest": [{"id": each.id, "name": each.name, "why": each.why}
                        for each in self.hardest],
        }  # fmt: skip


def gather(
    project: Project, body: "BodyModel", truth: Path | None, cancel: CancelToken
) -> Generator[Progress, None, Facts]:
    """Gather the facts of a project; parameters as of `write_report`."""
    yield Progress(0, 0, "reading the journal")
    survey = project.survey()
    verdicts = reviewers.standing_verdicts(survey.lines)
    known = None if truth is None else read_joints(truth, len(survey.persons))
    errors = yield from looking.look(project, survey.persons, body, known, cancel)
    hard = hardest(survey.persons, survey.lines)
    return Facts(
        project.path.name,
        f"DiffAnnot {version('diffannot')}",
        datetime.now(UTC).isoformat(timespec="minutes"),
        facts.progress(survey, verdicts),
        facts.steps(survey.persons, verdicts),
        facts.promise(survey.persons),
        reviewers.reviewers(survey.lines),
        agreements(verdicts),
        reviewers.opinions(survey.lines),
        errors,
        (yield from portraits(project, hard, body, cancel)),
    )


def _percentiles(values: NDArray[np.float64]) -> dict[str, float] | None:
    if not values.size:
        return None
    at = (10, 25, 50, 75, 90)
    return {str(each): float(np.percentile(values, each)) for each in at}
