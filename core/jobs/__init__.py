"""Long work as plain generators: they yield `Progress`, look at a cancel token, and report."""

from core.jobs.accepting import accept_suggested, accept_track
from core.jobs.annotating import NOBODY, annotate, annotate_person
from core.jobs.making import Options
from core.jobs.report import Job, Report, finish

__all__ = [
    "NOBODY",
    "Job",
    "Options",
    "Report",
    "accept_suggested",
    "accept_track",
    "annotate",
    "annotate_person",
    "finish",
]
