"""Decisions without a window: what the scores suggest, accepted."""

from core.jobs.report import Job, Report
from core.progress import CancelToken, Progress
from core.project import Accept, Project, State
from core.project.bulk import Verb, on_many
from core.project.tracks import accept_step, between, track_of


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


def accept_track(
    project: Project,
    track: str,
    frames: tuple[int, int] | None = None,
    step: int | None = None,
    min_gain: float | None = None,
) -> Report:
    """Accept the undecided persons of a track in one entry of the journal.

    Parameters
    ----------
    project : Project
        The decision goes into its journal.
    track : str
        Whose.
    frames : (int, int) or None
        First and last frame, both in it; None takes all.
    step : int or None
        Of everybody; None takes what is suggested for each.
    min_gain : float or None
        As of `accept_suggested`.

    Raises
    ------
    ProjectError
        There is no such track, or nobody of it is undecided and has a trajectory.
    """
    whole = track_of(project.rows(), track)
    rows = whole if frames is None else between(whole, *frames)
    open_rows = [row for row in rows if row.state is State.UNDECIDED and row.run_id is not None]
    chosen = [row for row in open_rows if min_gain is None or (row.expected_gain or 0) >= min_gain]
    given = on_many(chosen, Verb.ACCEPT_SUGGESTED) if step is None else accept_step(chosen, step)
    project.decide(given)
    return Report(len(chosen), len(rows) - len(chosen))
