"""Decisions without a window: what the scores suggest, accepted."""

from core.jobs.report import Job, Report
from core.progress import CancelToken, Progress
from core.project import Accept, Project, State


def accept_suggested(
    project: Project, min_gain: float | None = None, cancel: CancelToken | None = None
) -> Job:
    """Accept the suggested step of every undecided person who has one.

    Parameters
    ----------
    project : Project
        Decisions go into its journal like any other.
    min_gain : float or None
        Millimetres. Where the suggestion promises less, the person stays undecided; None accepts
        all, "keep step 0" too.
    """
    cancel = cancel or CancelToken()
    rows = [row for row in project.rows() if row.state is State.UNDECIDED]
    done = 0
    for number, row in enumerate(rows):
        cancel.check()
        yield Progress(number, len(rows), row.name)
        if row.suggested_step is None or row.run_id is None:
            continue
        if min_gain is not None and (row.expected_gain or 0) < min_gain:
            continue
        project.decide(Accept(row.id, row.run_id, row.suggested_step))
        done += 1
    yield Progress(len(rows), len(rows), "done")
    return Report(done, len(rows) - done)
