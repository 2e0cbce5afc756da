"""Decisions without a window: what the scores suggest, accepted."""

import numpy as np

from core.jobs.report import Job, Report
from core.progress import CancelToken, Progress
from core.project import Accept, Person, Project, State


def accept_suggested(
    project: Project, min_gain: float | None = None, cancel: CancelToken | None = None
) -> Job:
    """Accept the suggested step of every undecided person who has one.

    Parameters
    ----------
    project : Project
        Decisions go into its journal like any other.
    min_gain : float or None
        Millimetres. Where the suggestion promises less (`gain_mm`), the person stays undecided;
        None accepts all, "keep step 0" too.
    """
    cancel = cancel or CancelToken()
    rows = [row for row in project.rows() if row.state is State.UNDECIDED]
    done = 0
    for number, row in enumerate(rows):
        cancel.check()
        yield Progress(number, len(rows), row.name)
        if row.suggested_step is None:
            continue
        person = project.person(row.id)
        if person.run is None or (min_gain is not None and gain_mm(person) < min_gain):
            continue
        project.decide(Accept(row.id, person.run.id, person.run.suggestion.step))
        done += 1
    yield Progress(len(rows), len(rows), "done")
    return Report(done, len(rows) - done)


def gain_mm(person: Person) -> float:
    """Return the expected gain of a person's suggestion in millimetres.

    The score is a share of the box side; the share times the side is a distance in the picture,
    seen at the body's depth: share · side · z / focal. It is the gain across the line of sight,
    so the gain in space is larger. 0 where there is no run.
    """
    if person.run is None:
        return 0.0
    theta1 = person.run.trajectory.steps[0]
    pixels = person.run.suggestion.expected_gain * person.evidence.box.side
    gain = pixels * float(theta1.transl[2]) / theta1.camera.focal * 1000
    return float(np.nan_to_num(gain))
