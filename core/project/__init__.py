"""One `.diffannot` file: images, persons, evidence, Θ1, runs, and the journal of decisions."""

from core.project.decisions import Accept, AcceptTheta1, Decision, Flag, Place, Reject
from core.project.journal import Act, JournalEntry
from core.project.project import SUFFIX, Project
from core.project.reading import RunKey
from core.project.values import HAND, ImageRow, Person, PersonRow, Run, Source, State

__all__ = [
    "HAND",
    "SUFFIX",
    "Accept",
    "AcceptTheta1",
    "Act",
    "Decision",
    "Flag",
    "ImageRow",
    "JournalEntry",
    "Person",
    "PersonRow",
    "Place",
    "Project",
    "Reject",
    "Run",
    "RunKey",
    "Source",
    "State",
]
